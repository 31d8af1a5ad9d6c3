"""Power cuts: a file system that stops in mid-work, then a new boot.

FS_IOC_SHUTDOWN without a log flush drops what ext4 or XFS had not written yet,
like a power cut does.  Then bitsd is killed, the file system mounted again,
and a new bitsd started that sees another boot id.  Root only.
BITSD_POWER_CUTS=N makes N rounds of each kind instead of a few.
"""

import contextlib
import fcntl
import os
import random
import struct
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from bitsd import Bitsd  # noqa: E402
from mounts import LoopMount  # noqa: E402
from packets import Request, check_ack, offset, pattern  # noqa: E402
from staging import session_file  # noqa: E402
from talk import (ask, create, expect, fragment,  # noqa: E402
                  fragment_request)  # noqa: E402
from wire import WireError  # noqa: E402

ROUNDS = int(os.environ.get("BITSD_POWER_CUTS", "6"))
FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
# XFS wants 300 MiB at least; the images are sparse.
SIZES = {"ext4": 128 << 20, "xfs": 320 << 20}
BOOT = ('mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"')


class Machine:
    """A disk and the bitsd that lives on it."""

    def __init__(self, kind):
        self.disk = LoopMount(kind, SIZES[kind])
        self.disk.mount()
        for name in ("inbox", "state"):
            (self.disk.folder / name).mkdir()
        self.boots = 0
        self.dark = threading.Event()
        self.bitsd = Bitsd(server={"state_dir": self.disk.folder / "state"},
                           uploads={"/": {"root": self.inbox,
                                          "min_free_space": "0"}})
        os.sync()

    @property
    def inbox(self):
        return self.disk.folder / "inbox"

    def boot(self):
        """Starts bitsd; it reads a boot id that no other start has had."""
        self.boots += 1
        boot_id = self.bitsd.home / f"boot-{self.boots}"
        boot_id.write_text(f"{uuid.uuid4()}\n")
        self.bitsd.wrapper = ["unshare", "-m", "sh", "-c", BOOT, str(boot_id)]
        self.bitsd.start()

    def cut_power(self):
        """bitsd lives on for a moment, and XFS lets fsync of a folder succeed
        then; what it answers after that reaches no client."""
        self.dark.set()
        folder = os.open(self.disk.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def reboot(self):
        self.bitsd.kill()
        self.disk.unmount()
        self.disk.mount()
        self.dark.clear()
        self.boot()

    def close(self):
        with contextlib.ExitStack() as stack:
            stack.callback(self.disk.close)
            self.bitsd.close()


@pytest.fixture(params=["ext4", "xfs"])
def machine(request):
    machine = Machine(request.param)
    try:
        yield machine
    finally:
        machine.close()


class Upload:
    """What a client knows of one of its uploads."""

    def __init__(self, name, total):
        self.name = name
        self.path = f"/{name}"
        self.total = total
        self.id = None
        self.acknowledged = False

    def content(self, count=None):
        return pattern(self.name, 0, self.total if count is None else count)

    def fragment(self, connection, first, last):
        return fragment(connection, self.id, first, last, self.total, self.path,
                        self.name)


def expect_honest_offset(machine, upload):
    """Every byte below the offset that is offered is there."""
    connection = machine.bitsd.connect()
    last = upload.total - 1
    response = upload.fragment(connection, last, last)
    connection.close()
    assert response.status == 416, response
    offered = offset(response)
    path = session_file(machine.inbox / ".bitsd", upload.id)
    content = path.read_bytes() if path else b""
    assert content[:offered] == upload.content(offered), (
        f"{upload.name}: {offered} bytes offered are not all there")
    return offered


def finish(machine, upload, offered):
    """The client comes back and the file arrives."""
    connection = machine.bitsd.connect()
    response = upload.fragment(connection, offered, upload.total - 1)
    expect(response, 200, next=upload.total)
    connection.close()
    assert (machine.inbox / upload.name).read_bytes() == upload.content()


def test_in_the_middle_of_unaligned_fragments(machine):
    machine.boot()
    chance = random.Random(machine.disk.kind)
    for number in range(ROUNDS):
        cut_in_fragments(machine, chance, number)


def cut_in_fragments(machine, chance, number):
    """One upload in odd pieces; the power goes inside the last of them."""
    upload = Upload(f"{number}.bin", 9_000_001)
    connection = machine.bitsd.connect()
    upload.id = create(connection, upload.path)
    place = 0
    for _ in range(chance.randrange(1, 6)):
        last = place + chance.randrange(1, 1_500_000)
        expect(upload.fragment(connection, place, last), 200, next=last + 1)
        place = last + 1
    make_index_durable(machine, number)
    request = fragment_request(upload.id, place, upload.total - 2, upload.total,
                               upload.path, upload.name)
    part = chance.randrange(len(request.body))
    connection.send(request.head() + request.body[:part])
    time.sleep(chance.random() / 50)
    machine.cut_power()
    connection.close()
    machine.reboot()
    offered = expect_honest_offset(machine, upload)
    finish(machine, upload, offered)


def make_index_durable(machine, number):
    """A delivery commits with full durability, and all before it with it."""
    small = Upload(f"small-{number}.bin", 10)
    connection = machine.bitsd.connect()
    small.id = create(connection, small.path)
    expect(small.fragment(connection, 0, 9), 200, next=10)
    connection.close()


class Client(threading.Thread):
    """Uploads small files one after the other until the power goes."""

    def __init__(self, machine, name, acknowledged):
        super().__init__(daemon=True)
        self.machine = machine
        self.prefix = name
        self.acknowledged = acknowledged
        self.uploads = []
        self.surprise = None

    def run(self):
        chance = random.Random(self.prefix)
        try:
            connection = self.machine.bitsd.connect()
            while self.one(connection, chance):
                self.acknowledged.release()
        except (WireError, ConnectionError):
            pass
        except BaseException as error:  # reported by the main thread
            self.surprise = error

    def one(self, connection, chance):
        name = f"{self.prefix}-{len(self.uploads)}.bin"
        upload = Upload(name, chance.randrange(2, 200_000))
        response = ask(connection, Request("create", upload.path))
        if response.status != 200:
            return False
        upload.id = response.get("BITS-Session-Id")
        self.uploads.append(upload)
        middle = chance.randrange(upload.total - 1)
        response = upload.fragment(connection, 0, middle)
        if response.status != 200:
            return False
        response = upload.fragment(connection, middle + 1, upload.total - 1)
        if response.status != 200 or self.machine.dark.is_set():
            return False
        upload.acknowledged = True
        return True


def test_in_delivery(machine):
    machine.boot()
    chance = random.Random(machine.disk.kind)
    for number in range(ROUNDS):
        cut_in_delivery(machine, chance, number)


def cut_in_delivery(machine, chance, number):
    acknowledged = threading.Semaphore(0)
    clients = [Client(machine, f"{number}-{i}", acknowledged) for i in range(3)]
    for client in clients:
        client.start()
    for _ in range(chance.randrange(4, 12)):
        assert acknowledged.acquire(timeout=60), "no upload is acknowledged"
    time.sleep(chance.random() / 100)
    machine.cut_power()
    for client in clients:
        client.join(60)
        assert not client.is_alive() and client.surprise is None
    machine.reboot()
    for client in clients:
        for upload in client.uploads:
            check_delivery(machine, upload)


def check_delivery(machine, upload):
    """Acknowledged: whole and known.  Not: absent or whole, and honest."""
    place = machine.inbox / upload.name
    if upload.acknowledged:
        assert place.exists(), f"{upload.name} was acknowledged and is gone"
    if place.exists():
        assert place.read_bytes() == upload.content(), upload.name
    was_there = place.exists()
    connection = machine.bitsd.connect()
    response = upload.fragment(connection, 0, upload.total - 1)
    connection.close()
    check_ack("fragment", upload.id, response)
    forgotten = response.get("BITS-Error-Code") == "0x8020001F"
    if forgotten and not was_there:
        # Its Create was not durable yet; the client starts over.
        return
    expect(response, 200, next=upload.total)
    assert place.read_bytes() == upload.content(), upload.name
