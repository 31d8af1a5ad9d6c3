"""V2: what users may do: users, group_file, sessions for each of them; and two
users who attack each other's sessions and files."""

import os
import signal
import subprocess

import pytest

from bitsd import Died, binary
from packets import Request, offset, pattern
from passwords import ask_as, create_as
from talk import expect, fragment_request
from test_sign_in import ANN, BOB, PACKETS, Server

EVE = ("eve", "wants more")
USERS = (ANN, BOB, EVE)


def write(path, text):
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


def server(options, groups=None):
    """With a group_file, if it is to have a text."""
    made = Server(options=options, users=USERS)
    if groups is not None:
        write(made.home / "groups", groups)
        made.uploads["/"]["group_file"] = made.home / "groups"
    return made


def reload(bitsd, **options):
    mark = len(bitsd.log.lines)
    bitsd.uploads["/"].update(options)
    bitsd.write_config()
    bitsd.signal(signal.SIGHUP)
    bitsd.log.wait("reload done", mark)


# --- users and groups ---


@pytest.mark.parametrize("users, allowed", [
    (["ann"], [ANN]), (["ann", "bob"], [ANN, BOB]), (["?n*"], [ANN]),
    (["*"], [ANN, BOB, EVE]), (["Ann", "bo", "evee"], []),
])
def test_only_listed_users_may_upload(users, allowed):
    with server({"users": users}) as bitsd:
        connection = bitsd.connect()
        for user in USERS:
            response = ask_as(connection, Request("ping", "/a.bin"), *user)
            if user in allowed:
                expect(response, 200)
            else:
                expect(response, 403, "EACCES")
                assert not response.closes()
                bitsd.log.wait(["refused", "cause=USER_NOT_LISTED",
                                "its option users must list", f"user={user[0]}",
                                "path=/a.bin"])
        connection.close()


def test_every_packet_of_others_is_refused_whatever_it_names():
    """Neither a session nor a file shows in the answer."""
    with server({"users": "ann", "head": "yes"}) as bitsd:
        connection = bitsd.connect()
        identity = create_as(connection, "/a.bin", *ANN)
        (bitsd.inbox / "there.bin").write_bytes(b"x")
        requests = [make() for make in PACKETS]
        requests += [Request("create", "/there.bin"),
                     fragment_request(identity, 0, 9, 10),
                     Request("close", "/a.bin", identity),
                     Request("cancel", "/a.bin", identity)]
        texts = set()
        for request in requests:
            response = ask_as(connection, request, *EVE)
            expect(response, 403, "EACCES")
            texts.add(response.get("BITS-Error-Text"))
        assert len(texts) == 1
        response = ask_as(connection, fragment_request(identity, 0, 9, 10),
                          *ANN)
        expect(response, 200, next=10)
        connection.close()


def test_a_name_that_does_not_exist_is_answered_like_a_wrong_password():
    """Not like a user who is not listed: 403 needs the right password."""
    with server({"users": "ann"}) as bitsd:
        connection = bitsd.connect()
        for name, password in (("nobody", "x"), ("ann", "x"), ("eve", "x")):
            request = Request("ping", "/a.bin")
            response = ask_as(connection, request, name, password)
            assert response.status == 401
        connection.close()


def test_groups_are_read_again_when_they_change():
    text = "# who\n\nbackup: eve\nothers: bob\nbackup:\tzoe  \r\n"
    with server({"users": ["ann", "@backup"]}, text) as bitsd:
        groups = bitsd.home / "groups"
        connection = bitsd.connect()
        identity = create_as(connection, "/eve.bin", *EVE)
        create_as(connection, "/ann.bin", *ANN)
        refused = ask_as(connection, Request("create", "/bob.bin"), *BOB)
        expect(refused, 403, "EACCES")
        write(groups, "backup: bob\n")
        create_as(connection, "/bob.bin", *BOB)
        bitsd.log.wait(["groups:", "members=1"])
        # The running session of a user who was removed is refused ...
        request = fragment_request(identity, 0, 9, 10, "/eve.bin")
        expect(ask_as(connection, request, *EVE), 403, "EACCES")
        # ... and resumes when the user is back.
        write(groups, "backup: bob eve\n")
        request = fragment_request(identity, 0, 9, 10, "/eve.bin")
        expect(ask_as(connection, request, *EVE), 200, next=10)
        connection.close()


