"""The log: one line for each event, nothing of the peer's goes unescaped."""

import json
import os
import re
import signal
import subprocess

from bitsd import Bitsd, binary
from packets import Request
from talk import ask, create, expect, fragment, handle


def whole_session(bitsd, path):
    connection = bitsd.connect()
    identity = create(connection, path)
    for first in range(0, 100, 10):
        fragment(connection, identity, first, first + 9, 100, path)
    expect(ask(connection, Request("close", path, identity)), 200)
    connection.close()
    return identity


def test_one_line_for_each_event_and_no_line_for_a_fragment():
    with Bitsd() as bitsd:
        mark = len(bitsd.log.lines)
        identity = whole_session(bitsd, "/a.bin")
        bitsd.log.wait("closed", mark)
        lines = bitsd.log.lines[mark:]
        events = ("created", "completed", "delivered", "closed")
        assert len(lines) == len(events), lines
        for line, event in zip(lines, events):
            assert event in line and "/a.bin" in line
            assert f"session={handle(identity)} " in line
            assert "127.0.0.1" in line
        assert "100" in lines[2]


def test_no_line_has_the_whole_id_of_a_session():
    """With it an anonymous client could continue or cancel the session."""
    with Bitsd(server={"log_level": "debug"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        fragment(connection, identity, 0, 9, 100)
        ask(connection, Request("fragment", "/a.bin", identity,
                                "bytes 50-59/100", b"0123456789"))
        ask(connection, Request("close", "/a.bin", identity.lower()))
        ask(connection, Request("close", "/b.bin", identity.strip("{}")))
        bitsd.stop()  # Looks for ids in all lines.
        assert f"session={handle(identity)}" in str(bitsd.log)


def test_a_closed_session_tells_how_long_it_took():
    with Bitsd() as bitsd:
        whole_session(bitsd, "/a.bin")
        line = bitsd.log.wait("closed")
        match = re.search(r" seconds=([0-9]+)", line)
        # Not since 1970; a slow machine may take its time.
        assert match and int(match[1]) < 1000, line


def test_debug_has_a_line_for_each_packet():
    with Bitsd(server={"log_level": "debug"}) as bitsd:
        mark = len(bitsd.log.lines)
        whole_session(bitsd, "/a.bin")
        bitsd.log.wait("closed", mark)
        lines = [l for l in bitsd.log.lines[mark:] if "fragment" in l.lower()]
        assert len(lines) >= 10


def test_error_level_is_silent_about_sessions():
    with Bitsd(server={"log_level": "error"}) as bitsd:
        mark = len(bitsd.log.lines)
        whole_session(bitsd, "/a.bin")
        bitsd.stop()
        assert bitsd.log.lines[mark:] == []


def test_json_lines():
    with Bitsd(server={"log_format": "json"}) as bitsd:
        mark = len(bitsd.log.lines)
        identity = whole_session(bitsd, "/a%22%5Bb.bin")
        bitsd.log.wait("closed", mark)
        records = [json.loads(l) for l in bitsd.log.lines[mark:]]
        assert [r["event"] for r in records] == [
            "created", "completed", "delivered", "closed"]
        for record in records:
            assert record["session"] == handle(identity)
            assert record["path"] == '/a"[b.bin'
            assert record["peer"].startswith("127.0.0.1")
            assert record["level"] == "info"
        assert records[2]["bytes"] == 100


def test_every_line_is_json_from_the_first_to_the_last():
    for level in ("error", "info"):
        server = {"log_format": "json", "log_level": level}
        with Bitsd(server=server) as bitsd:
            whole_session(bitsd, "/a.bin")
            bitsd.stop()
            records = [json.loads(l) for l in bitsd.log.lines]
            assert records, "no lines"
            for record in records:
                assert record["time"] and record["level"] and record["message"]


def test_the_log_tells_the_start_and_the_stop():
    with Bitsd(server={"log_format": "json"}) as bitsd:
        pid, address = bitsd.pid, bitsd.addresses[0]
        bitsd.stop()
        first, ready, *_, last = [json.loads(l) for l in bitsd.log.lines
                                  if "place-open" not in l]
        assert first["event"] == "start"
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", first["version"])
        assert first["pid"] == pid
        assert first["file"] == str(bitsd.config_path)
        assert first["addresses"] == address
        assert (ready["event"], ready["address"]) == ("listening", address)
        assert last["event"] == "stop"


def test_errors_of_a_configuration_are_json_where_it_says_so():
    server = {"log_format": "json", "threads": "0"}
    uploads = {"/a": {"session_timeout": "soon"}}
    bitsd = Bitsd(server=server, uploads=uploads)
    bitsd.start(wait=False)
    bitsd.wait_stopped(1)
    records = [json.loads(l) for l in bitsd.log.lines]
    assert [r["level"] for r in records] == ["error", "error"]
    assert [r["event"] for r in records] == ["configuration"] * 2
    for record, name in zip(records, ("threads", "session_timeout")):
        assert f"{bitsd.config_path}:" in record["message"]
        assert name in record["message"]
    bitsd.close()


def test_the_journal_gets_priorities():
    reader, writer = os.pipe()
    status = os.fstat(writer)
    done = subprocess.run(
        [binary(), "-c", "/no/such/file"], stderr=writer, timeout=60,
        check=False, env={**os.environ, "JOURNAL_STREAM":
                          f"{status.st_dev}:{status.st_ino}"})
    os.close(writer)
    with open(reader, "rb") as stream:
        lines = stream.read().splitlines()
    assert done.returncode == 1
    assert lines and all(l.startswith(b"<3>bitsd: /no/such") for l in lines)


NASTY = "x\t[31m\x80\xff\"'\\ end"


def nasty_packets(bitsd):
    """Peer text wherever the log may show some."""
    connection = bitsd.connect()
    for path in ("/%1b[31m", "/%c3%28\"'", "/" + "y" * 5000, "/..%0a%0dx"):
        request = Request("create", path)
        request.set("User-Agent", NASTY)
        request.set("Content-Name", NASTY)
        assert ask(connection, request).status >= 400 or '"' in path
    request = Request("cancel", "/a.bin", NASTY.replace(" ", ""))
    expect(ask(connection, request), 500, "ENOSESSION")
    request = Request("cancel", "/a.bin", "z" * 4000)
    expect(ask(connection, request), 500, "ENOSESSION")
    connection.close()


def test_peer_text_is_escaped_and_cut():
    with Bitsd(server={"log_level": "debug"}) as bitsd:
        mark = len(bitsd.log.lines)
        nasty_packets(bitsd)
        bitsd.stop()
        lines = bitsd.log.lines[mark:]
        assert lines
        for line in lines:
            assert re.fullmatch(r"[\x20-\x7e]*", line)
            assert len(line) < 3000


def test_peer_text_is_escaped_and_cut_in_json():
    server = {"log_level": "debug", "log_format": "json"}
    with Bitsd(server=server) as bitsd:
        mark = len(bitsd.log.lines)
        nasty_packets(bitsd)
        bitsd.stop()
        lines = bitsd.log.lines[mark:]
        assert lines
        for line in lines:
            json.loads(line)
            assert len(line) < 3000


def test_a_refusal_says_why_and_what_to_do():
    with Bitsd() as bitsd:
        (bitsd.inbox / "a.bin").write_text("mine")
        request = Request("create", "/a.bin")
        expect(ask(bitsd.connect(), request), 403, "EACCES")
        line = bitsd.log.wait(["refused", "/a.bin"])
        assert "exists" in line and "on_exists" in line


def refused_flood(bitsd, count):
    """So many refusals, each answered; a line of each has its number."""
    connection = bitsd.connect()
    for number in range(count):
        request = Request("cancel", f"/{number}/" + "x" * 250, "unknown")
        expect(ask(connection, request), 500, "ENOSESSION")
    connection.close()


def flood_numbers(lines):
    """What the lines of refused_flood() account for, in order: a number for
    each line that is there, and where some are missing, how many."""
    for line in lines:
        missing = re.search(r"lines are missing lines=([0-9]+)", line)
        number = re.search(r" path=/([0-9]+)/x", line)
        if missing:
            yield "missing", int(missing[1])
        elif number:
            yield "line", int(number[1])


def end_of_paused(bitsd):
    """Waits for the end of one with an unread log; then reads it."""
    code = bitsd.process.wait(60)
    bitsd.log.resume()
    return code


def test_an_unread_log_does_not_delay_uploads():
    count = 2000  # lines that fill the pipe, and the room of the logger
    with Bitsd() as bitsd:
        bitsd.log.pause()
        refused_flood(bitsd, count)
        whole_session(bitsd, "/a.bin")
        assert (bitsd.inbox / "a.bin").exists()
        bitsd.log.resume()
        bitsd.log.wait("lines are missing")
        whole_session(bitsd, "/b.bin")
        bitsd.stop()
        expected = 0
        for kind, value in flood_numbers(bitsd.log.lines):
            if kind == "missing":
                # Those of the session are behind the flood.
                expected = min(count, expected + value)
            else:
                assert value == expected
                expected += 1
        assert expected == count
        assert bitsd.log.find(["delivered", "/b.bin"])
        assert "stopped" in bitsd.log.lines[-1]


def test_the_stop_does_not_wait_for_an_unread_log():
    with Bitsd() as bitsd:
        bitsd.log.pause()
        refused_flood(bitsd, 2000)
        bitsd.terminate()
        assert end_of_paused(bitsd) == 0
        bitsd.wait_stopped()


def test_a_crash_writes_first_what_was_logged_before():
    count = 500  # more than the pipe takes, less than there is room for
    with Bitsd() as bitsd:
        bitsd.log.pause()
        refused_flood(bitsd, count)
        bitsd.signal(signal.SIGABRT)
        bitsd.log.resume()
        bitsd.wait_stopped(-signal.SIGABRT)
        assert [*flood_numbers(bitsd.log.lines)] == [
            ("line", n) for n in range(count)]
