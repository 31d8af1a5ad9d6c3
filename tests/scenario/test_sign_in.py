"""Who uploads: names and passwords (V2), and whose a session is (V13)."""

import os
import signal
import subprocess
import threading
from contextlib import contextmanager

import pytest

import passwords
from bits import binary as bits
from bitsd import ROOT, Bitsd, Died, binary
from packets import ERRORS, Request, pattern
from passwords import (ask_as, create_as, credentials, hashed, read, signed,
                       upload_as)
from talk import (ask, create, expect, fragment, fragment_request, until,
                  wait_stored)
from wire import Connection

ANN = ("ann", "Passw0rd")
BOB = ("bob", "secret: with a colon")


class Server(Bitsd):
    """A server with the users ann and bob, and a file that a test may write."""

    def __init__(self, server=None, options=None, users=(ANN, BOB),
                 setting=passwords.CHEAP):
        super().__init__(server=server or {})
        self.file = self.home / "passwords"
        self.uploads = {"/": {"access": "basic", "basic_without_tls": "yes",
                              "password_file": self.file, **(options or {})}}
        self.set_users(*users, setting=setting)

    def set_users(self, *users, setting=passwords.CHEAP):
        passwords.write(self.file, dict(users), setting)


def cause(server, name):
    """Waits for the refusal in the log."""
    return server.log.wait(["refused", f"cause={name}"])


# --- the first packet, and the one behind it ---


NO_SESSION = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}"

PACKETS = [
    lambda: Request("ping", "/a.bin"),
    lambda: Request("create", "/a.bin"),
    lambda: fragment_request(NO_SESSION, 0, 99, 100),
    lambda: Request("close", "/a.bin", NO_SESSION),
    lambda: Request("cancel", "/a.bin", "not an id"),
]


def test_a_packet_without_a_name_is_challenged_and_may_come_again():
    with Server() as server:
        connection = server.connect()
        for make in PACKETS:
            request = make()
            connection.send(request.data())
            response = read(connection, request)
            assert response.status == 401 and not response.closes(), response
            response = ask_as(connection, make(), *ANN)
            assert response.status in (200, 500), response


def test_a_challenge_waits_for_no_body_that_is_announced_by_expect():
    with Server() as server:
        connection = server.connect()
        request = fragment_request(NO_SESSION, 0, 99, 100)
        request.set("Expect", "100-continue")
        connection.send(request.head())
        assert read(connection, request).status == 401


def read_all(connection):
    """What the server sends before it closes."""
    parts = iter(lambda: connection.socket.recv(65536), b"")
    return b"".join(parts).decode("latin-1")


def test_other_methods_are_challenged_too():
    """An answer to HEAD has no body, a 401 neither."""
    with Server(options={"head": "yes"}) as server:
        (server.inbox / "a.bin").write_bytes(b"12345")
        for method, authorization, status in (
                ("HEAD", "", 401), ("HEAD", credentials(*ANN), 200),
                ("GET", "", 401), ("GET", credentials(*ANN), 405),
                ("PUT", "", 401), ("PUT", credentials(*ANN), 405)):
            connection = server.connect()
            connection.send(
                f"{method} /a.bin HTTP/1.1\r\nHost: h\r\n"
                f"Authorization: {authorization}\r\n"
                "Connection: close\r\n\r\n".encode())
            head, body = read_all(connection).split("\r\n\r\n", 1)
            assert f"HTTP/1.1 {status} " in head
            assert (body == "") == (method == "HEAD"), body
            assert ("WWW-Authenticate" in head) == (status == 401)


