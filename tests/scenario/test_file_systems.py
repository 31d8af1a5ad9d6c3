"""Half an upload outlives kills and remounts, on each kind of file system.

What is delivered afterwards is compared byte by byte.  The index is on another
file system, which stays.
"""

import contextlib
import errno
import os
import subprocess

import pytest

from bitsd import Bitsd, binary
from mounts import Bindfs, FuseOverlay, LoopMount, Overlay, Tmpfs, run, tmpfs
from packets import Request, pattern
from staging import session_file, wait_staged
from talk import ask, create, expect, fragment, fragment_request, stored

MIB = 1 << 20
HALF, TOTAL = 5 * MIB + 123, 9 * MIB + 1
# XFS wants 300 MiB at least, Btrfs 109; the images are sparse.
KINDS = {
    "ext4": lambda: LoopMount("ext4", 128 * MIB),
    "xfs": lambda: LoopMount("xfs", 320 * MIB),
    "btrfs": lambda: LoopMount("btrfs", 256 * MIB),
    "tmpfs": Tmpfs,
    "overlayfs": Overlay,
    "fuse-overlayfs": FuseOverlay,
}
KEEPING = [kind for kind in KINDS if kind != "tmpfs"]


def each(kinds):
    return pytest.mark.parametrize("kind", kinds)


@contextlib.contextmanager
def server_on(kind):
    """A disk of that kind, mounted, and a server that has its root there."""
    with contextlib.ExitStack() as stack:
        disk = KINDS[kind]()
        stack.callback(disk.close)
        disk.mount()
        bitsd = stack.enter_context(Bitsd(
            server={}, uploads={"/": {"root": disk.folder,
                                      "min_free_space": "0"}}))
        yield disk, bitsd


def begin(bitsd):
    connection = bitsd.connect()
    identity = create(connection)
    expect(fragment(connection, identity, 0, HALF - 1, TOTAL), 200, next=HALF)
    connection.close()
    return identity


def complete(bitsd, disk, identity, done=HALF):
    connection = bitsd.connect()
    expect(fragment(connection, identity, done, TOTAL - 1, TOTAL), 200,
           next=TOTAL)
    expect(ask(connection, Request("close", "/a.bin", identity)), 200)
    connection.close()
    assert (disk.folder / "a.bin").read_bytes() == pattern("S", 0, TOTAL)


def remount(disk):
    disk.unmount()
    disk.mount()


@each(KINDS)
def test_acknowledged_bytes_outlive_a_kill(kind):
    with server_on(kind) as (disk, bitsd):
        identity = begin(bitsd)
        bitsd.kill()
        bitsd.start()
        assert stored(bitsd, identity, TOTAL) == HALF
        complete(bitsd, disk, identity)


@each(KEEPING)
def test_acknowledged_bytes_outlive_a_stop_and_a_remount(kind):
    with server_on(kind) as (disk, bitsd):
        identity = begin(bitsd)
        bitsd.stop()
        remount(disk)
        bitsd.start()
        assert stored(bitsd, identity, TOTAL) == HALF
        complete(bitsd, disk, identity)


@each(KEEPING)
def test_no_more_than_there_is_counts_after_a_kill_and_a_remount(kind):
    """Without an instance, each Ack has waited for its bytes."""
    with server_on(kind) as (disk, bitsd):
        identity = begin(bitsd)
        bitsd.kill()
        remount(disk)
        bitsd.start()
        count = stored(bitsd, identity, TOTAL)
        assert count <= HALF
        if kind in ("overlayfs", "fuse-overlayfs"):
            assert count == HALF
        complete(bitsd, disk, identity, count)


def test_a_tmpfs_that_was_unmounted_is_an_absent_disk():
    """bitsd does not take it for an upload without bytes."""
    with server_on("tmpfs") as (disk, bitsd):
        identity = begin(bitsd)
        bitsd.stop()
        remount(disk)
        bitsd.start()
        connection = bitsd.connect()
        expect(fragment(connection, identity, HALF, TOTAL - 1, TOTAL), 503,
               "EBUSY")
        bitsd.stop()
        run(binary(), "-c", bitsd.config_path, "--forget-uploads", "/")
        bitsd.start()
        connection = bitsd.connect()
        expect(fragment(connection, identity, HALF, TOTAL - 1, TOTAL), 500,
               "ENOSESSION")
        complete(bitsd, disk, create(connection), 0)


