"""store_as: where a file is delivered, with a folder for each user."""

import ctypes
import os
import re
import subprocess
import threading
import time

import pytest

from bitsd import Bitsd, binary
from packets import Request, pattern
from passwords import ask_as, create_as, credentials, upload_as
from talk import ask, create, expect, fragment, fragment_request
from test_rights import ANN, BOB, reload
from test_sign_in import Server

FOLDERS = {"store_as": "{user}/{name}"}


def files_in(folder):
    """Names below the folder, without those of bitsd itself."""
    found = set()
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".bitsd"]
        found |= {os.path.relpath(os.path.join(path, name), folder)
                  for name in names}
    return found


def test_each_user_has_a_folder():
    """Nothing has to be there; a client chooses no folder of its own."""
    with Server(options={**FOLDERS, "folder_mode": "0711"}) as bitsd:
        for user in (ANN, BOB):
            connection = bitsd.connect()
            upload_as(connection, "/a.bin", *user)
            upload_as(connection, "/deep/down/b.bin", *user)
            connection.close()
        assert files_in(bitsd.inbox) == {"ann/a.bin", "ann/b.bin",
                                         "bob/a.bin", "bob/b.bin"}
        assert (bitsd.inbox / "ann").stat().st_mode & 0o777 == 0o711
        bitsd.log.wait([" delivered:", "file=bob/b.bin",
                        "path=/deep/down/b.bin", "user=bob"])


def test_folders_of_the_client_need_create_folders():
    with Server(options={"store_as": "in/{user}/{path}"}) as bitsd:
        connection = bitsd.connect()
        upload_as(connection, "/a.bin", *ANN)
        response = ask_as(connection, Request("create", "/new/a.bin"), *ANN)
        expect(response, 404, "ENOPATH")
        bitsd.log.wait(["cause=FOLDER_MISSING", "in/ann/new does not exist"])
        reload(bitsd, create_folders="yes", create_folders_depth=1)
        upload_as(connection, "/new/a.bin", *ANN)
        upload_as(connection, "/new/a.bin", *BOB)
        response = ask_as(connection, Request("create", "/x/y/a.bin"), *ANN)
        expect(response, 404, "ENOPATH")
        connection.close()
        assert files_in(bitsd.inbox) == {"in/ann/a.bin", "in/ann/new/a.bin",
                                         "in/bob/new/a.bin"}


def test_a_reload_does_not_move_a_running_upload():
    """Nor does a restart; the folder is made at the delivery."""
    with Server(options=FOLDERS) as bitsd:
        connection = bitsd.connect()
        identity = create_as(connection, "/a.bin", *ANN)
        assert not (bitsd.inbox / "ann").exists()
        reload(bitsd, store_as="other/{name}")
        connection.close()
        bitsd.stop()
        bitsd.start()
        connection = bitsd.connect()
        request = fragment_request(identity, 0, 9, 10)
        expect(ask_as(connection, request, *ANN), 200, next=10)
        assert files_in(bitsd.inbox) == {"ann/a.bin"}
        upload_as(connection, "/a.bin", *ANN)
        assert files_in(bitsd.inbox) == {"ann/a.bin", "other/a.bin"}
        connection.close()


def test_the_url_stays_the_name_of_the_session():
    """V11 compares URLs, and both URLs lead to one file."""
    with Server(options=FOLDERS) as bitsd:
        connection = bitsd.connect()
        identity = create_as(connection, "/x/a.bin", *ANN)
        request = fragment_request(identity, 0, 9, 10, "/a.bin")
        expect(ask_as(connection, request, *ANN), 500, "ENOSESSION")
        request = fragment_request(identity, 0, 9, 10, "/x/a.bin")
        expect(ask_as(connection, request, *ANN), 200, next=10)
        response = ask_as(connection, Request("create", "/y/a.bin"), *ANN)
        expect(response, 403, "EACCES")
        bitsd.log.wait(["cause=FILE_EXISTS", "ann/a.bin exists"])
        connection.close()