def test_a_whole_upload_and_its_log():
    with Server() as server:
        upload_as(server.connect(), "/a.bin", *BOB)
        assert (server.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
        for event in ("created", "completed", "delivered", "closed"):
            server.log.wait([f" {event}:", "user=bob"])


def test_curl_and_bits_sign_in(tmp_path):
    with Server() as server:
        host, port = server.address
        url = f"http://{host}:{port}/"
        source = tmp_path / "source"
        source.write_bytes(pattern("B", 0, 100000))
        secret = tmp_path / "secret"
        secret.write_text(BOB[1] + "\n")
        secret.chmod(0o600)
        done = subprocess.run(
            [bits(), "upload", "--insecure-auth", "-u", "bob",
             "--password-file", secret, source, url + "b.bin"],
            env={**os.environ, "HOME": str(tmp_path)}, timeout=60,
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (server.inbox / "b.bin").read_bytes() == source.read_bytes()
        done = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
             "-u", "ann:Passw0rd", "-X", "BITS_POST",
             "-H", "BITS-Packet-Type: Ping", url], timeout=60,
            capture_output=True, text=True, check=False)
        assert done.stdout == "200", done


# --- wrong names and passwords ---


def test_an_unknown_name_is_answered_like_a_wrong_password():
    with Server() as server:
        connection = server.connect()
        said = []
        for name, password in (("ann", "wrong"), ("nobody", "Passw0rd")):
            response = ask_as(connection, Request("create", "/a.bin"), name,
                              password)
            response.fields = [f for f in response.fields if f[0] != "Date"]
            said.append(str(response))
            server.log.wait(["sign-in-failed", f"user={name}", "peer=127.0.0.1"])
        assert said[0] == said[1] and " 401 " in said[0]
        assert "wrong" not in str(server.log).replace("password is wrong", "")


def test_a_password_of_a_user_is_wrong_with_an_unknown_name():
    """bitsd checks it against the hash of some user, to take as long."""
    with Server(users=(ANN,)) as server:
        for name in ("cid", "Ann", "ann ", "an"):
            response = ask_as(server.connect(), Request("ping", "/"), name,
                              ANN[1])
            assert response.status == 401, name


MALFORMED = [
    "Basic", "Basic ", "Basic !", "Basic YW5u", "Basic YW5uOlBhc3N3MHJk=",
    "Basic YW5uOlBhc3N3MHJ", "Basic Om5vbmFtZQ==", "Bearer YW5uOlBhc3N3MHJk",
    "YW5uOlBhc3N3MHJk", "Basic YW5uOlBhc3N3MHJk, Basic YW5uOlBhc3N3MHJk",
    credentials("ann", "Passw0rd\0"), credentials("an\nn", "Passw0rd"),
    credentials("a" * 257, "x"), credentials("ann", "x" * 512),
    credentials("ann", "x" * 40000),
]


def test_a_malformed_sign_in_is_challenged():
    with Server() as server:
        connection = server.connect()
        for value in MALFORMED:
            request = Request("ping", "/a.bin")
            request.set("Authorization", value)
            connection.send(request.data())
            assert read(connection, request).status == 401, value
            assert ask_as(connection, Request("ping", "/"), *ANN).status == 200
        assert not server.log.find("sign-in-failed")


def test_two_sign_ins_in_one_request_are_challenged():
    with Server() as server:
        connection = server.connect()
        request = signed(Request("ping", "/a.bin"), *ANN)
        request.add("Authorization", credentials(*ANN))
        connection.send(request.data())
        assert read(connection, request).status == 401


@pytest.mark.parametrize("setting", [passwords.CHEAP, passwords.SHA256,
                                     passwords.SHA512])
def test_the_longest_names_and_passwords_work(setting):
    users = (("n" * 256, "p" * 511), ("caf\u00e9 \u00fc", "\u20ac"))
    with Server(users=users, setting=setting) as server:
        for name, password in users:
            response = ask_as(server.connect(), Request("ping", "/"), name,
                              password)
            assert response.status == 200
        if setting != passwords.CHEAP:
            response = ask_as(server.connect(), Request("ping", "/"), "n" * 256,
                              "p" * 510)
            assert response.status == 401


# --- without TLS ---


def test_no_password_is_taken_over_a_plain_connection():
    with Server(options={"basic_without_tls": "no"}) as server:
        connection = server.connect()
        for request in (Request("ping", "/"), Request("create", "/a.bin"),
                        signed(Request("create", "/a.bin"), *ANN),
                        signed(Request("create", "/a.bin"), "ann", "wrong")):
            response = ask(connection, request)
            expect(response, 403, "EACCES")
            assert "https" in response.get("BITS-Error-Text")
            assert response.get("WWW-Authenticate") is None
        assert cause(server, "SIGN_IN_NEEDS_TLS")