def test_without_its_groups_a_section_answers_later():
    with server({"users": ["ann", "@backup"]}, "backup: eve\n") as bitsd:
        groups = bitsd.home / "groups"
        groups.unlink()
        connection = bitsd.connect()
        response = ask_as(connection, Request("ping", "/"), *EVE)
        expect(response, 503, "EBUSY")
        assert response.get("Retry-After") == "60"
        bitsd.log.wait(["groups:", str(groups), "cannot read it"])
        bitsd.log.wait("cause=GROUPS_UNREADABLE")
        # Names need no groups.
        expect(ask_as(connection, Request("ping", "/"), *ANN), 200)
        write(groups, "backup eve\nbackup: bob\n")
        expect(ask_as(connection, Request("ping", "/"), *EVE), 403, "EACCES")
        expect(ask_as(connection, Request("ping", "/"), *BOB), 200)
        bitsd.log.wait(["groups:", f"{groups}:1: ", "no colon"])
        connection.close()


def test_a_reload_changes_who_may():
    with server({"users": "ann"}) as bitsd:
        connection = bitsd.connect()
        identity = create_as(connection, "/a.bin", *ANN)
        reload(bitsd, users="bob")
        request = fragment_request(identity, 0, 9, 10)
        expect(ask_as(connection, request, *ANN), 403, "EACCES")
        expect(ask_as(connection, Request("ping", "/"), *BOB), 200)
        connection.close()


@pytest.mark.parametrize("lines, words", [
    ("access = anonymous\n    users = ann",
     'upload "/a": users is set, and access lets clients in without a name; '
     "set access to another way to sign in"),
    ("root = /tmp\n    users = ann",
     'upload "/a": users is set, and access lets clients in without a name; '
     "set access to another way to sign in"),
    ('access = basic\n    users = "@b"',
     'upload "/a": users has a group, and group_file is not set; name the file '
     'with lines "GROUP: USER USER"'),
    ('access = basic\n    users = "@"',
     'users: "@" has no name; write "USER" or "@GROUP"'),
    ('access = basic\n    users = ""',
     'users: "" has no name; write "USER" or "@GROUP"'),
])
def test_contradictions_are_errors(tmp_path, lines, words):
    path = tmp_path / "bitsd.conf"
    root = "" if "root" in lines else f"    root = {tmp_path}\n"
    path.write_text(f'upload "/a" {{\n    {lines}\n'
                    f"    password_file = {tmp_path}/p\n{root}}}\n")
    (tmp_path / "p").touch()
    done = subprocess.run([binary(), "-c", path, "--test-config"], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert f"{path}:3: {words}" in done.stderr, done.stderr


def test_without_its_groups_the_server_does_not_start():
    made = server({"users": "@b"}, "")
    (made.home / "groups").unlink()
    with pytest.raises(Died) as died:
        with made:
            pass
    assert f"{made.home}/groups: cannot read it" in str(died.value)


# --- limits for each user ---


def test_each_user_has_sessions_of_its_own():
    """max_sessions_per_user counts a user, whichever rule lists it."""
    with server({"users": ["ann", "@all"], "max_sessions_per_user": 2},
                "all: ann bob\n") as bitsd:
        connection = bitsd.connect()
        first = []
        for user in (ANN, BOB):
            for name in "ab":
                path = f"/{user[0]}-{name}.bin"
                identity = create_as(connection, path, *user)
                request = fragment_request(identity, 0, 4, 10, path)
                expect(ask_as(connection, request, *user), 200, next=5)
                first.append((user, path, identity))
        for user in (ANN, BOB):
            response = ask_as(connection, Request("create", "/c.bin"), *user)
            expect(response, 503, "EBUSY")
        bitsd.log.wait(["cause=TOO_MANY_SESSIONS", "user=bob"])
        for user, path, identity in first:
            request = fragment_request(identity, 5, 9, 10, path)
            expect(ask_as(connection, request, *user), 200, next=10)
        connection.close()


# --- two users ---


def test_two_users_cannot_touch_each_others_sessions():
    with server({"users": ["ann", "bob"]}) as bitsd:
        connection = bitsd.connect()
        mine = create_as(connection, "/a.bin", *ANN)
        request = fragment_request(mine, 0, 4, 10)
        expect(ask_as(connection, request, *ANN), 200, next=5)
        for make in (lambda: fragment_request(mine, 5, 9, 10, seed="evil"),
                     lambda: fragment_request(mine, 0, 9, 10, seed="evil"),
                     lambda: Request("close", "/a.bin", mine),
                     lambda: Request("cancel", "/a.bin", mine)):
            response = ask_as(connection, make(), *BOB)
            assert response.status == 403 and offset(response) is None
        # The same target is another session, and only one file wins.
        other = create_as(connection, "/a.bin", *BOB)
        request = fragment_request(mine, 5, 9, 10)
        expect(ask_as(connection, request, *ANN), 200, next=10)
        request = fragment_request(other, 0, 9, 10, seed="evil")
        response = ask_as(connection, request, *BOB)
        assert response.status == 403, response
        bitsd.log.wait(["cause=FILE_EXISTS", "user=bob"])
        assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
        connection.close()
