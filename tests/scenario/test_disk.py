"""Disks that fill up or turn read-only: the right error, then onwards."""

import contextlib
import os
import shutil

from bitsd import Bitsd
from mounts import remount_read_only, run, tmpfs
from packets import Request, pattern
from talk import answer, ask, create, expect, fragment, fragment_request
from talk import wait_stored

MIB = 1 << 20


def server_on(folder, **options):
    """A server whose root is on a small file system of its own."""
    return Bitsd(uploads={"/": {"root": folder, "min_free_space": "0",
                                **options}})


def fill(folder, leave=0):
    """Takes all free space but so many bytes."""
    status = os.statvfs(folder)
    size = status.f_bavail * status.f_frsize - leave
    with open(folder / "filler", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def test_a_full_disk_is_told_and_the_session_resumes():
    """D-15: 0x80070070."""
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        total = 4 * MIB
        expect(fragment(connection, identity, 0, MIB - 1, total), 200, next=MIB)
        fill(folder)
        request = fragment_request(identity, MIB, total - 1, total)
        connection.send(request.data())
        response = answer(connection, request)
        assert response.get("BITS-Error-Code") == "0x80070070", response
        reached = int(response.get("BITS-Received-Content-Range"))
        assert MIB <= reached < total
        bitsd.log.wait(["refused", str(folder)])
        (folder / "filler").unlink()
        connection = bitsd.connect()
        response = fragment(connection, identity, reached, total - 1, total)
        expect(response, 200, next=total)
        assert (folder / "a.bin").read_bytes() == pattern("S", 0, total)


def test_a_disk_that_fills_up_in_mid_fragment():
    """What fits is kept; the client resumes from there."""
    with tmpfs(80 * MIB) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        total = 72 * MIB
        request = fragment_request(identity, 0, total - 1, total)
        connection.send(request.head() + request.body[:MIB])
        wait_stored(bitsd, identity, MIB, total)
        fill(folder)
        try:
            connection.send(request.body[MIB:])
        except ConnectionError:
            pass
        response = answer(connection, request)
        assert response.get("BITS-Error-Code") == "0x80070070", response
        reached = int(response.get("BITS-Received-Content-Range"))
        assert MIB <= reached < total
        (folder / "filler").unlink()
        connection = bitsd.connect()
        response = fragment(connection, identity, reached, total - 1, total)
        expect(response, 200, next=total)
        assert (folder / "a.bin").read_bytes() == pattern("S", 0, total)


def test_an_upload_that_cannot_fit_is_refused_at_its_first_fragment():
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        response = fragment(connection, identity, 0, 9, 9 * MIB)
        expect(response, 500, "EDISKFULL", 0)
        bitsd.log.wait(["refused", "WILL_NOT_FIT"])
        second = create(connection, "/b.bin")
        response = fragment(connection, second, 0, 9, MIB, "/b.bin")
        expect(response, 200, next=10)


def test_min_free_space_is_left_free():
    with tmpfs(8 * MIB) as folder, \
            server_on(folder, min_free_space="4m") as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        response = fragment(connection, identity, 0, 9, 5 * MIB)
        expect(response, 500, "EDISKFULL", 0)
        second = create(connection, "/b.bin")
        response = fragment(connection, second, 0, 9, 3 * MIB, "/b.bin")
        expect(response, 200, next=10)


def test_a_read_only_file_system_is_told_and_the_session_resumes():
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 20), 200, next=10)
        bitsd.reload()  # which closes the file of an idle session
        remount_read_only(folder)
        try:
            response = fragment(connection, identity, 10, 19, 20)
            expect(response, 500, "EFAIL", 10)
            bitsd.log.wait(["refused", "READ_ONLY", str(folder)])
        finally:
            run("mount", "-o", "remount,rw", folder)
        connection = bitsd.connect()
        expect(fragment(connection, identity, 10, 19, 20), 200, next=20)
        assert (folder / "a.bin").read_bytes() == pattern("S", 0, 20)


def test_a_full_state_folder_is_told_and_sessions_resume():
    with tmpfs(4 * MIB) as folder:
        state = folder / "state"
        state.mkdir()
        with Bitsd(server={"state_dir": state}, uploads={"/": {}}) as bitsd:
            connection = bitsd.connect()
            identity = create(connection)
            fill(folder)
            request = Request("create", "/b.bin")
            failed = None
            # The index has pages to spare; a few sessions use them up.
            for _ in range(2000):
                response = ask(connection, request)
                if response.status != 200:
                    failed = response
                    break
            assert failed and failed.status == 500, failed
            bitsd.log.wait(["refused", "state"])
            (folder / "filler").unlink()
            connection = bitsd.connect()
            expect(fragment(connection, identity, 0, 9, 10), 200, next=10)
            assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)