def test_a_section_may_take_anybody_and_users():
    with Server(options={"access": ["anonymous", "basic"]}) as server:
        connection = server.connect()
        identity = create(connection, "/a.bin")
        expect(fragment(connection, identity, 0, 4, 10), 200, next=5)
        request = fragment_request(identity, 5, 9, 10)
        expect(ask_as(connection, request, *ANN), 403, "EACCES")
        assert ask_as(connection, Request("ping", "/"), "ann",
                      "wrong").status == 401
        expect(fragment(connection, identity, 5, 9, 10), 200, next=10)
        server.log.wait(["delivered"])
        assert not server.log.find(["delivered", "user="])


def test_a_section_for_everybody_ignores_credentials():
    with Bitsd(uploads={"/": {"access": "anonymous"}}) as server:
        request = signed(Request("ping", "/"), "ann", "whatever")
        assert ask(server.connect(), request).status == 200


# --- sessions belong to users ---


def test_a_user_cannot_touch_the_session_of_another():
    with Server() as server:
        mine, theirs = server.connect(), server.connect()
        identity = create_as(mine, "/a.bin", *ANN)
        expect(ask_as(mine, fragment_request(identity, 0, 4, 10), *ANN), 200,
               next=5)
        for request in (fragment_request(identity, 5, 9, 10),
                        fragment_request(identity, 0, 4, 10),
                        fragment_request(identity, 7, 9, 10),
                        Request("close", "/a.bin", identity),
                        Request("cancel", "/a.bin", identity)):
            expect(ask_as(theirs, request, *BOB), 403, "EACCES")
        refused = cause(server, "OTHER_USER")
        assert "user=bob" in refused
        expect(ask_as(mine, fragment_request(identity, 5, 9, 10), *ANN), 200,
               next=10)
        # After the end another user learns nothing of it, not even that.
        expect(ask_as(theirs, Request("close", "/a.bin", identity), *BOB), 403,
               "EACCES")
        expect(ask_as(mine, Request("close", "/a.bin", identity), *ANN), 200)
        expect(ask_as(theirs, Request("close", "/a.bin", identity), *BOB), 500,
               "ENOSESSION")
        expect(ask_as(mine, Request("close", "/a.bin", identity), *ANN), 200)


def test_a_user_cannot_cut_the_fragment_of_another():
    """A newer request takes over, but only if it may touch the session."""
    with Server() as server:
        mine = server.connect()
        identity = create_as(mine, "/a.bin", *ANN)
        request = signed(fragment_request(identity, 0, 99, 100), *ANN)
        mine.send(request.head() + request.body[:50])
        gap = signed(fragment_request(identity, 99, 99, 100), *ANN)
        until(lambda: int(ask(server.connect(), gap).get(
            "BITS-Received-Content-Range")) == 50)
        for attack in (fragment_request(identity, 0, 99, 100),
                       Request("cancel", "/a.bin", identity),
                       Request("close", "/a.bin", identity)):
            expect(ask_as(server.connect(), attack, *BOB), 403, "EACCES")
        mine.send(request.body[50:])
        expect(read(mine, request), 200, next=100)


def test_a_session_of_another_url_says_nothing_about_its_user():
    with Server() as server:
        identity = create_as(server.connect(), "/a.bin", *ANN)
        for name in (ANN, BOB):
            request = Request("cancel", "/b.bin", identity)
            expect(ask_as(server.connect(), request, *name), 500, "ENOSESSION")


def test_each_user_has_his_own_limit_of_sessions():
    with Server(options={"max_sessions_per_user": "1"}) as server:
        connection = server.connect()
        first = create_as(connection, "/a.bin", *ANN)
        expect(ask_as(connection, fragment_request(first, 0, 4, 10), *ANN), 200,
               next=5)
        response = ask_as(connection, Request("create", "/b.bin"), *ANN)
        expect(response, 503, "EBUSY")
        create_as(connection, "/b.bin", *BOB)


