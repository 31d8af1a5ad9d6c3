"""Folders become symbolic links and come back, while files go into them.

The links lead out of the root, to the staging folder and to themselves.
Uploads are refused or arrive below the root; beside it nothing ever appears.
Half of the turns have no openat2(2), so that bitsd walks folder by folder.
"""

import os
import random
import sys
import threading
from pathlib import Path

from packets import Request, offset
from talk import fragment_request
from wire import Closed
from world import world

LIB = Path(__file__).resolve().parents[2] / "lib"
WALKS = [sys.executable, str(LIB / "restricted.py"), "--openat2"]


def swap(turn, made, done):
    """sub/ is a folder, then a link, then a folder again; so is a leaf."""
    inbox = made.inbox
    goals = [made.bitsd.home / "outside", inbox / ".bitsd", inbox / "sub",
             "/etc", "..", "."]
    chance = random.Random(turn.seed)
    while not done.is_set():
        os.symlink(chance.choice(goals), inbox / "new")
        os.rename(inbox / "sub", inbox / "away")
        os.rename(inbox / "new", inbox / "sub")
        os.unlink(inbox / "sub")
        os.rename(inbox / "away", inbox / "sub")
        leaf = inbox / "sub" / f"leaf-{chance.randrange(5)}"
        try:
            os.symlink(made.bitsd.home / "outside" / "leaf", leaf)
        except FileExistsError:
            os.unlink(leaf)


def upload(turn, connection, path):
    """Create, fragment and Close; what is refused stays refused."""
    connection.send(Request("create", path).data())
    turn.count("hostile requests")
    response = connection.read_response()
    if response.status != 200:
        return not response.closes()
    identity = response.get("BITS-Session-Id")
    connection.send(fragment_request(identity, 0, 99, 100, path, path).data())
    response = connection.read_response()
    if response.status == 200 and offset(response) != 100:
        turn.violation(f"{path}: {response}")
    connection.send(Request("cancel", path, identity).data())
    return not connection.read_response().closes()


def run(turn):
    options = {"on_exists": turn.chance.choice(("replace", "keep-both"))}
    wrapper = turn.chance.choice(([], WALKS))
    with world(turn, options=options, wrapper=wrapper) as made:
        (made.inbox / "sub").mkdir()
        outside = made.bitsd.home / "outside"
        outside.mkdir()
        done = threading.Event()
        thread = threading.Thread(target=swap, args=(turn, made, done),
                                  daemon=True)
        thread.start()
        connection = made.connect()
        while not turn.over():
            name = turn.chance.choice((f"leaf-{turn.chance.randrange(5)}",
                                       f"x{turn.chance.randrange(1000)}"))
            try:
                open_still = upload(turn, connection, f"/sub/{name}")
            except Closed:
                made.bitsd.check_alive()
                open_still = False
            if not open_still:
                connection.close()
                connection = made.connect()
        connection.close()
        done.set()
        thread.join()
        if os.listdir(outside):
            turn.violation(f"beside the root: {os.listdir(outside)}")
        for folder, folders, names in os.walk(made.inbox):
            if ".bitsd" in folders:
                folders.remove(".bitsd")
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.islink(path) and os.path.getsize(path) != 100:
                    turn.violation(f"{path} is not whole")
                os.unlink(path)
