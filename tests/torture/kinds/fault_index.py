"""The index is overwritten, cut short or deleted, at rest or under way.

What it held may be lost, and a server may refuse to start or to work; it says
so, it does not die, and no file that is not whole ever shows.
"""

import os

from bitsd import Died
from client import Client, Refused
from ledger import ALL
from wire import WireError
from world import world

FAIL = "0x80004005"


def page(chance, path):
    """A page of rubbish somewhere in the file."""
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(chance.randrange(max(1, size // 4096)) * 4096)
        file.write(chance.randbytes(4096))


def cut(chance, path):
    os.truncate(path, chance.randrange(os.path.getsize(path) + 1))


def delete(chance, path):
    os.unlink(path)


def spoil(turn, made):
    """One of the index's files, in one of these ways."""
    state = made.bitsd.home / "state"
    files = [path for path in sorted(state.glob("index.db*"))
             if path.name != "index.db-shm" and path.stat().st_size > 0]
    if files:
        turn.chance.choice((page, page, cut, delete))(
            turn.chance, turn.chance.choice(files))
        turn.count("faults")


def work(made, name, spoilt):
    """Uploads; a spoilt index may refuse them, an Ack still holds."""
    client = Client(made, name, made.turn.chance)
    try:
        for _ in range(3):
            client.upload()
    except Refused as refusal:
        # Everything but a refusal with its reason is a violation.
        if not spoilt or "HTTP/1.1" not in str(refusal):
            raise
    finally:
        client.hang_up()


def restart(made):
    """False: it refuses to start, with a reason."""
    mark = len(made.bitsd.log.lines)
    try:
        made.start()
    except Died:
        made.bitsd.ending = True
        code = made.bitsd._reap()
        made.bitsd.ending = False
        if code != 1 or not made.bitsd.log.find("index", mark):
            raise
        return False
    return True


def run(turn):
    while not turn.over():
        with world(turn) as made:
            ledger = made.ledger
            work(made, "before", False)
            ledger.may_forget = ALL
            ledger.may_go_back = True
            if turn.chance.random() < 0.5:
                made.kill()
                spoil(turn, made)
                started = restart(made)
            else:
                spoil(turn, made)
                started = True
            if started:
                work(made, "after", True)
                made.up.clear()
                made.bitsd.kill()
            for upload in ledger.uploads.values():
                ledger.check_file(upload, made.inbox)
            ledger.check_files(made.inbox)
            # What the manual says then: move it away, and the staging folder.
            for path in (made.bitsd.home / "state").glob("index.db*"):
                path.unlink()
            made.staging.rename(made.bitsd.home / "staging-away")
            ledger.uploads = {name: upload
                              for name, upload in ledger.uploads.items()
                              if upload.delivered
                              or (made.inbox / name).exists()}
            made.start()
            work(made, "anew", False)
