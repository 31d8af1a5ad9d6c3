"""The n-th write, fsync, rename, open, ... fails, for all n, in each way.

A session is repeated with the fault one call later each time, until the fault
comes too late to happen.  Each answer must name the cause, and what was
acknowledged must be there; afterwards the session goes on.
"""

import errno

from client import Client
from shim import shim
from world import world

FULL, FAIL, BUSY = "0x80070070", "0x80004005", "0x801901F7"
# What a client may hear of each; 0 is a short write, which nobody notices.
ANSWERS = {
    errno.ENOSPC: (FULL,),
    errno.EDQUOT: (FULL,),
    errno.EIO: (FAIL,),
    errno.EROFS: (FAIL,),
    errno.EMFILE: (BUSY,),
    0: (),
}
FAULTS = [
    (call, error)
    for call, errors in {
        "write": (0, errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
        "sync": (errno.EIO, errno.ENOSPC, errno.EDQUOT),
        "rename": (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT),
        "open": (errno.EIO, errno.EMFILE, errno.ENOSPC, errno.EROFS),
        "fallocate": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
        "truncate": (errno.EIO, errno.EROFS),
        "unlink": (errno.EIO, errno.EROFS),
        "mkdir": (errno.ENOSPC, errno.EIO, errno.EROFS),
        "stat": (errno.EIO,),
        "seek": (errno.EIO,),
        "read": (errno.EIO,),
    }.items()
    for error in errors
]
# Ways of delivering, each with calls of its own.
OPTIONS = ({}, {}, {"on_exists": "replace"}, {"on_exists": "keep-both"},
           {"create_folders": "yes"}, {"durability": "none"})
MOST = 400  # no session makes so many calls of a kind


class Patient(Client):
    """Sends whole fragments and tries again whatever failed."""

    def cut(self, request):
        self.exchange(request)


def sessions(turn, made, orders, call, error):
    """One upload after the other; the fault comes later each time."""
    # A data file whose sync fails is given up for I/O, whatever the errno.
    answers = ANSWERS[error] + ((FAIL,) if call == "sync" else ())
    misses = 0
    for after in range(MOST):
        if turn.over():
            return
        # Every other one into a folder, which takes more calls.
        folder = turn.chance.choice(made.folders)
        client = Patient(made, f"{('', folder)[after % 2]}{after}",
                         turn.chance, answers)
        # Bytes that a disk failed to keep may be asked for again.
        made.ledger.may_go_back = call in ("sync", "read", "stat", "seek")
        orders.spoil(call, after, error)
        try:
            client.upload(turn.chance.choice((70001, 70001, 300007)))
        finally:
            client.hang_up()
            fired = orders.fired()
            orders.rest()
        turn.count("faults", fired)
        misses = 0 if fired else misses + 1
        if misses == 2:
            return


def run(turn):
    with shim() as orders:
        for call, error in turn.cases(FAULTS):
            options = turn.chance.choice(OPTIONS)
            with world(turn, environment=orders.environment, options=options,
                       server={"log_level": "debug"}) as made:
                (made.inbox / "sub").mkdir()
                made.folders = ["sub/"]
                if "create_folders" in options:
                    made.folders += [f"new-{i}/deep/" for i in range(20)]
                sessions(turn, made, orders, call, error)
