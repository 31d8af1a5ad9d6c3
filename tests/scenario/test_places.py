"""Roots and staging folders that are absent, replaced or another server's.

Nothing is acknowledged into a folder that is not the one, and nothing is lost
when the right one is back.
"""

import contextlib
import os
import shutil
import signal
import subprocess

import pytest

from bitsd import Bitsd, binary
from injector import injected_bitsd
from mounts import need_mounts, run, tmpfs
from packets import Request, pattern
from staging import session_file, staged_files, wait_staged
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)

TOTAL = 300000
HOUR = 3600


def begin(bitsd, path="/a.bin", count=100000):
    """A session with so many acknowledged bytes."""
    connection = bitsd.connect()
    identity = create(connection, path)
    response = fragment(connection, identity, 0, count - 1, TOTAL, path)
    expect(response, 200, next=count)
    connection.close()
    return identity


def complete(bitsd, identity, path="/a.bin", done=100000):
    connection = bitsd.connect()
    response = fragment(connection, identity, done, TOTAL - 1, TOTAL, path)
    expect(response, 200, next=TOTAL)
    expect(ask(connection, Request("close", path, identity)), 200)
    connection.close()


def ping(bitsd, path="/a.bin"):
    connection = bitsd.connect()
    try:
        return ask(connection, Request("ping", path)).status
    finally:
        connection.close()


def expect_away(bitsd, identity, path="/a.bin"):
    """Every packet is refused with a temporary error."""
    for request in (Request("ping", path), Request("create", path),
                    fragment_request(identity, 0, TOTAL - 1, TOTAL, path),
                    Request("close", path, identity),
                    Request("cancel", path, identity)):
        connection = bitsd.connect()
        expect(ask(connection, request), 503, "EBUSY")
        connection.close()


def wait_away(bitsd, path="/a.bin"):
    until(lambda: ping(bitsd, path) == 503)


def wait_back(bitsd, path="/a.bin"):
    until(lambda: ping(bitsd, path) == 200)


def expect_whole(file):
    assert file.read_bytes() == pattern("S", 0, TOTAL)


def server(**options):
    """A server with two sections; / is the one that things happen to."""
    made = Bitsd(server={}, uploads={"/": options,
                                     "/other": {"root": "other"}})
    (made.home / "other").mkdir()
    return made


def away(bitsd):
    """Moves the root away, as a disk goes that is unmounted."""
    os.rename(bitsd.inbox, bitsd.home / "disk")
    bitsd.inbox.mkdir()


def back(bitsd):
    """Mounts it again."""
    shutil.rmtree(bitsd.inbox)
    os.rename(bitsd.home / "disk", bitsd.inbox)


# --- at the start ------------------------------------------------------------


def delivering(bitsd):
    """A session whose delivery was cut off before the rename by a kill."""
    connection = bitsd.connect()
    identity = create(connection)
    connection.send(fragment_request(identity, 0, TOTAL - 1, TOTAL).data())
    return identity



def unmount(bitsd):
    away(bitsd)


def remove_root(bitsd):
    os.rename(bitsd.inbox, bitsd.home / "disk")


def remove_staging(bitsd):
    os.rename(bitsd.inbox / ".bitsd", bitsd.home / "staging")


def bring_back(bitsd):
    if (bitsd.home / "staging").exists():
        shutil.rmtree(bitsd.inbox / ".bitsd", ignore_errors=True)
        os.rename(bitsd.home / "staging", bitsd.inbox / ".bitsd")
    else:
        shutil.rmtree(bitsd.inbox, ignore_errors=True)
        os.rename(bitsd.home / "disk", bitsd.inbox)


@pytest.mark.parametrize("spoil", [unmount, remove_root, remove_staging])
def test_a_cut_off_delivery_waits_for_its_disk(spoil):
    """DELIVERING without a staged file is delivered in its own folder only."""
    uploads = {"/": {}, "/other": {"root": "other"}}
    with injected_bitsd(server={}, uploads=uploads,
                        folders=["other"]) as (bitsd, injector):
        move = injector.inject("rename hold")
        identity = delivering(bitsd)
        move.wait_held()
        bitsd.kill()
        move.end()
        spoil(bitsd)
        bitsd.start()
        assert "is the disk mounted?" in bitsd.log.wait("place-away") or \
            "is its disk mounted?" in bitsd.log.wait("place-away")
        expect_away(bitsd, identity)
        # The other section works.
        other = begin(bitsd, "/other/b.bin")
        complete(bitsd, other, "/other/b.bin")
        bring_back(bitsd)
        wait_back(bitsd)
        connection = bitsd.connect()
        response = fragment(connection, identity, 0, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd.inbox / "a.bin")
        assert not staged_files(bitsd.inbox / ".bitsd")


