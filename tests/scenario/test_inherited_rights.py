"""Delivered files and made folders have the rights that open(2) and mkdir(2)
would give them at the destination."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from bitsd import Bitsd
from picky import picky
from talk import create, expect, fragment
from tracer import Tracer

TEAM = 12345
OTHERS = 12346
SERVER = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="giving groups needs root")


def upload(bitsd, path):
    connection = bitsd.connect()
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, 9, 10, path), 200, next=10)
    connection.close()
    return bitsd.inbox / path[1:]


def by_hand(make, *arguments):
    """What a program of root's makes under a umask of 0."""
    old = os.umask(0)
    try:
        make(*arguments)
    finally:
        os.umask(old)


def file_by_hand(path, mode):
    by_hand(lambda: os.close(os.open(path, os.O_CREAT | os.O_EXCL, mode)))
    return path


def folder_by_hand(path, mode):
    by_hand(os.mkdir, path, mode)
    return path


def rights(path):
    """Mode, group and ACLs."""
    info = path.stat()
    acls = subprocess.run(["getfacl", "-cnEp", path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return oct(info.st_mode), info.st_gid, acls


def acl(path, *entries):
    if not shutil.which("setfacl"):
        pytest.skip("setfacl is not installed")
    done = subprocess.run(["setfacl", *entries, path], check=False,
                          stderr=subprocess.PIPE, text=True)
    if "not supported" in done.stderr:
        pytest.skip(f"no ACLs on {path}: {done.stderr}")
    assert done.returncode == 0, done.stderr


def setgid_folder(path):
    path.mkdir()
    os.chown(path, -1, TEAM)
    path.chmod(0o2770)
    return path


DEFAULTS = {
    "none": [],
    "minimal": ["-dm", "u::rwx,g::---,o::r--"],
    "a team reads": ["-dm", f"g:{TEAM}:rX"],
    "mask": ["-dm", f"u:{TEAM}:rwx,g:{TEAM}:rwx,g::rwx,o::rwx,m::rw"],
}


@pytest.mark.parametrize("setgid", [False, True])
@pytest.mark.parametrize("file_mode", ["0640", "0666", "0400"])
@pytest.mark.parametrize("entries", DEFAULTS.values(), ids=DEFAULTS.keys())
def test_rights_are_those_of_a_file_made_by_hand(entries, file_mode, setgid):
    options = {"create_folders": "yes", "file_mode": file_mode,
               "folder_mode": "0775"}
    with Bitsd(uploads={"/": options}) as bitsd:
        folder = bitsd.inbox / "team"
        if setgid:
            setgid_folder(folder)
        else:
            folder.mkdir()
        if entries:
            acl(folder, *entries)
        mode = int(file_mode, 8)
        hand = file_by_hand(folder / "hand", mode)
        assert rights(upload(bitsd, "/team/a.bin")) == rights(hand)
        hand = folder_by_hand(folder / "by-hand", 0o775)
        below = file_by_hand(hand / "hand", mode)
        assert rights(upload(bitsd, "/team/new/a.bin")) == rights(below)
        assert rights(folder / "new") == rights(hand)


def test_nothing_is_inherited_from_the_staging_folder():
    with Bitsd(uploads={"/": {"temp_dir": "staging"}}) as bitsd:
        staging = bitsd.home / "staging"
        for folder in (staging, *staging.iterdir()):
            if folder.is_dir():
                os.chown(folder, -1, TEAM)
                folder.chmod(0o2700)
                acl(folder, "-dm", f"u:{TEAM}:rwx")
        hand = file_by_hand(bitsd.inbox / "hand", 0o640)
        assert rights(upload(bitsd, "/a.bin")) == rights(hand)


OFF = {"inherit_rights": "no", "create_folders": "yes"}


def plain_file(bitsd, mode=0o640, group=None):
    """The rights of a file with a mode and nothing else."""
    with tempfile.NamedTemporaryFile(dir=bitsd.home) as file:
        os.chmod(file.name, mode)
        os.chown(file.name, -1, os.getegid() if group is None else group)
        return rights(Path(file.name))


def test_inherit_rights_can_be_switched_off():
    with Bitsd(uploads={"/": OFF}) as bitsd:
        folder = setgid_folder(bitsd.inbox / "team")
        acl(folder, "-dm", f"u:{TEAM}:rwx")
        file = upload(bitsd, "/team/a.bin")
        assert rights(file) == plain_file(bitsd)


def test_switched_off_nothing_is_inherited_from_the_root_either():
    """The root hands its group and ACL to .bitsd, and that to data files."""
    bitsd = Bitsd(uploads={"/": OFF})
    bitsd.inbox.rmdir()
    acl(setgid_folder(bitsd.inbox), "-dm", f"u:{OTHERS}:rwx")
    with bitsd:
        file = upload(bitsd, "/a.bin")
        assert rights(file) == plain_file(bitsd)


def test_switched_off_meanwhile_a_retry_drops_what_the_first_try_set():
    with Bitsd(uploads={"/": {"create_folders": "yes"}}) as bitsd:
        folder = setgid_folder(bitsd.inbox / "team")
        acl(folder, "-dm", f"u:{OTHERS}:rwx")
        connection = bitsd.connect()
        identity = create(connection, "/team/a.bin")
        (folder / "a.bin").mkdir()
        response = fragment(connection, identity, 0, 9, 10, "/team/a.bin")
        assert response.status == 400, response
        (folder / "a.bin").rmdir()
        bitsd.uploads["/"]["inherit_rights"] = "no"
        bitsd.reload()
        response = fragment(connection, identity, 0, 9, 10, "/team/a.bin")
        expect(response, 200, next=10)
        connection.close()
        assert rights(folder / "a.bin") == plain_file(bitsd)


# --- as another user ---


def server_of(*groups, **options):
    """A server that runs as a user who is in these groups."""
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    groups = ["--groups", ",".join(map(str, groups))] if groups else \
        ["--clear-groups"]
    user = ["setpriv", f"--reuid={SERVER}", f"--regid={SERVER}", *groups,
            "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
    bitsd = Bitsd(uploads={"/": {"create_folders": "yes", **options}},
                  wrapper=user)
    (bitsd.home / "state").mkdir()
    for path in (bitsd.home, bitsd.home / "state", bitsd.inbox):
        os.chown(path, SERVER, SERVER)
    return bitsd


def shared_folder(bitsd):
    """What a team shares with the server."""
    folder = setgid_folder(bitsd.inbox / "team")
    acl(folder, "-m", f"u:{SERVER}:rwx", "-dm", f"u:{SERVER}:rwx")
    return folder


def test_a_member_gives_files_the_group_of_the_folder():
    with server_of(TEAM) as bitsd:
        shared_folder(bitsd)
        file = upload(bitsd, "/team/new/a.bin")
        assert file.stat().st_gid == TEAM
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert file.parent.stat().st_gid == TEAM
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o2750


def test_a_server_outside_the_group_delivers_and_warns_once():
    with server_of() as bitsd:
        shared_folder(bitsd)
        words = ["warning", "rights", f"the group {TEAM}",
                 "SupplementaryGroups="]
        for name in ("a", "b"):
            file = upload(bitsd, f"/team/{name}.bin")
            assert file.stat().st_gid == SERVER
        bitsd.reload()
        assert len(bitsd.log.find(words)) == 1
        upload(bitsd, "/team/c.bin")
        bitsd.stop()
        assert len(bitsd.log.find(words)) == 2


def test_a_file_without_its_group_does_not_keep_that_of_the_root():
    """Who reads the root is not who reads the folder."""
    bitsd = server_of(TEAM)
    os.chown(bitsd.inbox, SERVER, TEAM)
    bitsd.inbox.chmod(0o2770)
    with bitsd:
        folder = setgid_folder(bitsd.inbox / "b")
        os.chown(folder, SERVER, OTHERS)
        folder.chmod(0o2770)
        file = upload(bitsd, "/b/a.bin")
        assert (bitsd.inbox / ".bitsd").stat().st_gid == TEAM
        assert rights(file) == plain_file(bitsd, group=SERVER)
        bitsd.log.wait(["warning", "rights", f"the group {OTHERS}"])


def test_a_group_that_the_name_space_does_not_have_stops_no_delivery():
    """In a container: the kernel answers EINVAL, not EPERM."""
    alone = ["unshare", "--user", "--map-root-user"]
    if subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("no user name space here")
    with Bitsd(uploads={"/": {}}, wrapper=alone) as bitsd:
        setgid_folder(bitsd.inbox / "team")
        file = upload(bitsd, "/team/a.bin")
        assert rights(file) == plain_file(bitsd)
        bitsd.log.wait(["warning", "rights", "/a.bin"])


@pytest.mark.parametrize("inherit", ["yes", "no"])
def test_a_file_system_that_fixes_groups_gets_its_files_and_a_warning(inherit):
    with picky(255, "fixed-groups") as root:
        backing = root.parent / "backing"
        os.chown(backing, -1, TEAM)
        backing.chmod(0o2770)
        with Bitsd(uploads={"/": {"root": root, "min_free_space": "0",
                                  "inherit_rights": inherit}}) as bitsd:
            (backing / "b").mkdir()
            os.chown(backing / "b", -1, OTHERS)
            (backing / "b").chmod(0o2770)
            upload(bitsd, "/b/a.bin")
            assert (root / "b" / "a.bin").stat().st_gid == TEAM
            bitsd.log.wait(["warning", "rights", f"keeps the group {TEAM}"])


def test_the_rights_are_complete_before_the_name_is_there():
    with Bitsd(uploads={"/": {"create_folders": "yes"}}) as bitsd:
        folder = setgid_folder(bitsd.inbox / "team")
        acl(folder, "-dm", f"u:{TEAM}:rwx")
        tracer = Tracer(bitsd, "-e",
                        "trace=/chown|chmod|setxattr|mkdir|renameat2")
        upload(bitsd, "/team/new/a.bin")
        tracer.end(False)
        names = [re.sub("at$", "", name) for name, _ in tracer.calls()]
        assert names == ["mkdir", "fchown", "fsetxattr", "renameat2"]
