"""Tokens (V2): who has one, what it is for, how long."""

import hashlib
import os
import subprocess
import time

import pytest

from bits import binary as bits
from bitsctl import run
from bitsd import Bitsd
from packets import Request, check_ack, check_plain, pattern
from passwords import CHEAP, credentials, hashed
from talk import ask, expect, fragment_request, until

CHALLENGE = 'Bearer realm="bitsd"'
NO_SESSION = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}"


class Server(Bitsd):
    """A server with a token file, and a function that makes tokens."""

    def __init__(self, options=None, uploads=None):
        super().__init__()
        self.file = self.home / "tokens"
        self.file.touch()
        section = {"access": "token", "basic_without_tls": "yes",
                   "token_file": self.file, **(options or {})}
        self.uploads = {prefix: section for prefix in uploads or ["/"]}

    def token(self, name, *options):
        done = run("token", *options, self.file, name)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def add(self, line):
        with open(self.file, "a", encoding="ascii") as file:
            file.write(line + "\n")


def line(token, name="ci", rest=""):
    return f"{name} sha256={hashlib.sha256(token.encode()).hexdigest()} {rest}"


def bearing(request, token):
    request.set("Authorization", f"Bearer {token}")
    return request


def ask_with(connection, request, token):
    connection.send(bearing(request, token).data())
    response = connection.read_response()
    if response.status == 401:
        check_plain(response)
        assert response.get("WWW-Authenticate") == CHALLENGE
    else:
        check_ack(request.verb, request.value("BITS-Session-Id"), response)
    return response


def create_with(connection, path, token):
    response = ask_with(connection, Request("create", path), token)
    assert response.status == 200, response
    return response.get("BITS-Session-Id")


def head_status(server, path, token):
    connection = server.connect()
    connection.send(f"HEAD {path} HTTP/1.1\r\nHost: h\r\n"
                    f"Authorization: Bearer {token}\r\n"
                    "Connection: close\r\n\r\n".encode())
    return int(connection.socket.recv(65536).split()[1])


def test_a_whole_upload_and_its_log():
    with Server() as server:
        token = server.token("ci")
        connection = server.connect()
        identity = create_with(connection, "/a.bin", token)
        for request in (fragment_request(identity, 0, 9, 10),
                        Request("close", "/a.bin", identity)):
            assert ask_with(connection, request, token).status == 200
        assert (server.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
        for event in ("created", "completed", "delivered", "closed"):
            server.log.wait([f" {event}:", "user=ci"])
        assert token not in str(server.log)
        assert token not in server.file.read_text()


def test_bits_and_curl_send_a_token(tmp_path):
    with Server() as server:
        secret = tmp_path / "token"
        secret.write_text(server.token("ci") + "\n")
        secret.chmod(0o600)
        source = tmp_path / "source"
        source.write_bytes(pattern("B", 0, 100000))
        host, port = server.address
        url = f"http://{host}:{port}/"
        done = subprocess.run(
            [bits(), "upload", "--insecure-auth", "--token-file", secret,
             source, url + "b.bin"], env={**os.environ, "HOME": str(tmp_path)},
            timeout=60, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (server.inbox / "b.bin").read_bytes() == source.read_bytes()
        done = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
             "--oauth2-bearer", secret.read_text().strip(), "-X", "BITS_POST",
             "-H", "BITS-Packet-Type: Ping", url], timeout=60,
            capture_output=True, text=True, check=False)
        assert done.stdout == "200", done


def test_each_packet_needs_the_token():
    with Server() as server:
        server.token("ci")
        connection = server.connect()
        for request in (Request("ping", "/a.bin"), Request("create", "/a.bin"),
                        fragment_request(NO_SESSION, 0, 99, 100),
                        Request("close", "/a.bin", NO_SESSION)):
            connection.send(request.data())
            response = connection.read_response()
            assert response.status == 401 and not response.closes()
            assert response.get("WWW-Authenticate") == CHALLENGE


def test_a_wrong_token_is_refused():
    with Server() as server:
        token = server.token("ci")
        connection = server.connect()
        for wrong in ("", token[:-1], token + "0", token.upper(), "x" * 60000,
                      token[:-1] + ("1" if token[-1] == "0" else "0"),
                      hashlib.sha256(token.encode()).hexdigest(), "ci"):
            response = ask_with(connection, Request("ping", "/"), wrong)
            assert response.status == 401, wrong
        assert ask_with(connection, Request("ping", "/"), token).status == 200
        server.log.wait(["sign-in-failed", "the token is unknown",
                         "peer=127.0.0.1"])
        assert token[:-1] not in str(server.log)


