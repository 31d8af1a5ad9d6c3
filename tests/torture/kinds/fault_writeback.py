"""Write-back that fails while the files are closed; ext4 and XFS, as root.

Their images lie on a tmpfs that is full when the kernel writes what a killed
bitsd had left in the page cache.  The files keep their lengths, the cache may
have the bytes still, and no fsync tells the next bitsd; what it offers and
delivers must be right all the same.
"""

import errno
import os
import time

from doomed import clients_until_dark
from mounts import LoopMount, tmpfs
from mounts import run as command
from staging import staged_files
from world import world

# XFS wants 300 MiB at least, and 64 for its log; the images are sparse.
SIZES = {"ext4": 320 << 20, "xfs": 320 << 20}
OPTIONS = {"ext4": ["-b", "4096"], "xfs": []}
STORE = 400 << 20


def mount(disk):
    disk.mount()
    disk.limit_requests()


def fill(store):
    """To the last page, beside other writers."""
    with open(store / "filler", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def kill(made):
    made.up.clear()
    made.bitsd.kill()
    made.turn.count("kills")


def write_back(made, disk):
    """Fails for what has no room; its pages may leave the cache."""
    command("sh", "-c", 'sync -f "$0" || true', disk.folder)
    tell, drop = (made.turn.chance.random() < 0.5 for _ in range(2))
    for path in staged_files(made.staging):
        file = os.open(path, os.O_RDONLY)
        try:
            if tell:  # us, and no later process
                os.fsync(file)
        except OSError:
            made.turn.count("faults")
        finally:
            if drop:
                drop_pages(file)
            os.close(file)


def drop_pages(file):
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def drop_delivered(made):
    """What is read next comes from the disk."""
    for path in made.inbox.iterdir():
        if path.is_file():
            with open(path, "rb") as file:
                drop_pages(file.fileno())


def load_and_fail(turn, made, disk, store):
    with clients_until_dark(made, f"{turn.number}-{made.failures}"):
        time.sleep(turn.chance.random() * 0.3)
        made.dark.set()
        steps = [lambda: fill(store), lambda: kill(made)]
        # Seldom the server is there still when the first write fails.
        if turn.chance.random() < 0.7:
            steps.reverse()
        for step in steps:
            step()
    made.failures += 1
    write_back(made, disk)
    (store / "filler").unlink()


def mend(disk):
    """A file system that has given up wants another mount."""
    try:
        with open(disk.folder / "mend", "wb") as file:
            os.fsync(file.fileno())
    except OSError:
        disk.unmount()
        mount(disk)


def run(turn):
    kind = turn.chance.choice(sorted(SIZES))
    with tmpfs(STORE) as store:
        disk = LoopMount(kind, SIZES[kind], *OPTIONS[kind], within=store)
        try:
            mount(disk)
            (disk.folder / "inbox").mkdir()
            os.sync()
            with world(turn, options={"root": disk.folder / "inbox"}) as made:
                made.failures = 0
                while not turn.over():
                    load_and_fail(turn, made, disk, store)
                    mend(disk)
                    made.start()
                    made.ledger.may_go_back = True
                    made.check()
                    drop_delivered(made)
                    made.ledger.check(made.bitsd, made.inbox, made.staging)
                    made.ledger.may_go_back = False
                    made.clean()
                    command("fstrim", disk.folder)
        finally:
            disk.close()