def test_keep_both_and_replace_act_on_the_destination():
    with Server(options={**FOLDERS, "on_exists": "keep-both"}) as bitsd:
        connection = bitsd.connect()
        for _ in range(2):
            upload_as(connection, "/a.bin", *ANN)
        names = sorted(files_in(bitsd.inbox))
        assert len(names) == 2 and names[1] == "ann/a.bin"
        assert re.fullmatch(r"ann/a\.\d{8}T\d{6}Z-[0-9a-f]{8}\.bin", names[0])
        reload(bitsd, on_exists="replace")
        upload_as(connection, "/a.bin", *ANN, size=20)
        assert (bitsd.inbox / "ann" / "a.bin").stat().st_size == 20
        connection.close()


def test_head_looks_into_the_folder_of_the_user():
    with Server(options={**FOLDERS, "head": "yes"}) as bitsd:
        connection = bitsd.connect()
        upload_as(connection, "/a.bin", *ANN)
        connection.close()
        for user, status in ((ANN, 200), (BOB, 404)):
            connection = bitsd.connect()
            connection.send(
                "HEAD /a.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                f"Authorization: {credentials(*user)}\r\n\r\n".encode())
            parts = iter(lambda: connection.socket.recv(65536), b"")
            assert f"HTTP/1.1 {status} ".encode() in b"".join(parts)
            connection.close()


HOSTILE = ("..", ".bitsd", "a/b", "a%2Fb", "a\\b", "../../x", "ann ", "ANN")


def test_no_name_of_a_user_leaves_or_shares_a_folder():
    users = [(name, "pw") for name in HOSTILE] + [ANN]
    with Server(options=FOLDERS, users=users) as bitsd:
        connection = bitsd.connect()
        for name, password in users:
            upload_as(connection, "/a.bin", name, password)
        connection.close()
        assert files_in(bitsd.inbox) == {
            f"{folder}/a.bin" for folder in (
                "%2E%2E", "%2Ebitsd", "a%2Fb", "a%252Fb", "a%5Cb",
                "%2E.%2F..%2Fx", "ann%20", "ANN", "ann")}
        assert not (bitsd.home / "a.bin").exists()


def test_address_date_and_handle():
    with Bitsd(uploads={"/": {"store_as": "{date}/{peer}/{handle}-{name}"}}) \
            as bitsd:
        connection = bitsd.connect()
        before = time.strftime("%Y-%m-%d", time.gmtime())
        identity = create(connection, "/a.bin")
        expect(fragment(connection, identity, 0, 9, 10), 200, next=10)
        after = time.strftime("%Y-%m-%d", time.gmtime())
        connection.close()
        handle = identity.strip("{}")[-12:]
        assert files_in(bitsd.inbox) <= {
            f"{day}/127.0.0.1/{handle}-a.bin" for day in (before, after)}
        assert len(files_in(bitsd.inbox)) == 1


def test_sections_below_each_other_have_their_own():
    with Bitsd(uploads={"/a": {"store_as": "outer/{path}",
                               "create_folders": "yes"},
                        "/a/b": {"store_as": "inner/{path}",
                                 "temp_dir": "inner-staging"}}) as bitsd:
        connection = bitsd.connect()
        for path in ("/a/x.bin", "/a/b/x.bin", "/a/bb/x.bin"):
            identity = create(connection, path)
            expect(fragment(connection, identity, 0, 9, 10, path), 200,
                   next=10)
        connection.close()
        assert files_in(bitsd.inbox) == {"outer/x.bin", "outer/bb/x.bin",
                                         "inner/x.bin"}


def test_the_folders_of_store_as_count_for_max_folder_depth():
    with Bitsd(uploads={"/": {"store_as": "a/b/{path}", "max_folder_depth": 3,
                              "create_folders": "yes"}}) as bitsd:
        connection = bitsd.connect()
        create(connection, "/x/a.bin")
        response = ask(connection, Request("create", "/x/y/a.bin"))
        expect(response, 403, "EACCES")
        bitsd.log.wait("cause=TARGET_TOO_DEEP")
        connection.close()


@pytest.mark.parametrize("lines, words", [
    ('store_as = "{users}/{name}"',
     'store_as: "{users}/{name}" has a brace that belongs to no placeholder; '
     "write {path}, {name}, {user}, {peer}, {date} or {handle}"),
    ('store_as = "../{name}"',
     'store_as: "../{name}" is not a path below root; write it without empty '
     "parts, . and .."),
    ('store_as = "{user}/{name}"',
     'upload "/a": store_as has {user}, and access lets clients in without a '
     "name; set access to another way to sign in"),
    ('store_as = "{handle}"\n    head = yes',
     'upload "/a": store_as has {handle}, and a sender of HEAD does not know '
     "it; set head = no"),
    ('store_as = "a/b/{name}"\n    max_folder_depth = 1',
     'upload "/a": store_as has more folders than max_folder_depth allows; '
     "raise max_folder_depth"),
])
def test_wrong_values_are_errors(tmp_path, lines, words):
    path = tmp_path / "bitsd.conf"
    path.write_text(f'upload "/a" {{\n    root = "{tmp_path}"\n'
                    f"    {lines}\n}}\n")
    done = subprocess.run([binary(), "-c", path, "--test-config"], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert f"{path}:3: {words}" in done.stderr, done.stderr


# --- races ---


RENAME_EXCHANGE = 2
_libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    """Both change places in one step."""
    if _libc.renameat2(-1, os.fsencode(one), -1, os.fsencode(other),
                       RENAME_EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), "renameat2", str(one))


class Swapper(threading.Thread):
    """Lets two paths change places as fast as they can."""

    def __init__(self, one, other):
        super().__init__()
        self.paths = (one, other)
        self.ending = threading.Event()
        self.count = 0

    def run(self):
        while not self.ending.is_set():
            exchange(*self.paths)
            self.count += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.ending.set()
        self.join()


@pytest.mark.parametrize("target", ["outside", "inbox/bob"])
def test_a_link_in_place_of_a_users_folder_is_never_followed(target):
    """A user who can write to root cannot turn an upload elsewhere, whatever the
    moment: neither out of root nor into the folder of another user."""
    with Server(options={**FOLDERS, "on_exists": "keep-both"}) as bitsd:
        goal = bitsd.home / target
        goal.mkdir()
        folder, link = bitsd.inbox / "ann", bitsd.inbox / "link"
        folder.mkdir()
        link.symlink_to(goal)
        delivered = set()
        with Swapper(folder, link) as swapper:
            connection = bitsd.connect()
            for number in range(150):
                path = f"/{number}.bin"
                response = ask_as(connection, Request("create", path), *ANN)
                if response.status != 200:
                    expect(response, 403, "EACCES")
                    continue
                identity = response.get("BITS-Session-Id")
                request = fragment_request(identity, 0, 9, 10, path)
                if ask_as(connection, request, *ANN).status == 200:
                    delivered.add(f"{number}.bin")
            connection.close()
        assert swapper.count > 0
        assert list(goal.iterdir()) == []
        found = {os.path.basename(name) for name in files_in(bitsd.inbox)}
        assert delivered <= found


def test_two_users_reach_only_their_own_files():
    with Server(options={**FOLDERS, "on_exists": "replace"}) as bitsd:
        connection = bitsd.connect()
        upload_as(connection, "/a.bin", *ANN)
        for path in ("/ann/a.bin", "/../ann/a.bin", "/%2e%2e/ann/a.bin",
                     "/..%2fann%2fa.bin", "/ann%2Fa.bin"):
            response = ask_as(connection, Request("create", path), *BOB)
            if response.status == 200:
                identity = response.get("BITS-Session-Id")
                request = fragment_request(identity, 0, 4, 5, path, "evil")
                expect(ask_as(connection, request, *BOB), 200, next=5)
        connection.close()
        assert (bitsd.inbox / "ann" / "a.bin").read_bytes() == \
            pattern("S", 0, 10)
        assert files_in(bitsd.inbox) == {"ann/a.bin", "bob/a.bin"}