@pytest.mark.parametrize("spoil", [unmount, remove_root, remove_staging])
def test_an_unfinished_upload_waits_for_its_disk(spoil):
    with server() as bitsd:
        identity = begin(bitsd)
        bitsd.stop()
        spoil(bitsd)
        bitsd.start()
        expect_away(bitsd, identity)
        bring_back(bitsd)
        wait_back(bitsd)
        complete(bitsd, identity)
        expect_whole(bitsd.inbox / "a.bin")


@pytest.mark.parametrize("option", ["root", "temp_dir"])
def test_an_unfinished_upload_is_not_looked_for_elsewhere(option):
    """root or temp_dir was changed in the configuration."""
    with server() as bitsd:
        identity = begin(bitsd)
        bitsd.stop()
        (bitsd.home / "new").mkdir()
        bitsd.uploads["/"] = {option: "new"}
        bitsd.start()
        bitsd.log.wait(["place-away", "1 unfinished upload to /",
                        "--forget-uploads"])
        expect_away(bitsd, identity)
        bitsd.log.wait(["refused", "PLACE_AWAY", "--forget-uploads"])
        bitsd.stop()
        bitsd.uploads["/"] = {}
        bitsd.start()
        complete(bitsd, identity)


def test_sections_that_change_their_roots_do_not_take_each_others_uploads():
    """Both staging folders carry the id of the index."""
    with server() as bitsd:
        identity = begin(bitsd)
        other = begin(bitsd, "/other/b.bin")
        bitsd.stop()
        bitsd.uploads = {"/": {"root": "other"}, "/other": {"root": "inbox"}}
        bitsd.start()
        expect_away(bitsd, identity)
        expect_away(bitsd, other, "/other/b.bin")
        bitsd.stop()
        bitsd.uploads = {"/": {}, "/other": {"root": "other"}}
        bitsd.start()
        complete(bitsd, identity)
        complete(bitsd, other, "/other/b.bin")


def test_a_known_root_that_is_missing_stops_no_other_section():
    """Also without unfinished uploads: its disk may be absent."""
    with server() as bitsd:
        complete(bitsd, begin(bitsd))
        bitsd.stop()
        remove_root(bitsd)
        bitsd.start()
        assert ping(bitsd) == 503
        complete(bitsd, begin(bitsd, "/other/b.bin"), "/other/b.bin")
        bring_back(bitsd)
        wait_back(bitsd)
        expect_whole(bitsd.inbox / "a.bin")


def test_a_root_that_was_never_there_is_an_error_at_the_start():
    bitsd = Bitsd(server={}, uploads={"/": {"root": "mistyped"}})
    bitsd.start(wait=False)
    bitsd.log.wait("does not exist; make it, or correct root")
    bitsd.wait_stopped(1)
    bitsd.close()


def test_a_new_folder_without_unfinished_uploads_is_taken():
    with server() as bitsd:
        complete(bitsd, begin(bitsd))
        bitsd.stop()
        away(bitsd)
        bitsd.start()
        complete(bitsd, begin(bitsd))
        expect_whole(bitsd.inbox / "a.bin")


# --- while it runs -----------------------------------------------------------


def test_a_root_that_is_replaced_takes_nothing_until_it_is_back():
    with server() as bitsd:
        identity = begin(bitsd)
        away(bitsd)
        wait_away(bitsd)
        bitsd.log.wait(["place-away", "--forget-uploads"])
        expect_away(bitsd, identity)
        back(bitsd)
        wait_back(bitsd)
        bitsd.log.wait("place-back")
        complete(bitsd, identity)
        expect_whole(bitsd.inbox / "a.bin")


def test_a_running_fragment_is_not_delivered_into_a_root_that_was_replaced():
    """At once: bitsd has not looked at the root since."""
    with server() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, TOTAL - 1, TOTAL)
        data = request.data()
        connection.send(data[:-1000])
        wait_staged(bitsd.inbox / ".bitsd", identity, TOTAL - 1000)
        away(bitsd)
        connection.send(data[-1000:])
        response = answer(connection, request)
        expect(response, 503, "EBUSY", TOTAL)
        assert os.listdir(bitsd.home / "disk") == [".bitsd"]
        back(bitsd)
        wait_back(bitsd)
        complete(bitsd, identity, done=TOTAL - 1)
        expect_whole(bitsd.inbox / "a.bin")


def test_an_empty_file_is_not_delivered_into_a_root_that_was_replaced():
    with server() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        away(bitsd)
        response = ask(connection, Request("close", "/a.bin", identity))
        expect(response, 503, "EBUSY")
        back(bitsd)
        wait_back(bitsd)
        connection = bitsd.connect()
        expect(ask(connection, Request("close", "/a.bin", identity)), 200)
        assert (bitsd.inbox / "a.bin").read_bytes() == b""


