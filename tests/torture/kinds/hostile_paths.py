"""Path attacks in every encoding, in Create: nothing leaves the root.

Whatever is accepted becomes a file below the root and outside of the server's
own folders; beside the root lies what an attacker would like to reach.
"""

import itertools
import os

from packets import Request
from talk import fragment_request
from world import world

DOTS = ("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%c0%ae%c0%ae",
        "..%00", "..;", "...", ".", "%2e", "..%20", "..\\", "%uff0e%uff0e",
        "%e0%80%ae.", "．．".encode().decode("latin-1"))
SLASHES = ("/", "%2f", "%2F", "\\", "%5c", "//", "/./", "%252f", "%c0%af",
           "%ef%bc%8f", ";/")
GOALS = ("secret", "state/index.db", "inbox/.bitsd/index-id", ".bitsd/x",
         ".BITSD/x", ".bitsd%2fx", ".bitsd%00", "link/evil", "link%2fevil",
         "a" * 255, "a" * 256, "CON", "x%00.txt", "x%0d%0aX: y", "x ", "x.",
         "etc/passwd", "file:///etc/passwd")
LEADS = ("/", "//", "/x/", "/sub/", "/sub/deep/", "http://h/", "http://h//",
         "http://h", "")


def targets():
    for lead, dots, slash, goal in itertools.product(LEADS, DOTS, SLASHES,
                                                     GOALS):
        yield f"{lead}{dots}{slash}{goal}"
        yield f"{lead}{dots}{slash}{dots}{slash}{goal}"
    for lead, goal in itertools.product(LEADS, GOALS):
        yield lead + goal


def everything(home, inbox):
    """Names and contents of all that is not below the root."""
    found = {}
    for folder, folders, names in os.walk(home):
        if folder == str(home):
            folders[:] = [name for name in folders if name not in
                          ("state", inbox.name)]
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = file.read()
    return found


def try_target(turn, made, connection, target):
    """Create, and if that is taken the whole file.  False: it closed."""
    create = Request("create", target)
    connection.send(create.data())
    turn.count("hostile requests")
    response = connection.read_response()
    if response.status == 200:
        identity = response.get("BITS-Session-Id")
        connection.send(
            fragment_request(identity, 0, 3, 4, target, "evil").data()
            + Request("close", target, identity).data())
        connection.read_response()
        response = connection.read_response()
    return not response.closes()


def check(turn, made, before, inbox):
    if everything(made.bitsd.home, inbox) != before:
        turn.violation("something beside the root has changed")
    for folder, folders, names in os.walk(inbox):
        if ".bitsd" in folders:
            folders.remove(".bitsd")
        for name in names:
            path = os.path.join(folder, name)
            if os.path.getsize(path) != 4:
                turn.violation(f"an odd file: {path!r}")
            os.unlink(path)


def run(turn):
    cases = turn.memory.setdefault("targets", list(targets()))
    if turn.number == 0:
        turn.chance.shuffle(cases)
    with world(turn, options={"root": "inbox"}) as made:
        home = made.bitsd.home
        (made.inbox / "sub" / "deep").mkdir(parents=True)
        (home / "outside").mkdir()
        (home / "secret").write_text("what no client may reach")
        (made.inbox / "link").symlink_to(home / "outside")
        before = everything(home, made.inbox)
        connection = made.connect()
        for target in turn.cases(cases):
            if not try_target(turn, made, connection, target):
                connection.close()
                connection = made.connect()
        connection.close()
        check(turn, made, before, made.inbox)
        for name in os.listdir(made.inbox / ".bitsd"):
            if len(name) != 2 and name not in ("index-id", "staging-id",
                                              "staging.lock"):
                turn.violation(f"{name} in the staging folder")
