"""The power goes in the middle of a load, on ext4 and XFS; root only.

FS_IOC_SHUTDOWN without a log flush drops what the file system had not written;
then comes another boot.  State and root share a file system or have one each.
"""

import contextlib
import fcntl
import os
import random
import struct
import threading
import time
import uuid

from client import Client
from ledger import UNTOUCHED
from mounts import LoopMount
from wire import WireError
from world import world

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
# XFS wants 300 MiB at least; the images are sparse.
SIZES = {"ext4": 128 << 20, "xfs": 320 << 20}
BOOT = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'
CLIENTS = 4


def shut_down(disk):
    folder = os.open(disk.folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(folder, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(folder)


def new_boot(made):
    """The next start reads a boot id that no other has had."""
    boot_id = made.bitsd.home / "boot-id"
    boot_id.write_text(f"{uuid.uuid4()}\n")
    made.bitsd.wrapper = ["unshare", "-m", "sh", "-c", BOOT, str(boot_id)]


def use_until_dark(made, name, chance):
    """Uploads; what is refused after the cut is the dead disk."""
    client = Client(made, name, chance)
    try:
        while not made.dark.is_set():
            client.upload()
    except (WireError, AssertionError, OSError) as error:
        if not made.dark.is_set():
            made.turn.caught(error)
    finally:
        client.hang_up()


def load_and_cut(turn, made, disks):
    made.dark.clear()
    threads = [
        threading.Thread(target=use_until_dark, daemon=True, args=(
            made, f"{turn.number}-{made.boots}-{i}",
            random.Random(turn.chance.random())))
        for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(turn.chance.random() * 0.5)
    made.dark.set()
    order = list(disks)
    turn.chance.shuffle(order)
    for disk in order:
        shut_down(disk)
    turn.count("power cuts")
    made.up.clear()
    made.bitsd.kill()
    for thread in threads:
        thread.join(60)
    made.dark.clear()


def run(turn):
    kind = turn.chance.choice(("ext4", "xfs"))
    count = turn.chance.choice((1, 2))
    with contextlib.ExitStack() as stack:
        disks = [LoopMount(kind, SIZES[kind]) for _ in range(count)]
        for disk in disks:
            stack.callback(disk.close)
            disk.mount()
        inbox, state = disks[0].folder / "inbox", disks[-1].folder / "state"
        inbox.mkdir()
        state.mkdir()
        os.sync()
        made = stack.enter_context(
            world(turn, server={"state_dir": state},
                  options={"root": inbox}, prepare=new_boot))
        made.boots = 0
        made.ledger.may_forget = UNTOUCHED
        while not turn.over():
            load_and_cut(turn, made, disks)
            for disk in disks:
                disk.unmount()
                disk.mount()
            new_boot(made)
            made.boots += 1
            made.start()
            made.ledger.may_go_back = True
            made.check()
            made.ledger.may_go_back = False
            made.clean()
