"""The power goes in the middle of a load, on ext4 and XFS; root only.

FS_IOC_SHUTDOWN without a log flush drops what the file system had not written.
It is mounted again, and the next bitsd sees another boot, or the same: then it
is a file system that failed, and nothing but the mount tells it.  State and
root share a file system or have one each.
"""

import contextlib
import fcntl
import os
import struct
import time
import uuid

from doomed import clients_until_dark
from ledger import UNTOUCHED
from mounts import LoopMount
from world import world

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
# XFS wants 300 MiB at least; the images are sparse.
SIZES = {"ext4": 512 << 20, "xfs": 512 << 20}
BOOT = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'


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


def load_and_cut(turn, made, disks):
    with clients_until_dark(made, f"{turn.number}-{made.cuts}"):
        time.sleep(turn.chance.random() * 0.5)
        made.dark.set()
        order = list(disks)
        turn.chance.shuffle(order)
        for disk in order:
            shut_down(disk)
        turn.count("power cuts")
        made.up.clear()
        made.bitsd.kill()
    made.cuts += 1


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
        made.cuts = 0
        made.ledger.may_forget = UNTOUCHED
        while not turn.over():
            load_and_cut(turn, made, disks)
            for disk in disks:
                disk.unmount()
                disk.mount()
            if turn.chance.random() < 0.5:
                new_boot(made)
            made.start()
            made.ledger.may_go_back = True
            made.check()
            made.ledger.may_go_back = False
            made.clean()