def test_each_changed_byte_of_a_token_is_refused():
    with Server() as server:
        token = server.token("ci")
        connection = server.connect()
        for at in range(len(token)):
            changed = token[:at] + chr(ord(token[at]) ^ 1) + token[at + 1:]
            assert ask_with(connection, Request("ping", "/"),
                            changed).status == 401, at


def test_a_token_expires():
    with Server() as server:
        token = server.token("ci", "--expires", "2s")
        connection = server.connect()
        identity = create_with(connection, "/a.bin", token)
        until(lambda: ask_with(connection, Request("ping", "/"),
                               token).status == 401)
        server.log.wait(["sign-in-failed", "the token has expired", "user=ci"])
        request = fragment_request(identity, 0, 9, 10)
        assert ask_with(connection, request, token).status == 401
        # A new token of the same name resumes the session.
        expect(ask_with(connection, request, server.token("ci")), 200, next=10)


def test_the_second_of_the_expiry_is_too_late():
    with Server() as server:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        server.add(line("past", "past", f"expires={now}"))
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                              time.gmtime(time.time() + 3600))
        server.add(line("later", "later", f"expires={later}"))
        connection = server.connect()
        assert ask_with(connection, Request("ping", "/"), "past").status == 401
        assert ask_with(connection, Request("ping", "/"), "later").status == 200


COVERED = ["/in/a.bin", "/in/deep/er/a.bin", "//in//a.bin", "/%69n/a.bin",
           "/two%20words/a.bin", "/in?x=1"]
NOT_COVERED = ["/a.bin", "/out/a.bin", "/inner/a.bin", "/IN/a.bin",
               "/%2fin/a.bin", "/out/../in/a.bin", "/out%2f..%2fin/a.bin",
               "/%2e%2e/in/a.bin", "/i%6/a.bin", "/two words/a.bin"]


def test_a_token_is_valid_below_its_prefixes():
    with Server() as server:
        token = server.token("ci", "--prefix", "/in/", "--prefix",
                             "/two%20words")
        connection = server.connect()
        for path in COVERED:
            assert ask_with(connection, Request("ping", path),
                            token).status == 200, path
        for path in NOT_COVERED[:-1]:
            response = ask_with(connection, Request("ping", path), token)
            expect(response, 403, "EACCES")
        server.log.wait(["refused", "cause=TOKEN_FORBIDS"])
        # From a covered folder no name leads out of it.
        for path in ("/in/../out/a.bin", "/in/%2e%2e/a.bin", "/in/..%2fa.bin"):
            response = ask_with(connection, Request("create", path), token)
            assert response.status == 403 or response.status == 400, response


def test_a_token_has_rights():
    with Server(options={"head": "yes"}) as server:
        (server.inbox / "a.bin").write_bytes(b"12345")
        both = server.token("both")
        sends = server.token("sends", "--rights", "upload")
        looks = server.token("looks", "--rights", "head")
        assert head_status(server, "/a.bin", both) == 200
        assert head_status(server, "/a.bin", looks) == 200
        assert head_status(server, "/a.bin", sends) == 403
        connection = server.connect()
        assert ask_with(connection, Request("ping", "/"), sends).status == 200
        expect(ask_with(connection, Request("ping", "/"), looks), 403, "EACCES")


def test_a_changed_file_is_in_force_at_once():
    with Server() as server:
        old = server.token("ci")
        other = server.token("other")
        connection = server.connect()
        assert ask_with(connection, Request("ping", "/"), old).status == 200
        new = server.token("ci")
        kept = server.token("ci", "--keep")
        for token, status in ((old, 401), (new, 200), (kept, 200),
                              (other, 200)):
            assert ask_with(connection, Request("ping", "/"),
                            token).status == status
        server.log.wait(["tokens", "has changed"])


def test_a_file_with_faults_keeps_its_good_lines():
    with Server() as server:
        server.add("bad sha256=12\n# a comment\n\nbitsd_00112233 sha256=1")
        server.add(line("good"))
        response = ask_with(server.connect(), Request("ping", "/"), "good")
        assert response.status == 200
        server.log.wait(["tokens", "token bad:", "64 hexadecimal"])
        assert "00112233" not in str(server.log)