def test_a_session_keeps_its_user_over_a_restart():
    with Server() as server:
        identity = create_as(server.connect(), "/a.bin", *ANN)
        server.kill()
        server.start()
        request = fragment_request(identity, 0, 9, 10)
        expect(ask_as(server.connect(), request, *BOB), 403, "EACCES")
        expect(ask_as(server.connect(), request, *ANN), 200, next=10)


# --- a password is checked once ---


@contextmanager
def busy_checks(server, name="sloth", password="slow"):
    """The only place of the checks is taken, for seconds."""
    holder = server.connect()
    holder.send(signed(Request("ping", "/"), name, password).data())
    # One event thread takes the requests in turn.
    other = server.connect()
    other.send(b"GET /elsewhere HTTP/1.1\r\nHost: h\r\n\r\n")
    assert other.read_response().status == 401
    yield
    assert not holder.has_answer(), "the check was over too soon"
    server.kill()


ONE_PLACE = {"threads": "1", "password_threads": "1",
             "max_password_checks": "1"}


def with_sloth(server, *users):
    server.file.write_text(
        passwords.lines(dict(users)) +
        "sloth:" + "$2b$16$abcdefghijklmnopqrstuu" + "a" * 31 + "\n")


def test_a_password_that_was_right_needs_no_check():
    server = Server(server=ONE_PLACE)
    with_sloth(server, ANN, BOB)
    with server:
        assert ask_as(server.connect(), Request("ping", "/"),
                      *ANN).status == 200
        with busy_checks(server):
            upload_as(server.connect(), "/a.bin", *ANN)
            response = ask_as(server.connect(), Request("create", "/b.bin"),
                              *BOB)
            expect(response, 503, "EBUSY")
            assert response.get("Retry-After") == "5"
            assert "max_password_checks" in cause(server, "TOO_MANY_CHECKS")
            response = ask_as(server.connect(), Request("ping", "/"), "ann",
                              "wrong")
            expect(response, 503, "EBUSY")


def test_it_needs_one_after_password_cache_time():
    server = Server(server={**ONE_PLACE, "password_cache_time": "0"})
    with_sloth(server, ANN)
    with server:
        assert ask_as(server.connect(), Request("ping", "/"),
                      *ANN).status == 200
        with busy_checks(server):
            expect(ask_as(server.connect(), Request("ping", "/"), *ANN), 503,
                   "EBUSY")


def test_only_max_cached_passwords_are_remembered():
    server = Server(server={**ONE_PLACE, "max_cached_passwords": "1"})
    with_sloth(server, ANN, BOB)
    with server:
        for user in (ANN, BOB):
            assert ask_as(server.connect(), Request("ping", "/"),
                          *user).status == 200
        with busy_checks(server):
            assert ask_as(server.connect(), Request("ping", "/"),
                          *BOB).status == 200
            expect(ask_as(server.connect(), Request("ping", "/"), *ANN), 503,
                   "EBUSY")


def test_the_same_password_shares_a_check():
    """Else a fleet with one account would fill the places."""
    with Server(server={"max_password_checks": "1"}) as server:
        connections = [server.connect() for _ in range(20)]
        request = signed(Request("ping", "/"), *ANN)
        for connection in connections:
            connection.send(request.data())
        for connection in connections:
            assert read(connection, request).status == 200


def test_a_client_may_leave_while_its_password_is_checked():
    server = Server(server=ONE_PLACE)
    with_sloth(server, ANN)
    with server:
        with busy_checks(server):
            for _ in range(5):
                left = server.connect()
                left.send(signed(Request("ping", "/"), "sloth", "slow").data())
                left.socket.close()


def test_a_server_that_stops_checks_no_password_without_a_client():
    """Checks of minutes wait when the clients are cut off."""
    server = Server(server={**ONE_PLACE, "max_password_checks": "30",
                            "max_failed_sign_ins": "30", "grace_time": "1h"})
    with_sloth(server)
    with server:
        for number in range(30):
            waiting = server.connect()
            waiting.send(signed(Request("ping", "/"), "sloth",
                                f"guess {number}").data())
        other = server.connect()
        other.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert other.read_response().status == 401
        for words in ("no new connections", "grace_time is over",
                      "grace_time is over"):
            mark = len(server.log.lines)
            server.terminate()
            server.log.wait(words, mark)
        server.wait_stopped()


