"""What a person sees: on a real terminal (a pseudo terminal), in a pipe."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from bitsd import PATIENCE, Bitsd
from bits import binary
from cutting import Line
from packets import pattern
from scripted import Scripted, http

MIB = 1 << 20
FRAME = re.compile("\r\x1b\\[\\?7l(.*?)\x1b\\[K\x1b\\[\\?7h\r")


class Terminal:
    """A client whose standard error is a terminal of so many columns."""

    def __init__(self, client, columns, *arguments):
        self.screen, self.end = pty.openpty()
        self.resize(columns)
        self.text = ""
        self.process = subprocess.Popen(
            [binary(), *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.end, cwd=client.home,
            env=client.environment)

    def resize(self, columns):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, until):
        """Reads until the condition on the text holds."""
        deadline = time.monotonic() + PATIENCE
        while not until(self.text):
            assert time.monotonic() < deadline, self.text
            if select.select([self.screen], [], [], 0.1)[0]:
                self.text += os.read(self.screen, 65536).decode()
            else:
                assert self.process.poll() is None or until(self.text), \
                    self.text

    def frames(self, start=0):
        return FRAME.findall(self.text[start:])

    def finish(self):
        assert self.process.wait(PATIENCE) == 0, self.text
        self.read(lambda _: not select.select([self.screen], [], [], 0)[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        os.close(self.end)
        os.close(self.screen)


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


@pytest.fixture
def line(bitsd):
    """Holds up what is sent to the server in the middle of a file."""
    with Line(bitsd.address, stall=3 * MIB // 2) as line:
        yield line


def held_upload(client, line, columns):
    """Continues when the connection is released."""
    path = client.file("crash.dmp", pattern("P", 0, 3 * MIB))
    return Terminal(client, columns, "upload", "--fragment-size", "256k", path,
                    line.url)


@pytest.mark.parametrize("columns, shape", [
    (80, r"crash\.dmp \[#+> *\]  \d\d%  \d\.\d/3\.0 MiB  .*/s  \d:\d\d"),
    (40, r"crash\.dmp  \d\d%  \d\.\d/3\.0 MiB.*"),
])
def test_the_live_line_fits_the_terminal(client, line, columns, shape):
    with held_upload(client, line, columns) as terminal:
        terminal.read(lambda _: any(re.fullmatch(shape, frame)
                                    for frame in terminal.frames()))
        line.release()
        terminal.finish()
        assert all(len(frame) < columns for frame in terminal.frames())
        # At the end a sentence takes its place.
        last = terminal.text[terminal.text.rindex("\x1b[K"):]
        assert re.match("\x1b\\[Kbits: crash.dmp: done, 3.0 MiB in ", last)


def test_the_live_line_follows_the_window(client, line):
    with held_upload(client, line, 80) as terminal:
        terminal.read(lambda _: any(len(f) > 70 for f in terminal.frames()))
        terminal.resize(40)
        terminal.read(lambda _: any(len(f) < 40 for f in terminal.frames()))
        # What the window broke into two rows is erased in both.
        assert "\r\x1b[K\x1b[B\x1b[K\x1b[1A" in terminal.text
        mark = len(terminal.text)
        line.release()
        terminal.finish()
        assert all(len(frame) < 40 for frame in terminal.frames(mark))


def test_the_time_of_the_next_try_is_shown(client):
    with Scripted() as server:
        server.play("create", http(503, fields=[("Retry-After", "1")]))
        path = client.file("a.bin", b"1")
        with Terminal(client, 80, "upload", path, server.url) as terminal:
            terminal.finish()
            assert any(re.search(r"next try \d\d:\d\d:\d\d: the server is busy "
                                 r"\(HTTP 503\)", frame)
                       for frame in terminal.frames())


def test_in_a_pipe_there_are_plain_lines_and_no_escapes(client, bitsd):
    path = client.file("a.bin", pattern("P", 0, MIB))
    done = client.run("upload", path, bitsd.addresses[0])
    assert done.code == 0 and done.out == "", done
    url = bitsd.addresses[0] + "a.bin"
    assert re.fullmatch(
        rf"bits: a\.bin, 1\.0 MiB, to {url}\n"
        rf"bits: a\.bin: done, 1\.0 MiB in \d:\d\d, at {url}\n", done.err)


def test_in_a_pipe_a_wait_is_a_line(client):
    with Scripted() as server:
        server.play("create", http(503, fields=[("Retry-After", "0")]))
        path = client.file("a.bin", b"12345")
        done = client.run("upload", path, server.url)
        assert done.code == 0, done
        assert re.search(r"^bits: a\.bin: 0%, 0 of 5 B, next try \d\d:\d\d:\d\d"
                         r": the server is busy \(HTTP 503\)$", done.err, re.M)


def test_verbose_is_a_line_a_packet_without_secrets(client):
    secret = client.file("token", b"s3cret-t0ken\n")
    secret.chmod(0o600)
    path = client.file("a.bin", b"12345")

    def guard(request):
        return None if request.get("Authorization") else http(
            401, fields=[("WWW-Authenticate", "Bearer")])

    with Scripted() as server:
        for verb in ("create", "ping", "fragment", "close"):
            server.always(verb, guard)
        done = client.run("upload", "-v", "--insecure-auth", "--token-file", secret, path,
                          server.url)
        assert done.code == 0, done
        lines = [l for l in done.err.splitlines() if " to http" in l
                 and " ms from " in l]
        assert len(lines) == len(server.requests)
        assert "s3cret" not in done.err
        assert any(re.match(r"bits: Fragment 0\+5 to .*: 200 in \d+ ms from "
                            r"127\.0\.0\.1", line) for line in lines)


def test_quiet_leaves_nothing_but_errors(client, bitsd):
    path = client.file("a.bin", b"1")
    done = client.run("upload", "-q", path, bitsd.addresses[0])
    assert (done.code, done.out, done.err) == (0, "", "")
    done = client.run("upload", "-q", path, bitsd.addresses[0])
    assert done.code == 1 and "0x80070005" in done.err
    assert "the server says: the destination exists; remove it" in done.err


@pytest.mark.parametrize("count", [1, 4])
def test_quiet_shows_no_live_line(client, bitsd, count):
    names = [f"{i}.bin" for i in range(count)]
    for name in names:
        client.file(name, pattern("P", 0, MIB))
    with Terminal(client, 80, "upload", "-q", *names,
                  bitsd.addresses[0]) as terminal:
        terminal.finish()
        assert terminal.text == ""


def test_json_tells_each_event_once(client, bitsd):
    path = client.file("a.bin", pattern("P", 0, MIB))
    done = client.run("upload", "--json", "-v", path, bitsd.addresses[0])
    events = done.json()
    assert [e["event"] for e in events] == [
        "begin", "packet", "notice", "packet", "packet", "end"]
    for event in events:
        assert event["path"] == str(path)
        assert event["url"] == bitsd.addresses[0] + "a.bin"
        assert event["size"] == MIB
    fragment = events[3]
    assert (fragment["packet"], fragment["first"], fragment["length"],
            fragment["status"]) == ("Fragment", 0, MIB, 200)
    assert events[-1]["exit"] == 0 and events[-1]["offset"] == MIB
    done = client.run("upload", "--json", path, bitsd.addresses[0])
    error = done.json()[-1]["error"]
    assert (error["status"], error["code"], error["context"],
            error["temporary"]) == (403, "0x80070005", 5, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_json_has_the_exit_status_after_a_signal(client, line, number):
    path = client.file("a.bin", pattern("P", 0, 3 * MIB))
    run = client.start("upload", "--json", path, line.url)
    line.wait_stalled()
    run.signal(number)
    assert run.wait() == 128 + number
    end = json.loads(str(run.out).splitlines()[-1])
    assert (end["event"], end["exit"]) == ("end", 128 + number)


def test_files_one_after_the_other_share_a_line_with_the_time_left(client,
                                                                   line):
    paths = [client.file(name, pattern("P", 0, 3 * MIB)) for name in "abc"]
    shape = r"0/3 files \[#*>? *\]  \d\d%  \d\.\d/9\.0 MiB  .*/s  \d:\d\d"
    with Terminal(client, 80, "upload", "--jobs", "1", "--fragment-size",
                  "256k", *paths, line.url) as terminal:
        terminal.read(lambda _: any(re.fullmatch(shape, frame)
                                    for frame in terminal.frames()))
        line.release()
        terminal.process.wait(PATIENCE)
