"""D-54: HEAD asks whether a file was delivered, and how long it is."""

import http.client
import os
import signal

import pytest

from bitsd import PATIENCE, Bitsd
from injector import injected_bitsd
from packets import Request
from talk import (ask, create, expect, fragment, fragment_request, until,
                  wait_stored)

YES = {"/": {"head": "yes"}}


def head(bitsd, path, body=None, method="HEAD"):
    """Status, Content-Length and Allow, on a connection that stays open."""
    client = http.client.HTTPConnection(*bitsd.address, timeout=PATIENCE)
    try:
        answers = []
        for _ in range(2):
            client.request(method, path, body)
            answer = client.getresponse()
            answer.read()
            answers.append((answer.status, answer.getheader("Content-Length"),
                            answer.getheader("Allow")))
        assert answers[0] == answers[1]
        return answers[0]
    finally:
        client.close()


def test_a_sender_collects_what_is_not_there_and_skips_what_is():
    """As DFIR-ORC does it: 404, the upload, then 200 with the length."""
    with Bitsd(uploads=YES) as bitsd:
        assert head(bitsd, "/PC7.7z")[0] == 404
        connection = bitsd.connect()
        identity = create(connection, "/PC7.7z")
        expect(fragment(connection, identity, 0, 6, 12, "/PC7.7z"), 200,
               next=7)
        assert head(bitsd, "/PC7.7z")[0] == 404
        expect(fragment(connection, identity, 7, 11, 12, "/PC7.7z"), 200,
               next=12)
        assert head(bitsd, "/PC7.7z") == (200, "12", None)
        assert head(bitsd, "//PC7%2e7z?query") == (200, "12", None)
        assert head(bitsd, "/PC7.7z", body=b"x" * 100) == (200, "12", None)
        connection.close()


def test_only_regular_files_below_the_root_are_found():
    with Bitsd(uploads=YES) as bitsd:
        (bitsd.inbox / "sub").mkdir()
        (bitsd.inbox / "empty").write_bytes(b"")
        (bitsd.inbox / "link").symlink_to("empty")
        (bitsd.inbox / "out").symlink_to(bitsd.home)
        os.mkfifo(bitsd.inbox / "pipe")
        assert head(bitsd, "/empty") == (200, "0", None)
        for path in ("/", "/sub", "/sub/", "/empty/", "/link", "/pipe",
                     "/out/bitsd.conf", "/../bitsd.conf", "/%2e%2e/bitsd.conf",
                     "/a%2fb", "/%zz", "/" + 256 * "n", "/missing/file",
                     "/.bitsd/index-id", "/.BITSD/index-id"):
            assert head(bitsd, path) == (404, None, None), path
        bitsd.stop()
        assert not bitsd.log.find("refused")


def test_without_the_option_the_log_names_it():
    with Bitsd() as bitsd:
        (bitsd.inbox / "a.bin").write_bytes(b"0123456789")
        assert head(bitsd, "/a.bin") == (405, None, "BITS_POST")
        assert bitsd.log.wait(("info refused", "head = yes", "status=405",
                               "path=/a.bin", "peer="))


def test_a_path_without_a_section_is_501_as_for_packets():
    with Bitsd(uploads={"/up": {"head": "yes"}}) as bitsd:
        assert head(bitsd, "/down/a.bin")[0] == 501
        assert bitsd.log.wait("PREFIX_UNKNOWN")


def test_the_other_methods_learn_of_it():
    with Bitsd(uploads=YES) as bitsd:
        assert head(bitsd, "/a", method="GET")[::2] == (405, "BITS_POST, HEAD")


def test_a_reload_switches_it():
    with Bitsd(uploads={"/": {}}) as bitsd:
        (bitsd.inbox / "a.bin").write_bytes(b"0123456789")
        assert head(bitsd, "/a.bin")[0] == 405
        bitsd.uploads["/"]["head"] = "yes"
        bitsd.reload()
        assert head(bitsd, "/a.bin") == (200, "10", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="a user for bitsd needs root")
