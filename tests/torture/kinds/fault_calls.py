"""The n-th write, fsync, rename, open, ... fails, for all n, in each way.

A session is repeated with the fault one call later each time, until the fault
comes too late to happen.  Each answer must name the cause, and what was
acknowledged must be there; afterwards the session resumes.
"""

from client import Client
from injector import Injector
from world import world

FULL, FAIL, BUSY = "0x80070070", "0x80004005", "0x801901F7"
# What a client may be told of each; a short write goes unnoticed.
ANSWERS = {
    "fail ENOSPC": (FULL,),
    "fail EDQUOT": (FULL,),
    "fail EIO": (FAIL,),
    "fail EROFS": (FAIL,),
    "fail EMFILE": (BUSY,),
    "tear": (),
}
FAULTS = [
    (call, action)
    for call, actions in {
        # Never the log or a socket, which have no path.
        "write,splice /*": ("tear", "fail ENOSPC", "fail EIO", "fail EDQUOT",
                            "fail EROFS"),
        "sync": ("fail EIO", "fail ENOSPC", "fail EDQUOT"),
        "rename": ("fail EIO", "fail ENOSPC", "fail EROFS", "fail EDQUOT"),
        "open": ("fail EIO", "fail EMFILE", "fail ENOSPC", "fail EROFS"),
        "fallocate": ("fail ENOSPC", "fail EIO", "fail EDQUOT"),
        "truncate": ("fail EIO", "fail EROFS"),
        "unlink": ("fail EIO", "fail EROFS"),
        "mkdir": ("fail ENOSPC", "fail EIO", "fail EROFS"),
        "fstat": ("fail EIO",),
        "seek": ("fail EIO",),
        "read": ("fail EIO",),
    }.items()
    for action in actions
]
# Ways of delivering, each with calls of its own.
OPTIONS = ({}, {}, {"on_exists": "replace"}, {"on_exists": "keep-both"},
           {"create_folders": "yes"}, {"durability": "none"})
MOST = 400  # no session makes so many calls of a kind


class Patient(Client):
    """Sends whole fragments and tries again whatever failed."""

    def cut(self, request):
        self.exchange(request)


def sessions(turn, made, injector, call, action):
    """One upload after the other; the fault comes later each time."""
    # A data file whose sync fails is given up for I/O, whatever the errno.
    answers = ANSWERS[action] + ((FAIL,) if call == "sync" else ())
    misses = 0
    for after in range(MOST):
        if turn.over():
            return
        # Every other one into a folder, which takes more calls.
        folder = turn.chance.choice(made.folders)
        client = Patient(made, f"{('', folder)[after % 2]}{after}",
                         turn.chance, answers)
        # Bytes that a disk failed to keep may be asked for again.
        made.ledger.may_go_back = call in ("sync", "read", "fstat", "seek")
        rule = injector.inject(f"{call} after {after} once {action}")
        try:
            client.upload(turn.chance.choice((70001, 70001, 300007)))
        finally:
            client.hang_up()
            fired = rule.hits()
            rule.end()
        turn.count("faults", fired)
        misses = 0 if fired else misses + 1
        if misses == 2:
            return


def run(turn):
    with Injector() as injector:
        for call, action in turn.cases(FAULTS):
            options = turn.chance.choice(OPTIONS)
            with world(turn, environment=injector.environment, options=options,
                       server={"log_level": "debug"}) as made:
                (made.inbox / "sub").mkdir()
                made.folders = ["sub/"]
                if "create_folders" in options:
                    made.folders += [f"new-{i}/deep/" for i in range(20)]
                sessions(turn, made, injector, call, action)
