"""Roots that are replaced or mounted over, staging folders that are moved, and
cleaners of empty folders, under a load and kills.

Clients are told 503 until the right folder is back.  Nothing may appear in the
folder that is there in its stead.
"""

import os
import shutil
import subprocess
import time

from client import BUSY, Client, Crowd
from mounts import run as command
from packets import Request
from world import world


def replace_root(made):
    """As a disk that is unmounted leaves its mount point."""
    disk = made.bitsd.home / "disk"
    os.rename(made.inbox, disk)
    made.inbox.mkdir()
    yield
    expect_empty(made)
    shutil.rmtree(made.inbox)
    os.rename(disk, made.inbox)


def remove_root(made):
    disk = made.bitsd.home / "disk"
    os.rename(made.inbox, disk)
    yield
    os.rename(disk, made.inbox)


def mount_over(made):
    command("mount", "-t", "tmpfs", "none", made.inbox)
    yield
    expect_empty(made)
    command("umount", "-l", made.inbox)


def move_staging(made):
    away = made.bitsd.home / "staging"
    os.rename(made.staging, away)
    yield
    if made.staging.exists():
        made.turn.violation("another staging folder was made")
        shutil.rmtree(made.staging)
    os.rename(away, made.staging)


def expect_empty(made):
    if os.listdir(made.inbox):
        made.turn.violation(f"in the wrong root: {os.listdir(made.inbox)}")


def clean(made):
    """What sweeps a spool: it removes empty folders, also those in use."""
    subprocess.run(["find", made.inbox, "-mindepth", "1", "-type", "d",
                    "-empty", "-delete"], stderr=subprocess.DEVNULL,
                   check=False)


def outage(turn, made, kind):
    """Goes, stays for a while, and comes back; with a kill now and then."""
    course = kind(made)
    turn.count("faults")
    next(course)
    time.sleep(turn.chance.random() * 3)
    if turn.chance.random() < 0.4:
        made.kill()
        made.start()
        time.sleep(turn.chance.random())
    next(course, None)


def run(turn):
    kinds = [replace_root, remove_root, move_staging]
    if os.geteuid() == 0:
        kinds.append(mount_over)
    with world(turn) as made:
        # As long as it is not finished no other folder is accepted.
        anchor = Client(made, "anchor", turn.chance).begin("anchor", 1000)
        client = Client(made, "anchor", turn.chance, (BUSY,))
        made.ledger.heard(anchor, client.exchange(anchor.request(0, 9)))
        client.hang_up()
        with Crowd(made, 5, (BUSY,)) as crowd:
            while not turn.over() and crowd.alive():
                outage(turn, made, turn.chance.choice(kinds))
                for _ in range(turn.chance.randrange(20)):
                    clean(made)
                    time.sleep(turn.chance.random() * 0.05)
        # bitsd has not looked since the folder came back.
        client.exchange(Request("ping", "/"))
        client.hang_up()
