"""Invitations (V2): URLs that let a client without credentials upload."""

import re
import subprocess
import threading
import time

import pytest

import passwords
from bitsctl import run
from invitations import (PARAMETER, Server, ask_with, carrying, create_with,
                         upload_with)
from packets import Request, pattern
from passwords import ask_as
from talk import ask, expect, fragment_request, until


def used(server, path, invitation):
    """Does a Create-Session say that the one file was delivered?"""
    response = ask_with(server.connect(), Request("create", path), invitation)
    expect(response, 403, "EACCES")
    return "delivered" in response.get("BITS-Error-Text")


# --- one file ---


def test_a_whole_upload_and_its_log():
    with Server() as server:
        invitation = server.invite("/a.bin")
        upload_with(server.connect(), "/a.bin", invitation)
        assert (server.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
        user = f"user=invite:{invitation[:16]}"
        for event in ("created", "completed", "delivered", "closed"):
            server.log.wait([f" {event}:", user])


def test_the_printed_url_and_the_lines_for_curl_upload(tmp_path):
    with Server() as server:
        host, port = server.address
        done = run("invite", "--config", server.config_path,
                   f"http://{host}:{port}/in%20box.bin")
        url = done.stdout.split("\n", 1)[0]
        assert url.startswith(f"http://{host}:{port}/in%20box.bin?{PARAMETER}=")
        assert f"-Destination '{url}'" in done.stdout
        assert f'/upload /priority foreground "{url}" "FILE"' in done.stdout
        (tmp_path / "FILE").write_bytes(pattern("C", 0, 5000))
        lines = done.stdout.split("curl, for a file that is not empty:\n")[1]
        shell = subprocess.run(["sh", "-e", "-c", lines], cwd=tmp_path,
                               timeout=60, check=False, capture_output=True)
        assert shell.returncode == 0, shell.stderr
        assert (server.inbox / "in box.bin").read_bytes() == \
            pattern("C", 0, 5000)


def test_bitsctl_and_this_test_sign_the_same():
    with Server() as server:
        invitation = server.sign("/a.bin", flags="o", size="10", user="616e6e")
        expect(ask_with(server.connect(), Request("ping", "/a.bin"),
                        invitation), 200)
        made = server.invite("/x/y/", "--once", "--max-size", "2k", "--as",
                             "ann")
        assert re.fullmatch(r"[0-9a-f]{16}\.\d+\.f2o\.2048\.616e6e\."
                            r"[0-9a-f]{64}", made)


def test_without_an_invitation_the_answer_is_403_without_a_challenge():
    with Server() as server:
        response = ask(server.connect(), Request("create", "/a.bin"))
        expect(response, 403, "EACCES")
        assert response.get("WWW-Authenticate") is None


def test_each_packet_needs_the_invitation():
    with Server() as server:
        invitation = server.invite("/a.bin")
        identity = create_with(server.connect(), "/a.bin", invitation)
        for request in (fragment_request(identity, 0, 9, 10),
                        Request("close", "/a.bin", identity),
                        Request("cancel", "/a.bin", identity)):
            expect(ask(server.connect(), request), 403, "EACCES")


def test_each_changed_byte_is_refused():
    with Server() as server:
        invitation = server.invite("/a.bin", "--once", "--max-size", "77",
                                   "--as", "ann")
        connection = server.connect()
        for at, char in enumerate(invitation):
            for bit in (1, 32):
                other = chr(ord(char) ^ bit)
                changed = invitation[:at] + other + invitation[at + 1:]
                if other in "&#\x7f" or not "!" <= other <= "~":
                    continue
                response = ask_with(connection, Request("ping", "/a.bin"),
                                    changed)
                expect(response, 403, "EACCES")
        for changed in ("", invitation[:-1], invitation + "0", invitation[1:],
                        invitation + ".", "." + invitation, "x" * 6000):
            response = ask_with(connection, Request("ping", "/a.bin"), changed)
            expect(response, 403, "EACCES")
        server.log.wait(["refused", "cause=INVITATION_INVALID"])
        expect(ask_with(connection, Request("ping", "/a.bin"), invitation), 200)


SAME = ["/in/a.bin", "//in//a.bin", "/%69n/a%2ebin", "/in/a.bin?x=1"]
OTHER = ["/in/b.bin", "/in/a.bin/", "/in/a.bin/x", "/IN/a.bin", "/in/A.bin",
         "/in", "/in/", "/", "/a.bin", "/in/./a.bin", "/in/../in/a.bin",
         "/x/%2e%2e/in/a.bin", "/in/%2e/a.bin", "/in%2fa.bin", "/in/a.bin%00",
         "/in/a.bin%2f", "/in/a.bin%", "/in/a.bin%20", "/in/a.bin;x"]


def test_an_invitation_is_for_its_path_only():
    with Server() as server:
        invitation = server.invite("/in//%61.bin")
        connection = server.connect()
        for path in SAME:
            assert ask_with(connection, Request("ping", path),
                            invitation).status == 200, path
        for path in OTHER:
            response = ask_with(connection, Request("ping", path), invitation)
            expect(response, 403, "EACCES")


def test_a_folder_invitation_is_for_all_files_below():
    with Server(options={"create_folders": "yes"}) as server:
        invitation = server.invite("/in/")
        connection = server.connect()
        upload_with(connection, "/in/a.bin", invitation)
        upload_with(connection, "/in/deep/b.bin", invitation)
        assert (server.inbox / "in/deep/b.bin").exists()
        for path in ("/in", "/in/", "/inner/a.bin", "/out/a.bin",
                     "/in/../out/a.bin", "/in/%2e%2e/out/a.bin", "/a.bin",
                     "/in/x%2f..%2f..%2fa.bin"):
            for verb in ("ping", "create"):
                response = ask_with(connection, Request(verb, path), invitation)
                expect(response, 403, "EACCES")
        whole = server.invite("/")
        upload_with(connection, "/c.bin", whole)


def test_the_parameter_may_be_anywhere_in_the_query():
    with Server() as server:
        invitation = server.invite("/a.bin")
        connection = server.connect()
        for query in (f"x=1&{PARAMETER}={invitation}",
                      f"{PARAMETER}={invitation}&x=1",
                      f"&{PARAMETER}={invitation}&",
                      f"%62its-invite={invitation}"):
            request = Request("ping", f"/a.bin?{query}")
            assert ask(connection, request).status == 200, query
        for query in (f"{PARAMETER}={invitation}&{PARAMETER}={invitation}",
                      f"Bits-Invite={invitation}", PARAMETER,
                      f"x{PARAMETER}={invitation}"):
            expect(ask(connection, Request("ping", f"/a.bin?{query}")), 403,
                   "EACCES")


def test_a_head_request_learns_nothing():
    with Server(options={"head": "yes"}) as server:
        (server.inbox / "a.bin").write_bytes(b"12345")
        target = carrying("/a.bin", server.invite("/"))
        connection = server.connect()
        connection.send(f"HEAD {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        assert b"HTTP/1.1 403 " in connection.socket.recv(65536)


def test_no_invitation_is_taken_over_a_plain_connection():
    with Server(options={"basic_without_tls": "no"}) as server:
        invitation = server.invite("/a.bin")
        response = ask_with(server.connect(), Request("create", "/a.bin"),
                            invitation)
        expect(response, 403, "EACCES")
        assert "https" in response.get("BITS-Error-Text")


def test_a_file_may_be_as_large_as_the_invitation_says():
    with Server() as server:
        invitation = server.invite("/", "--max-size", "10")
        upload_with(server.connect(), "/a.bin", invitation)
        identity = create_with(server.connect(), "/b.bin", invitation)
        request = fragment_request(identity, 0, 4, 11, "/b.bin")
        expect(ask_with(server.connect(), request, invitation), 500,
               "ETOOLARGE", next=0)


def test_the_name_of_as_is_used_in_names_only():
    with Server(options={"store_as": "{user}/{name}"}) as server:
        connection = server.connect()
        invitation = server.invite("/a.bin", "--as", "ann")
        upload_with(connection, "/a.bin", invitation)
        assert (server.inbox / "ann/a.bin").exists()
        server.log.wait([" delivered:", f"user=invite:{invitation[:16]}"])


# --- expiry ---


def test_a_session_that_began_in_time_may_finish():
    with Server() as server:
        invitation = server.invite("/a.bin", "--expires", "2s")
        connection = server.connect()
        identity = create_with(connection, "/a.bin", invitation)
        expect(ask_with(connection, fragment_request(identity, 0, 4, 10),
                        invitation), 200, next=5)
        other = server.sign("/b.bin", expires=int(invitation.split(".")[1]))
        until(lambda: ask_with(connection, Request("create", "/b.bin"),
                               other).status == 403)
        server.log.wait(["refused", "cause=INVITATION_EXPIRED"])
        server.kill()
        server.start()
        connection = server.connect()
        for _ in range(2):  # a replay
            expect(ask_with(connection, fragment_request(identity, 5, 9, 10),
                            invitation), 200, next=10)
        for _ in range(2):
            assert ask_with(connection, Request("close", "/a.bin", identity),
                            invitation).status == 200
        expect(ask_with(connection, Request("create", "/a.bin"), invitation),
               403, "EACCES")


def test_the_second_of_the_expiry_is_too_late():
    with Server() as server:
        past = server.sign("/a.bin", expires=int(time.time()))
        never = server.sign("/a.bin", expires=2**63 - 1)
        beyond = server.sign("/a.bin", expires=2**63)
        connection = server.connect()
        expect(ask_with(connection, Request("create", "/a.bin"), past), 403,
               "EACCES")
        create_with(connection, "/a.bin", never)
        expect(ask_with(connection, Request("ping", "/a.bin"), beyond), 403,
               "EACCES")


# --- once ---


def test_once_is_one_delivered_file():
    with Server() as server:
        invitation = server.invite("/", "--once")
        connection = server.connect()
        identity = upload_with(connection, "/a.bin", invitation)
        # The replay of the last packet still has its answer.
        assert ask_with(connection, Request("close", "/a.bin", identity),
                        invitation).status == 200
        assert used(server, "/b.bin", invitation)
        server.log.wait(["refused", "cause=INVITATION_USED"])
        server.kill()
        server.start()
        assert used(server, "/b.bin", invitation)
        upload_with(server.connect(), "/b.bin", server.invite("/", "--once"))


def test_once_has_one_live_session():
    with Server() as server:
        invitation = server.invite("/", "--once")
        connection = server.connect()
        lost = create_with(connection, "/a.bin", invitation)
        # A client that lost the answer creates again.
        identity = create_with(connection, "/a.bin", invitation)
        expect(ask_with(connection, fragment_request(lost, 0, 4, 10),
                        invitation), 500, "ENOSESSION")
        expect(ask_with(connection, fragment_request(identity, 0, 4, 10),
                        invitation), 200, next=5)
        response = ask_with(connection, Request("create", "/b.bin"), invitation)
        expect(response, 503, "EBUSY")
        assert response.get("Retry-After") == "60"
        assert ask_with(connection, Request("cancel", "/a.bin", identity),
                        invitation).status == 200
        upload_with(connection, "/b.bin", invitation)
        assert used(server, "/a.bin", invitation)


def test_a_session_of_a_once_invitation_resumes_after_a_restart():
    with Server() as server:
        invitation = server.invite("/a.bin", "--once")
        identity = create_with(server.connect(), "/a.bin", invitation)
        expect(ask_with(server.connect(), fragment_request(identity, 0, 4, 10),
                        invitation), 200, next=5)
        server.kill()
        server.start()
        connection = server.connect()
        expect(ask_with(connection, Request("create", "/a.bin"), invitation),
               503, "EBUSY")
        expect(ask_with(connection, fragment_request(identity, 5, 9, 10),
                        invitation), 200, next=10)
        (server.inbox / "a.bin").unlink()
        assert used(server, "/a.bin", invitation)


@pytest.mark.parametrize("count", range(5))
def test_a_kill_after_the_last_byte_loses_no_use(count):
    """Whether the delivery was committed or not, there is one file at most, and
    a delivered one counts."""
    with Server() as server:
        invitation = server.invite("/", "--once")
        connection = server.connect()
        identity = create_with(connection, "/a.bin", invitation)
        request = fragment_request(identity, 0, 9, 10)
        request.target = carrying("/a.bin", invitation)
        connection.send(request.data())
        if count:
            until(lambda: (server.inbox / "a.bin").exists())
        if count > 2:
            assert connection.read_response().status == 200
        server.kill()
        server.start()
        # Until its client has come again, the session counts as unfinished.
        response = ask_with(server.connect(), Request("create", "/b.bin"),
                            invitation)
        if response.status != 200:
            assert response.status in (403, 503)
            again = fragment_request(identity, 0, 9, 10)
            expect(ask_with(server.connect(), again, invitation), 200, next=10)
            assert used(server, "/b.bin", invitation)
        else:  # the kill came before a byte was stored
            assert not (server.inbox / "a.bin").exists()
        assert not (server.inbox / "b.bin").exists()


def test_50_clients_deliver_one_file():
    with Server() as server:
        invitation = server.invite("/", "--once")
        start = threading.Barrier(50)
        delivered = []

        def upload(number):
            path = f"/{number}.bin"
            connection = server.connect()
            start.wait()
            for _ in range(3):
                response = ask_with(connection, Request("create", path),
                                    invitation)
                if response.status != 200:
                    continue
                identity = response.get("BITS-Session-Id")
                response = ask_with(connection, fragment_request(
                    identity, 0, 99, 100, path), invitation)
                if response.status == 200:
                    delivered.append(path)

        threads = [threading.Thread(target=upload, args=(n,))
                   for n in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not delivered:
            upload_with(server.connect(), "/last.bin", invitation)
            delivered.append("/last.bin")
        files = [p for p in server.inbox.iterdir() if p.is_file()]
        assert len(delivered) == 1 and ["/" + p.name for p in files] == delivered
        assert used(server, "/b.bin", invitation)


# --- keys ---


def test_a_new_key_signs_and_an_old_one_still_checks():
    with Server() as server:
        old = server.invite("/a.bin")
        done = run("invite", "--config", server.config_path, "--rotate",
                   "/a.bin")
        new = re.search(rf"{PARAMETER}=(\S+)\n", done.stdout)[1]
        keys = server.keys.read_text().split()
        assert len(keys) == 2
        connection = server.connect()
        identity = create_with(connection, "/a.bin", old)
        expect(ask_with(connection, Request("ping", "/a.bin"), new), 200)
        server.keys.write_text(keys[0] + "\n")  # the old one goes
        expect(ask_with(connection, Request("ping", "/a.bin"), new), 200)
        expect(ask_with(connection, fragment_request(identity, 0, 9, 10), old),
               403, "EACCES")


def test_a_file_of_keys_that_cannot_be_read_is_a_503():
    with Server() as server:
        invitation = server.invite("/a.bin")
        server.keys.rename(server.keys.with_suffix(".away"))
        response = ask_with(server.connect(), Request("ping", "/a.bin"),
                            invitation)
        assert response.status == 503 and response.get("Retry-After") == "60"


def test_bitsctl_makes_the_first_key(tmp_path):
    (tmp_path / "bitsd.conf").write_text(
        'server { state_dir = "/tmp/s" }\n'
        'upload "/" { root = "/srv" access = anonymous }\n'
        'upload "/in" { root = "/srv/in" access = invite '
        f'invite_key_file = "{tmp_path}/keys" }}\n')
    config = ["--config", tmp_path / "bitsd.conf"]
    done = run("invite", *config, "/in/a.bin")
    assert done.returncode == 0 and "chgrp bitsd" in done.stderr
    assert re.fullmatch("[0-9a-f]{64}\n", (tmp_path / "keys").read_text())
    assert (tmp_path / "keys").stat().st_mode & 0o007 == 0
    done = run("invite", *config, "/out/a.bin")
    assert done.returncode == 1 and "takes no invitations" in done.stderr
    done = run("invite", *config, "/in/../a.bin")
    assert done.returncode == 1 and "cannot be a file" in done.stderr


@pytest.mark.parametrize("arguments, word", [
    ([], "one path"), (["/a", "/b"], "one path"), (["a"], "begins with /"),
    (["/a b"], "%20"), (["/a'b"], "%20"), (["/a?b"], "%20"),
    (["https://host"], "begins with /"), (["--expires", "0d", "/a"], "7d"),
    (["--expires", "99999999d", "/a"], "36500d"),
    (["--max-size", "0", "/a"], "10G"), (["--max-size", "x", "/a"], "10G"),
    (["--as", "", "/a"], "colon"), (["--as", "a:b", "/a"], "colon"),
    (["--as", "n" * 65, "/a"], "64 bytes"),
])
def test_a_wrong_command_line_is_refused_in_words(arguments, word):
    done = run("invite", *arguments)
    assert done.returncode == 2 and word in done.stderr, done


# --- nothing keeps the signature ---


def test_neither_log_nor_index_nor_files_have_the_signature():
    with Server(server={"log_level": "debug"}) as server:
        invitation = server.invite("/in/", "--once")
        words, signature = invitation.rsplit(".", 1)
        connection = server.connect()
        (server.inbox / "in").mkdir()
        identity = create_with(connection, "/in/a.bin?x=1", invitation)
        expect(ask_with(connection, fragment_request(
            identity, 0, 4, 10, "/in/a.bin"), invitation), 200, next=5)
        ask_with(connection, Request("create", "/out"), invitation)
        ask_with(connection, Request("create", "/in/a.bin"),
                 invitation[:-1] + "x")
        for line in (f"GET {carrying('/in/a.bin', invitation)} HTTP/1.1",
                     f"BITS_POST {carrying('nothing', invitation)} HTTP/1.1",
                     f"BITS_POST {carrying('/in/a.bin', invitation)} HTTP/9.9",
                     f"BITS_POST {carrying('/no/prefix', invitation)} HTTP/1.1"):
            other = server.connect()
            other.send(f"{line}\r\nHost: h\r\n\r\n".encode())
            answer = other.socket.recv(65536).decode()
            assert signature not in answer and words not in answer
        server.log.wait(["created"])
        server.stop()
        for secret in (signature, words, words.split(".", 1)[1]):
            assert secret not in str(server.log)
            for path in [*(server.home / "state").rglob("*"),
                         *server.inbox.rglob("*")]:
                assert not path.is_file() or \
                    secret.encode() not in path.read_bytes(), path


# --- sessions belong to their invitation ---


def attack(server, path, identity, ask_as_other):
    for request in (fragment_request(identity, 5, 9, 10, path),
                    fragment_request(identity, 0, 4, 10, path),
                    Request("close", path, identity),
                    Request("cancel", path, identity)):
        expect(ask_as_other(server.connect(), request), 403, "EACCES")


def test_two_invitations_attack_each_other():
    with Server() as server:
        mine, theirs = server.invite("/"), server.invite("/a.bin")
        for invitation, other in ((mine, theirs), (theirs, mine)):
            identity = create_with(server.connect(), "/a.bin", invitation)
            expect(ask_with(server.connect(), fragment_request(
                identity, 0, 4, 10), invitation), 200, next=5)
            attack(server, "/a.bin", identity,
                   lambda c, r: ask_with(c, r, other))
            expect(ask_with(server.connect(), Request(
                "cancel", "/a.bin", identity), invitation), 200)


def test_an_invitation_and_a_user_attack_each_other(tmp_path):
    users = tmp_path / "users"
    users.write_text(passwords.lines({"ann": "secret"}))
    with Server(options={"access": ["invite", "basic"],
                         "password_file": users}) as server:
        # In names the file is that of ann, but the session is not.
        invitation = server.invite("/a.bin", "--as", "ann")
        identity = create_with(server.connect(), "/a.bin", invitation)
        expect(ask_with(server.connect(), fragment_request(identity, 0, 4, 10),
                        invitation), 200, next=5)
        attack(server, "/a.bin", identity,
               lambda c, r: ask_as(c, r, "ann", "secret"))
        response = ask_as(server.connect(), Request("create", "/b.bin"), "ann",
                          "secret")
        other = server.invite("/b.bin", "--as", "ann")
        attack(server, "/b.bin", response.get("BITS-Session-Id"),
               lambda c, r: ask_with(c, r, other))