def test_a_password_of_another_section_is_wrong():
    server = Server()
    passwords.write(server.home / "other", {"ann": "another"})
    server.uploads["/other"] = {**server.uploads["/"], "root": "other.d",
                                "password_file": server.home / "other"}
    (server.home / "other.d").mkdir()
    with server:
        connection = server.connect()
        for path, password, status in (
                ("/a", "Passw0rd", 200), ("/other/a", "Passw0rd", 401),
                ("/other/a", "another", 200), ("/a", "another", 401),
                ("/a", "Passw0rd", 200)):
            response = ask_as(connection, Request("ping", path), "ann", password)
            assert response.status == status, path


# --- guessing ---


def guess(server, name="ann", source=None, tries=200):
    """Guesses until it is slowed down; the answers."""
    connection = Connection(server.address, source=source)
    responses = []
    for number in range(tries):
        request = Request("ping", "/")
        responses.append(ask_as(connection, request, name, f"guess {number}"))
        if responses[-1].status == 503:
            return responses
    raise AssertionError("nothing slowed it down")


def test_guessing_is_slowed_at_its_limit():
    with Server(server={"max_failed_sign_ins": "3"}) as server:
        responses = guess(server)
        assert len(responses) >= 4
        assert [r.status for r in responses[:3]] == [401] * 3
        expect(responses[-1], 503, "EBUSY")
        assert responses[-1].get("Retry-After") == "1"
        assert "max_failed_sign_ins" in cause(server, "TOO_MANY_FAILURES")


def test_guessing_keeps_no_other_client_out():
    with Server(server={"max_failed_sign_ins": "1"}) as server:
        assert ask_as(server.connect(), Request("ping", "/"),
                      *BOB).status == 200
        guess(server, "bob")
        # What was right continues, and so do another name at this address, and the same name
        # at another one.
        upload_as(server.connect(), "/a.bin", *BOB)
        upload_as(server.connect(), "/b.bin", *ANN)
        guess(server, "bob", source="127.0.0.2")
        upload_as(Connection(server.address, source="127.0.0.3"), "/c.bin",
                  *BOB)


def test_guessing_names_is_slowed_for_the_address():
    with Server(server={"max_failed_sign_ins": "1"}) as server:
        connection = server.connect()
        for number in range(500):
            response = ask_as(connection, Request("ping", "/"), f"n{number}",
                              "x")
            if response.status == 503:
                break
        assert response.status == 503 and number >= 10
        upload_as(Connection(server.address, source="127.0.0.2"), "/a.bin",
                  *ANN)


def test_a_right_password_costs_nothing_of_the_budget():
    with Server(server={"max_failed_sign_ins": "1",
                        "password_cache_time": "0"}) as server:
        connection = server.connect()
        for _ in range(50):
            assert ask_as(connection, Request("ping", "/"), *ANN).status == 200


def test_uploads_go_on_beside_guessing_at_full_speed():
    with Server(server={"max_failed_sign_ins": "2",
                        "max_password_checks": "4"}) as server:
        create_as(server.connect(), "/first.bin", *ANN)
        over = threading.Event()
        guesses = []

        def attack(seed):
            connection = server.connect()
            count = 0
            while not over.is_set():
                name = "ann" if count % 2 else f"{seed}-{count}"
                request = signed(Request("ping", "/"), name, f"{seed}{count}")
                connection.send(request.data() * 10)
                for _ in range(10):
                    status = connection.read_response().status
                    assert status in (401, 503)
                    guesses.append(status)
                count += 1

        attackers = [threading.Thread(target=attack, args=(seed,))
                     for seed in range(4)]
        for attacker in attackers:
            attacker.start()
        connection = server.connect()
        for number in range(20):
            upload_as(connection, f"/{number}.bin", *ANN)
        over.set()
        for attacker in attackers:
            attacker.join()
        assert 503 in guesses