def test_a_file_that_cannot_be_read_is_a_503():
    with Server() as server:
        token = server.token("ci")
        connection = server.connect()
        assert ask_with(connection, Request("ping", "/"), token).status == 200
        server.file.rename(server.file.with_suffix(".away"))
        response = ask_with(connection, Request("ping", "/"), token)
        assert response.status == 503 and response.get("Retry-After") == "60"
        server.file.with_suffix(".away").rename(server.file)
        assert ask_with(connection, Request("ping", "/"), token).status == 200


def test_no_token_is_taken_over_a_plain_connection():
    with Server(options={"basic_without_tls": "no"}) as server:
        token = server.token("ci")
        for request in (Request("ping", "/"), bearing(Request("ping", "/"),
                                                      token)):
            response = ask(server.connect(), request)
            expect(response, 403, "EACCES")
            assert "https" in response.get("BITS-Error-Text")
        server.log.wait(["refused", "cause=SIGN_IN_NEEDS_TLS"])


def test_a_section_may_take_passwords_and_tokens(tmp_path):
    users = tmp_path / "users"
    users.write_text(f"ann:{hashed('secret', CHEAP)}\n")
    with Server(options={"access": ["basic", "token"],
                         "password_file": users}) as server:
        token = server.token("ann")
        connection = server.connect()
        connection.send(Request("ping", "/").data())
        response = connection.read_response()
        check_plain(response)
        assert sorted(v for k, v in response.fields
                      if k == "WWW-Authenticate") == [
            'Basic realm="bitsd", charset="UTF-8"', CHALLENGE]
        identity = create_with(connection, "/a.bin", token)
        # One name is one user, however it signs in.
        request = fragment_request(identity, 0, 9, 10)
        request.set("Authorization", credentials("ann", "secret"))
        expect(ask(connection, request), 200, next=10)


def test_two_tokens_attack_each_other():
    with Server() as server:
        mine, theirs = server.token("mine"), server.token("theirs")
        connection = server.connect()
        identity = create_with(connection, "/a.bin", mine)
        expect(ask_with(connection, fragment_request(identity, 0, 4, 10), mine),
               200, next=5)
        for request in (fragment_request(identity, 5, 9, 10),
                        fragment_request(identity, 0, 4, 10),
                        Request("close", "/a.bin", identity),
                        Request("cancel", "/a.bin", identity)):
            expect(ask_with(connection, request, theirs), 403, "EACCES")
        expect(ask_with(connection, fragment_request(identity, 5, 9, 10), mine),
               200, next=10)


def test_a_token_upload_resumes_after_a_restart():
    with Server() as server:
        token = server.token("ci")
        identity = create_with(server.connect(), "/a.bin", token)
        expect(ask_with(server.connect(), fragment_request(identity, 0, 4, 10),
                        token), 200, next=5)
        server.kill()
        server.start()
        expect(ask_with(server.connect(), fragment_request(identity, 5, 9, 10),
                        token), 200, next=10)


# --- bitsctl token ---


@pytest.mark.parametrize("arguments, word", [
    (["x"], "NAME"), (["x", "y", "z"], "NAME"), (["x", "a:b"], "colon"),
    (["x", "a b"], "blank"), (["--expires", "0s", "x", "y"], "--expires"),
    (["--expires", "soon", "x", "y"], "--expires"),
    (["--expires", "99999999999d", "x", "y"], "--expires"),
    (["--prefix", "in", "x", "y"], "begins with /"),
    (["--prefix", "/a b", "x", "y"], "%20"),
    (["--rights", "all", "x", "y"], "upload, head"),
    (["--rights", "", "x", "y"], "upload, head"),
])
def test_a_wrong_command_line_is_refused_in_words(arguments, word, tmp_path):
    done = run("token", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and word in done.stderr, done
    assert list(tmp_path.iterdir()) == []


def test_a_token_is_printed_once_and_kept_nowhere(tmp_path):
    path = tmp_path / "tokens"
    first = run("token", path, "a")
    second = run("token", path, "b")
    assert first.stdout.startswith("bitsd_") and len(first.stdout) == 71
    assert first.stdout != second.stdout
    assert "chgrp bitsd" in first.stderr and second.stderr == ""
    assert path.read_text() == (line(first.stdout.strip(), "a").rstrip() + "\n" +
                                line(second.stdout.strip(), "b").rstrip() + "\n")
