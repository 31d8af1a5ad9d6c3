"""Disk space that is reserved for bytes to come: never more than has arrived,
and only while it arrives."""

import os

import pytest

from bitsd import Bitsd
from mounts import LoopMount, run, tmpfs
from packets import pattern
from staging import session_file, staged_size, wait_staged
from talk import answer, create, expect, fragment, fragment_request, until

MIB = 1 << 20
KIB = 1 << 10
LONG = 16 * MIB

# What a file system may need for a file besides its bytes.
SLACK = 128 * KIB

SIZES = {"ext4": 64 * MIB, "xfs": 320 * MIB}


def server_on(folder):
    return Bitsd(server={"grace_time": "1s"},
                 uploads={"/": {"root": folder, "min_free_space": "0"}})


@pytest.fixture(params=SIZES)
def disk(request):
    """The folder of a file system that can reserve; a tmpfs cannot."""
    volume = LoopMount(request.param, SIZES[request.param])
    try:
        volume.mount()
        yield volume.folder
    finally:
        volume.close()


def blocks(folder, identity):
    """Bytes on the disk that are the session's."""
    file = session_file(folder / ".bitsd", identity)
    return os.stat(file).st_blocks * 512 if file else 0


class Stalled:
    """A fragment that is to be the whole file, of which some bytes came."""

    def __init__(self, bitsd, folder, path="/a.bin", sent=0, total=LONG):
        self.folder = folder / ".bitsd"
        self.connection = bitsd.connect()
        self.identity = create(self.connection, path)
        self.request = fragment_request(self.identity, 0, total - 1, total,
                                        path)
        self.connection.send(self.request.head())
        self.sent = 0
        self.send(sent)

    def send(self, size):
        """Returns once the bytes are in the staged file."""
        body = self.request.body[self.sent:self.sent + size]
        self.connection.send(body)
        self.sent += len(body)
        wait_staged(self.folder, self.identity, self.sent)

    def finish(self):
        self.connection.send(self.request.body[self.sent:])
        return answer(self.connection, self.request)


def reserve(bitsd, folder, path="/a.bin"):
    """A fragment that holds more than it has filled: what it holds is given
    back whenever it stalls, so it grows until that is seen."""
    upload = Stalled(bitsd, folder, path, 4 * MIB)
    while blocks(folder, upload.identity) < upload.sent + MIB:
        assert upload.sent < LONG // 2, "nothing was reserved"
        upload.send(256 * KIB)
    return upload


def given_back(folder, upload):
    size = staged_size(folder / ".bitsd", upload.identity)
    return 0 <= blocks(folder, upload.identity) <= size + SLACK


def test_reserves_nothing_for_a_few_bytes(disk):
    with server_on(disk) as bitsd:
        upload = Stalled(bitsd, disk, sent=1)
        assert blocks(disk, upload.identity) <= SLACK


def test_reserves_no_more_than_has_arrived(disk):
    with server_on(disk) as bitsd:
        upload = Stalled(bitsd, disk)
        for _ in range(16):
            upload.send(256 * KIB)
            reserved = blocks(disk, upload.identity)
            assert reserved <= 2 * upload.sent + SLACK


def test_gives_back_when_the_connection_drops(disk):
    with server_on(disk) as bitsd:
        for path in ("/1.bin", "/2.bin", "/3.bin"):
            upload = reserve(bitsd, disk, path)
            upload.connection.close()
            bitsd.log.wait(["interrupted", path])
            assert given_back(disk, upload)


def test_gives_back_what_the_overtaken_fragment_reserved(disk):
    with server_on(disk) as bitsd:
        upload = reserve(bitsd, disk)
        reached = upload.sent
        response = fragment(bitsd.connect(), upload.identity, reached,
                            reached + 9, LONG)
        expect(response, 200, next=reached + 10)
        assert given_back(disk, upload)
        upload.connection.expect_end()


def test_gives_back_while_a_fragment_stalls_and_resumes(disk):
    with server_on(disk) as bitsd:
        upload = reserve(bitsd, disk)
        until(lambda: given_back(disk, upload))
        expect(upload.finish(), 200, next=LONG)
        assert (disk / "a.bin").read_bytes() == pattern("S", 0, LONG)


def test_gives_back_at_the_start_what_a_kill_left(disk):
    """No packet of the sessions is needed."""
    with server_on(disk) as bitsd:
        uploads = [Stalled(bitsd, disk, path, 2 * MIB)
                   for path in ("/1.bin", "/2.bin")]
        bitsd.kill()
        for upload in uploads:
            run("fallocate", "--keep-size", "--offset", 2 * MIB, "--length",
                LONG, session_file(disk / ".bitsd", upload.identity))
            assert not given_back(disk, upload)
        bitsd.start()
        for number, upload in enumerate(uploads, 1):
            until(lambda upload=upload: given_back(disk, upload))
            response = fragment(bitsd.connect(), upload.identity, 2 * MIB,
                                LONG - 1, LONG, f"/{number}.bin")
            expect(response, 200, next=LONG)
            delivered = (disk / f"{number}.bin").read_bytes()
            assert delivered == pattern("S", 0, LONG)


def test_stalled_heads_count_for_nothing():
    """Together they announce more than the disk has."""
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        heads = [Stalled(bitsd, folder, f"/{number}.bin", 0, 3 * MIB)
                 for number in range(4)]
        connection = bitsd.connect()
        identity = create(connection)
        response = fragment(connection, identity, 0, 6 * MIB - 1, 6 * MIB)
        expect(response, 200, next=6 * MIB)
        assert not any(head.sent for head in heads)


def test_counts_on_no_upload_that_has_ended():
    """Nothing can be reserved there: the rest of each is promised only."""
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        for path in ("/1.bin", "/2.bin", "/3.bin"):
            Stalled(bitsd, folder, path, MIB, 5 * MIB).connection.close()
            bitsd.log.wait(["interrupted", path])


def test_counts_on_no_upload_that_stalls():
    with tmpfs(8 * MIB) as folder, server_on(folder) as bitsd:
        stalled = Stalled(bitsd, folder, "/1.bin", 3 * MIB // 2, 3 * MIB)
        total = 6 * MIB
        identity = create(bitsd.connect())

        def fits():
            response = fragment(bitsd.connect(), identity, 0, 9, total)
            return response.status == 200
        until(fits)
        assert stalled.sent == 3 * MIB // 2


def test_running_fragments_leave_min_free_space():
    """Each of them fits when it begins, both together do not."""
    with tmpfs(64 * MIB) as folder:
        limits = {"root": folder, "min_free_space": "16M"}
        with Bitsd(server={"grace_time": "1s"},
                   uploads={"/": limits}) as bitsd:
            first, second = [Stalled(bitsd, folder, name, 1, 30 * MIB)
                             for name in ("/1.bin", "/2.bin")]
            first.send(20 * MIB)
            response = second.finish()
            assert response.status == 500, response
            assert response.get("BITS-Error-Code") == "0x80070070"
            bitsd.log.wait(["refused", "/2.bin", "min_free_space"])
            disk = os.statvfs(folder)
            assert disk.f_bavail * disk.f_bsize >= 26 * MIB
            expect(first.finish(), 200, next=30 * MIB)