def test_a_file_system_that_cannot_rename_without_replacing_is_refused():
    """Before an upload, not at its delivery."""
    with contextlib.ExitStack() as stack:
        disk = Bindfs()
        stack.callback(disk.close)
        disk.mount()
        bitsd = Bitsd(server={}, uploads={"/": {"root": disk.folder}})
        stack.callback(bitsd.close)
        bitsd.start(wait=False)
        bitsd.log.wait([str(disk.folder), "cannot rename without replacing"])
        bitsd.wait_stopped(1)


@pytest.mark.parametrize("end", [Bitsd.kill, Bitsd.stop])
def test_blocks_of_zeros_that_are_stored_as_holes_count(end):
    """As a file system that compresses has them."""
    content = pattern("S", 0, MIB) + bytes(3 * MIB) + pattern("S", 4 * MIB, MIB)
    total = len(content) + 1000

    def packet(identity, first, last):
        return Request("fragment", "/a.bin", identity,
                       f"bytes {first}-{last - 1}/{total}",
                       (content + bytes(1000))[first:last])

    with server_on("ext4") as (disk, bitsd):
        connection = bitsd.connect()
        identity = create(connection)
        expect(ask(connection, packet(identity, 0, len(content))), 200,
               next=len(content))
        connection.close()
        bitsd.stop()  # its bytes are durable, and the row says so
        path = session_file(disk.folder / ".bitsd", identity)
        run("fallocate", "--dig-holes", path)
        with path.open("rb") as file:
            assert os.lseek(file.fileno(), 0, os.SEEK_HOLE) == MIB
        bitsd.start()
        assert stored(bitsd, identity, total) == len(content)
        end(bitsd)
        bitsd.start()
        connection = bitsd.connect()
        expect(ask(connection, packet(identity, len(content), total)), 200,
               next=total)
        assert (disk.folder / "a.bin").read_bytes() == content + bytes(1000)


# --- write-back that fails ---------------------------------------------------


def fill(store):
    with open(store / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MIB))
        except OSError as error:
            assert error.errno == errno.ENOSPC


def write_back(disk, path):
    """Fails; only this process is told by its descriptor."""
    subprocess.run(["sync", "-f", disk.folder], stderr=subprocess.DEVNULL,
                   check=False)
    file = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(OSError):
            os.fsync(file)
    finally:
        os.close(file)


@pytest.mark.parametrize("cached", [True, False])
def test_bytes_whose_write_back_failed_after_a_kill_do_not_count(cached):
    """The file keeps its length, and the page cache may have the bytes."""
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(tmpfs(160 * MIB))
        disk = LoopMount("xfs", 320 * MIB, within=store)
        stack.callback(disk.close)
        disk.mount()
        disk.limit_requests()
        bitsd = stack.enter_context(Bitsd(
            server={}, uploads={"/": {"root": disk.folder,
                                      "min_free_space": "0"}}))
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 0, TOTAL), 200, next=1)
        request = fragment_request(identity, 1, TOTAL - 1, TOTAL)
        connection.send(request.head() + request.body[:HALF - 1])
        wait_staged(disk.folder / ".bitsd", identity, HALF)
        path = session_file(disk.folder / ".bitsd", identity)
        fill(store)
        bitsd.kill()
        write_back(disk, path)
        if not cached:
            drop_pages(path)
        (store / "filler").unlink()
        bitsd.start()
        count = stored(bitsd, identity, TOTAL)
        drop_pages(path)
        assert path.read_bytes()[:count] == pattern("S", 0, count)
        assert count < HALF
        complete(bitsd, disk, identity, count)


def drop_pages(path):
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
