"""A file system that is really full, again and again; root only.

State and root lie on small ones.  Clients are told that the disk is full, and
resume as soon as it is not.
"""

import os
import time

from client import Crowd
from mounts import tmpfs
from world import world

MIB = 1 << 20
FULL = "0x80070070"


def fill(folder, leave):
    """Takes the free space but for so many bytes."""
    status = os.statvfs(folder)
    size = status.f_bavail * status.f_frsize - leave
    with open(folder / "filler", "wb") as file:
        if size > 0:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:
                pass  # another thread was faster


def run(turn):
    with tmpfs(24 * MIB) as root, tmpfs(16 * MIB) as states:
        inbox, state = root / "inbox", states / "state"
        inbox.mkdir()
        state.mkdir()
        with world(turn, server={"state_dir": state},
                   options={"root": inbox}) as made:
            while not turn.over():
                with Crowd(made, 5, (FULL,)) as crowd:
                    for _ in range(6):
                        folder = turn.chance.choice((root, root, states))
                        fill(folder, turn.chance.choice((0, 4096, MIB)))
                        turn.count("faults")
                        time.sleep(turn.chance.random() * 0.2)
                        (folder / "filler").unlink()
                        if not crowd.alive():
                            break
                        # Delivered files are carried away, or all is full.
                        made.carry_away()
                made.check()
                made.clean()