def test_a_new_root_without_unfinished_uploads_waits_for_a_reload():
    """It may be the mount point of a disk that will be back.  An upload
    without bytes and a connection are there."""
    with server() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        away(bitsd)
        wait_away(bitsd)
        bitsd.log.wait(["place-away", "or reload bitsd to use the new one"])
        expect(ask(connection, Request("create", "/b.bin")), 503, "EBUSY")
        assert os.listdir(bitsd.inbox) == []
        bitsd.signal(signal.SIGHUP)
        wait_back(bitsd)
        complete(bitsd, identity, done=0)
        expect_whole(bitsd.inbox / "a.bin")
        assert os.listdir(bitsd.home / "disk") == [".bitsd"]


def test_a_reload_accepts_no_root_that_is_replaced_later():
    with server() as bitsd:
        bitsd.signal(signal.SIGHUP)
        bitsd.log.wait("reload done")
        complete(bitsd, begin(bitsd))
        away(bitsd)
        wait_away(bitsd)
        bitsd.log.wait(["place-away", "or reload bitsd to use the new one"])
        back(bitsd)
        wait_back(bitsd)
        expect_whole(bitsd.inbox / "a.bin")


def test_a_stalled_upload_lets_go_of_a_root_that_went_away():
    """The one who comes back takes it over, away or not."""
    with server() as bitsd:
        stalled = bitsd.connect()
        identity = create(stalled)
        data = fragment_request(identity, 0, TOTAL - 1, TOTAL).data()
        stalled.send(data[:-1000])
        wait_staged(bitsd.inbox / ".bitsd", identity, TOTAL - 1000)
        away(bitsd)
        wait_away(bitsd)
        back(bitsd)
        wait_back(bitsd)
        complete(bitsd, identity, done=TOTAL - 1000)
        stalled.expect_end()


def test_sighup_looks_at_once():
    with server() as bitsd:
        identity = begin(bitsd)
        mark = len(bitsd.log.lines)
        away(bitsd)
        bitsd.signal(signal.SIGHUP)
        reason = "was replaced by another folder or mount"
        bitsd.log.wait(["place-away", "root and staging folder", reason], mark)
        expect_away(bitsd, identity)


@contextlib.contextmanager
def mounted(kind, folder, *options):
    run("mount", *options, kind, folder)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=False,
                       stderr=subprocess.DEVNULL)


def test_a_disk_that_is_mounted_over_the_root():
    need_mounts()
    with server() as bitsd:
        identity = begin(bitsd)
        with mounted("none", bitsd.inbox, "-t", "tmpfs"):
            wait_away(bitsd)
            expect_away(bitsd, identity)
            assert os.listdir(bitsd.inbox) == []
        wait_back(bitsd)
        complete(bitsd, identity)
        expect_whole(bitsd.inbox / "a.bin")


def test_a_disk_that_is_unmounted_lazily_and_mounted_again():
    with tmpfs(8 << 20) as disk:
        with server() as bitsd:
            root = bitsd.home / "mnt"
            root.mkdir()
            bitsd.stop()
            bitsd.uploads["/"] = {"root": "mnt", "min_free_space": "0"}
            with mounted(disk, root, "--bind"):
                bitsd.start()
                identity = begin(bitsd)
                run("umount", "-l", root)
                wait_away(bitsd)
                expect_away(bitsd, identity)
                assert os.listdir(root) == []
                run("mount", "--bind", disk, root)
                wait_back(bitsd)
                complete(bitsd, identity)
                expect_whole(root / "a.bin")
            bitsd.stop()


# --- giving up ---------------------------------------------------------------


def forget(bitsd, prefix):
    return subprocess.run(
        [binary(), "-c", bitsd.config_path, "--forget-uploads", prefix],
        capture_output=True, text=True, check=False, timeout=60)


def test_uploads_are_forgotten_on_demand():
    with server() as bitsd:
        identity = begin(bitsd)
        other = begin(bitsd, "/other/b.bin")
        done = forget(bitsd, "/")
        assert done.returncode == 1 and "another bitsd (pid" in done.stderr
        bitsd.stop()
        shutil.rmtree(bitsd.inbox / ".bitsd")
        bitsd.start()
        expect_away(bitsd, identity)
        bitsd.stop()
        done = forget(bitsd, "/mistyped")
        assert done.returncode == 1 and "/, /other" in done.stderr, done
        done = forget(bitsd, "/")
        assert (done.returncode, done.stdout) == \
            (0, "/: 1 unfinished upload forgotten\n")
        bitsd.start()
        connection = bitsd.connect()
        response = fragment(connection, identity, 0, 9, TOTAL)
        expect(response, 500, "ENOSESSION")
        complete(bitsd, begin(bitsd))
        complete(bitsd, other, "/other/b.bin")