def test_no_right_to_write_is_403_whether_or_not_the_file_is_there():
    """N3: as Create-Session there."""
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    bitsd = Bitsd(uploads=YES, wrapper=drop)
    bitsd.home.chmod(0o755)
    for folder in ("state", "inbox/.bitsd", "inbox/sub"):
        (bitsd.home / folder).mkdir(exist_ok=True, parents=True)
        if folder != "inbox/sub":
            os.chown(bitsd.home / folder, 65534, 65534)
    (bitsd.inbox / "sub" / "a.bin").write_bytes(b"0123456789")
    with bitsd:
        connection = bitsd.connect()
        expect(ask(connection, Request("create", "/sub/b.bin")), 403, "EACCES")
        connection.close()
        assert head(bitsd, "/sub/a.bin")[0] == 403
        assert head(bitsd, "/sub/b.bin")[0] == 403
        assert bitsd.log.wait(("refused", "NO_RIGHT", "/sub/a.bin"))


def test_an_absent_disk_is_not_an_absent_file():
    """A 404 would make the sender collect, for nothing."""
    with Bitsd(uploads=YES) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 6, 12), 200, next=7)
        (bitsd.inbox / "there.bin").write_bytes(b"0123456789")
        os.rename(bitsd.inbox, bitsd.home / "disk")
        bitsd.inbox.mkdir()
        until(lambda: ask(connection, Request("ping", "/")).status == 503)
        assert head(bitsd, "/there.bin")[0] == 503
        bitsd.inbox.rmdir()
        os.rename(bitsd.home / "disk", bitsd.inbox)
        until(lambda: ask(connection, Request("ping", "/")).status == 200)
        assert head(bitsd, "/there.bin") == (200, "10", None)
        connection.close()


def test_a_hung_disk_does_not_delay_other_requests():
    """One event thread; a client that waits, one that leaves, and a stop."""
    with injected_bitsd(server={"threads": "1"},
                        uploads=YES) as (bitsd, injector):
        (bitsd.inbox / "held.bin").write_bytes(b"0123456789")
        look = injector.inject("fstat */held.bin hold")
        waits, leaves = bitsd.connect(), bitsd.connect()
        for connection in (waits, leaves):
            connection.send(b"HEAD /held.bin HTTP/1.1\r\nHost: h\r\n\r\n")
        look.wait_held(2)
        leaves.reset()
        connection = bitsd.connect()
        assert ask(connection, Request("ping", "/")).status == 200
        connection.close()
        look.end()
        while b"\r\n\r\n" not in waits.buffer:
            waits._receive()
        assert b"200 OK" in waits.buffer and b"Length: 10\r\n" in waits.buffer
        waits.close()


def test_a_stop_waits_for_a_look_and_ends():
    with injected_bitsd(server={"grace_time": "0"},
                        uploads=YES) as (bitsd, injector):
        (bitsd.inbox / "held.bin").write_bytes(b"0123456789")
        look = injector.inject("fstat */held.bin hold")
        connection = bitsd.connect()
        connection.send(b"HEAD /held.bin HTTP/1.1\r\nHost: h\r\n\r\n")
        look.wait_held()
        connection.reset()
        bitsd.signal(signal.SIGTERM)
        bitsd.ending = True
        bitsd.log.wait("stopping")
        look.end()
        bitsd.wait_stopped()


def test_a_stop_does_not_wait_for_ever_for_a_look():
    """Behind grace_time it waits a minute.  Half an hour passes at once."""
    with injected_bitsd(server={"threads": "1", "grace_time": "0"},
                        uploads=YES) as (bitsd, injector):
        (bitsd.inbox / "held.bin").write_bytes(b"0123456789")
        look = injector.inject("fstat */held.bin hold")
        waits, stalls = bitsd.connect(), bitsd.connect()
        waits.send(b"HEAD /held.bin HTTP/1.1\r\nHost: h\r\n\r\n")
        look.wait_held()
        identity = create(stalls)
        request = fragment_request(identity, 0, 99, 100)
        stalls.send(request.head() + request.body[:10])
        wait_stored(bitsd, identity, 10, 100)
        bitsd.signal(signal.SIGTERM)
        bitsd.ending = True
        stalls.expect_end()  # grace_time is over
        injector.inject("clock timers lie 1800")
        bitsd.signal(signal.SIGHUP)  # wakes the event thread
        waits.expect_end()
        look.end()
        bitsd.wait_stopped()