def test_a_state_folder_that_the_index_itself_has_filled():
    """The index's log of changes is given back before it is refused again."""
    with tmpfs(3 * MIB) as folder:
        state = folder / "state"
        state.mkdir()
        with Bitsd(server={"state_dir": state, "state_min_free_space": "0"},
                   uploads={"/": {}}) as bitsd:
            connection = bitsd.connect()
            refused = 0
            for number in range(600):
                request = Request("create", f"/{number}.bin")
                response = ask(connection, request)
                if response.status != 200:
                    expect(response, 500, "EDISKFULL")
                    refused += 1
                    expect(ask(connection, request), 200)
            assert refused, "the folder never was full"


def test_new_sessions_leave_room_on_the_disk_of_the_index():
    with tmpfs(8 * MIB) as folder:
        state = folder / "state"
        state.mkdir()
        with Bitsd(server={"state_dir": state, "state_min_free_space": "2M"},
                   uploads={"/": {}}) as bitsd:
            connection = bitsd.connect()
            identity = create(connection, "/a.bin")
            expect(fragment(connection, identity, 0, 4, 10), 200, next=5)
            fill(folder, leave=MIB)
            bitsd.stop()
            bitsd.start()
            connection = bitsd.connect()
            expect(ask(connection, Request("create", "/b.bin")), 500,
                   "EDISKFULL")
            bitsd.log.wait(["refused", "STATE_FULL", "state_min_free_space"])
            expect(fragment(connection, identity, 5, 9, 10), 200, next=10)
            (folder / "filler").unlink()
            create(connection, "/b.bin")


# No more files than this.
FEW_INODES = f"{8 * MIB},nr_inodes=600"


def use_up_inodes(folder):
    with contextlib.suppress(OSError):
        for number in range(600):
            (folder / f"filler-{number}").mkdir()


def make_room(folder):
    for filler in folder.glob("filler-*"):
        filler.rmdir()
    (folder / "filler").unlink()


def test_a_disk_that_is_full_at_the_start():
    """It answers as a server does whose disk fills up, and recovers."""
    with tmpfs(FEW_INODES) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, MIB), 200, next=10)
        bitsd.stop()
        fill(folder)
        use_up_inodes(folder)
        bitsd.start()
        connection = bitsd.connect()
        response = fragment(connection, identity, 10, MIB - 1, MIB)
        assert response.get("BITS-Error-Code") == "0x80070070", response
        make_room(folder)
        connection = bitsd.connect()
        response = fragment(connection, identity, 10, MIB - 1, MIB)
        expect(response, 200, next=MIB)
        assert (folder / "a.bin").read_bytes() == pattern("S", 0, MIB)


def test_a_new_root_on_a_full_disk():
    """Its section waits for space."""
    with tmpfs(FEW_INODES) as folder, server_on(folder) as bitsd:
        bitsd.stop()
        shutil.rmtree(folder / ".bitsd")
        shutil.rmtree(bitsd.home / "state")
        fill(folder)
        use_up_inodes(folder)
        bitsd.start()
        connection = bitsd.connect()
        response = ask(connection, Request("create", "/a.bin"))
        expect(response, 500, "EDISKFULL")
        bitsd.log.wait(["place-away", str(folder)])
        make_room(folder)
        bitsd.log.wait("place-back")
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 10), 200, next=10)


def test_a_disk_that_is_read_only_at_the_start():
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 20), 200, next=10)
        bitsd.stop()
        remount_read_only(folder)
        bitsd.start()
        connection = bitsd.connect()
        response = fragment(connection, identity, 10, 19, 20)
        expect(response, 500, "EFAIL", 10)
        bitsd.log.wait(["refused", "READ_ONLY", str(folder)])
        run("mount", "-o", "remount,rw", folder)
        connection = bitsd.connect()
        expect(fragment(connection, identity, 10, 19, 20), 200, next=20)
        assert (folder / "a.bin").read_bytes() == pattern("S", 0, 20)


def test_a_state_folder_that_is_full_at_the_start_is_named():
    with tmpfs(4 * MIB) as folder:
        state = folder / "state"
        state.mkdir()
        with Bitsd(server={"state_dir": state}, uploads={"/": {}}) as bitsd:
            bitsd.stop()
            fill(folder)
            bitsd.start(wait=False)
            line = bitsd.log.wait("error start")
            assert str(state) in line and "full" in line, line
            assert "free space" in line, line
            bitsd.wait_stopped(1)
            (folder / "filler").unlink()
            bitsd.start()
            create(bitsd.connect())