def test_uploads_of_a_prefix_that_is_gone_are_listed_and_expire():
    uploads = {"/": {}, "/old": {"root": "old", "session_timeout": "2d",
                                 "empty_session_timeout": "1h"}}
    with injected_bitsd(server={}, uploads=uploads,
                        folders=["old"]) as (bitsd, injector):
        identity = begin(bitsd, "/old/a.bin")
        staging = bitsd.home / "old" / ".bitsd"
        bitsd.stop()
        section = bitsd.uploads.pop("/old")
        mark = len(bitsd.log.lines)
        bitsd.start()
        line = bitsd.log.wait(["prefix-removed", 'prefix=/old'], mark)
        assert "sessions=1" in line
        assert session_file(staging, identity)
        injector.inject(f"clock wall|boot lie {100 * HOUR}")
        until(lambda: session_file(staging, identity) is None)
        bitsd.log.wait(["prefix-expired", "sessions=1"])
        bitsd.stop()
        mark = len(bitsd.log.lines)
        bitsd.start()
        bitsd.stop()
        assert not bitsd.log.find("prefix-removed", mark)
        bitsd.uploads["/old"] = section
        bitsd.start()
        connection = bitsd.connect()
        response = fragment(connection, identity, 0, 9, TOTAL, "/old/a.bin")
        expect(response, 500, "ENOSESSION")


# --- folders of others -------------------------------------------------------


def test_the_folders_of_another_server_are_not_destinations():
    """They are recognised by what they hold."""
    with Bitsd() as inner:
        identity = begin(inner)
        staged = session_file(inner.inbox / ".bitsd", identity)
        name = os.path.relpath(staged, inner.home)
        with Bitsd(server={}, uploads={"/": {"root": inner.home,
                                             "on_exists": "replace",
                                             "create_folders": "yes",
                                             "temp_dir": "staging"}}) as outer:
            for path in ("inbox/.bitsd/index.db", "inbox/.bitsd/new", name,
                         "inbox/.bitsd/index-id", "inbox/.bitsd/new/x"):
                connection = outer.connect()
                response = ask(connection, Request("create", f"/{path}"))
                expect(response, 403, "EACCES")
            # Its delivered files are files like others.
            complete(outer, begin(outer, "/inbox/b.bin"), "/inbox/b.bin")
        complete(inner, identity)


def test_no_upload_makes_a_folder_look_like_one_of_a_server():
    with Bitsd(server={}, uploads={"/": {"create_folders": "yes"}}) as bitsd:
        for path in ("/sub/staging.lock", "/sub/Index.Lock"):
            connection = bitsd.connect()
            expect(ask(connection, Request("create", path)), 403, "EACCES")
        for path in ("/sub/index-id", "/sub/index.db",
                     "/sub/staging.lock/a.bin"):
            complete(bitsd, begin(bitsd, path), path)
        complete(bitsd, begin(bitsd, "/sub/more.bin"), "/sub/more.bin")


# --- cleaners ----------------------------------------------------------------


def test_folders_that_a_cleaner_removes_are_made_again():
    with server() as bitsd:
        subprocess.run(["find", bitsd.inbox, "-mindepth", "1", "-type", "d",
                        "-empty", "-delete"], check=True)
        identity = begin(bitsd)
        complete(bitsd, identity)
        expect_whole(bitsd.inbox / "a.bin")


def test_systemd_tmpfiles_leaves_the_staging_folder_alone(tmp_path):
    """Without the line that excludes it."""
    rules = tmp_path / "uploads.conf"
    with server() as bitsd:
        identity = begin(bitsd)
        (bitsd.inbox / "old").write_text("goes")
        rules.write_text(f"e {bitsd.inbox} - - - 0\n")
        subprocess.run(["systemd-tmpfiles", "--clean", rules], check=True)
        assert not (bitsd.inbox / "old").exists()
        complete(bitsd, identity)
        expect_whole(bitsd.inbox / "a.bin")


def test_the_start_says_which_bytes_of_a_section_count(tmp_path):
    """tmpfs tells its mounts apart, an overlay does not."""
    with tmpfs(8 << 20) as folder:
        for name in ("plain", "lower", "upper", "work", "merged"):
            (folder / name).mkdir()
        run("mount", "-t", "overlay", "none", "-o",
            f"lowerdir={folder}/lower,upperdir={folder}/upper,"
            f"workdir={folder}/work", folder / "merged")
        try:
            with Bitsd(uploads={"/plain": {"root": folder / "plain"},
                                "/over": {"root": folder / "merged"}},
                       server={"log_level": "debug"},
                       home=tmp_path) as bitsd:
                bitsd.log.wait(["place-open", "plain", "counts=instance"])
                bitsd.log.wait(["place-open", "merged", "counts=synced"])
        finally:
            run("umount", folder / "merged")