# --- the file changes ---


def ping_as(server, name, password):
    return ask_as(server.connect(), Request("ping", "/"), name, password).status


def test_a_changed_file_is_in_force_at_once():
    with Server() as server:
        assert ping_as(server, *ANN) == ping_as(server, *BOB) == 200
        server.set_users(("ann", "new"), ("cid", "third"))
        assert ping_as(server, *BOB) == 401
        assert ping_as(server, *ANN) == 401
        assert ping_as(server, "ann", "new") == 200
        assert ping_as(server, "cid", "third") == 200
        server.log.wait(["passwords", "users=2"])
        # In place, and of the same size.
        server.file.write_text(passwords.lines({"ann": "two", "cid": "third"}))
        assert ping_as(server, "ann", "new") == 401
        assert ping_as(server, "ann", "two") == 200


def test_a_file_that_is_gone_lets_no_user_in_until_it_is_back():
    with Server() as server:
        assert ping_as(server, *ANN) == 200
        server.file.rename(server.home / "away")
        response = ask_as(server.connect(), Request("create", "/a.bin"), *ANN)
        expect(response, 503, "EBUSY")
        assert response.get("Retry-After") == "60"
        server.log.wait(["error passwords:", str(server.file),
                         "No such file or directory"])
        (server.home / "away").rename(server.file)
        assert ping_as(server, *ANN) == 200


def test_a_file_that_is_being_written_keeps_its_users():
    with Server() as server:
        assert ping_as(server, *ANN) == 200
        whole = server.file.read_text()
        with open(server.file, "w", encoding="ascii") as file:
            for part in ("", whole[:10], whole[:-1]):
                file.write(part)
                file.flush()
                file.seek(0)
                assert ping_as(server, *BOB) == 200
            file.write(passwords.lines({"cid": "third"}))
            file.truncate()
        assert ping_as(server, "cid", "third") == 200
        assert ping_as(server, *BOB) == 401


def test_an_empty_file_takes_everybody_out():
    with Server() as server:
        assert ping_as(server, *ANN) == 200
        server.file.write_text("\n")
        assert ping_as(server, *ANN) == 401


def test_faults_in_a_changed_file_are_named_and_others_stay():
    with Server() as server:
        server.file.write_text("ann:$apr1$x$y\nbob:" + hashed(BOB[1]) +
                               "\nno colon and secret\nbob:again\n")
        assert ping_as(server, *BOB) == 200
        server.log.wait([f"{server.file}:1: user ann: the hash is neither"])
        server.log.wait([f"{server.file}:3: the line has no colon"])
        assert not server.log.find("secret")
        assert ping_as(server, *ANN) == 401


def test_uploads_go_on_while_the_file_changes():
    with Server() as server:
        over = threading.Event()

        def change():
            count = 0
            while not over.is_set():
                count += 1
                server.set_users(ANN, (f"user{count}", "x"))

        changer = threading.Thread(target=change)
        changer.start()
        try:
            for number in range(50):
                upload_as(server.connect(), f"/{number}.bin", *ANN)
        finally:
            over.set()
            changer.join()


def test_a_faulty_file_prevents_the_start():
    server = Server()
    server.file.write_text("ann:secret\n")
    with pytest.raises(Died):
        server.start()
    server.wait_stopped(1)
    assert server.log.find([f"{server.file}:1: user ann: the hash is neither"])
    server.close()


def test_a_reload_reads_the_file_of_a_new_section():
    with Server() as server:
        server.uploads["/new"] = {**server.uploads["/"], "root": "new.d",
                                  "password_file": server.home / "new"}
        (server.home / "new.d").mkdir()
        assert "reload failed" in server.reload()
        server.log.wait([f"{server.home}/new: cannot read it"])
        passwords.write(server.home / "new", {"cid": "third"})
        assert "reload done" in server.reload()
        connection = server.connect()
        request = Request("ping", "/new/x")
        assert ask_as(connection, request, "cid", "third").status == 200
        assert ping_as(server, *ANN) == 200
