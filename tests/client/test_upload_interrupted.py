"""An upload resumes after each interruption, and no bytes are mixed."""

import os
import random
import signal

import pytest

from bitsd import Bitsd
from cutting import Line
from ports import Port
from talk import until
from uploads import (DONE, LOCAL, MIB, PATIENT, TEMPORARY,
                     begun_at, check_idle, noise, packets, records)

# Small enough to be interrupted between and in the middle of them.
SMALL = ("--fragment-size", "256k")
SIZE = 4 * MIB


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


@pytest.fixture
def content():
    return noise(SIZE)


def start(client, *arguments):
    return client.start("upload", *SMALL, *PATIENT, *arguments)


def resume(client, *arguments):
    """The same again, to its end."""
    return client.run("upload", *SMALL, *PATIENT, "--json", "-v", *arguments)


def check_resumed(done, bitsd, content):
    """It began with a Ping where the record was, and sent no byte twice but
    for those of the fragment that was cut."""
    sent = packets(done)
    assert done.code == DONE, done
    assert begun_at(done) > 0, done
    assert sent[0] == ("ping", None, 200), sent
    assert not [s for s in sent if s[0] == "create"], sent
    assert (bitsd.inbox / "a").read_bytes() == content


# --- the client dies --------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT,
                                    signal.SIGTERM, signal.SIGHUP])
def test_the_same_command_resumes_after_a_signal(client, bitsd, content,
                                                 number):
    client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB + 1000) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.signal(number)
        if number == signal.SIGKILL:
            assert running.wait() == -number
        else:
            assert running.wait() == 128 + number
            assert running.err.find("to resume"), running.err
        line.release()
        done = resume(client, "a", line.url + "/a")
        check_resumed(done, bitsd, content)
    check_idle(client)


def test_a_client_killed_many_times_completes_the_upload(client, bitsd):
    """At random bytes, so also in the middle of heads and of Acks."""
    content = noise(8 * MIB)
    client.file("a", content)
    dice = random.Random(4)
    with Line(bitsd.address, stall=0) as line:
        for _ in range(25):
            line.stall_after(dice.randrange(MIB // 2))
            running = start(client, "a", line.url + "/a")
            line.wait_stalled()
            running.kill()
        line.release()
        done = resume(client, "a", line.url + "/a")
        check_resumed(done, bitsd, content)
    check_idle(client)


def test_no_resume_starts_a_new_session(client, bitsd, content):
    client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        line.release()
        done = resume(client, "--no-resume", "a", line.url + "/a")
        assert done.code == DONE
        assert packets(done)[0] == ("create", None, 200)
        assert begun_at(done) == 0
        assert (bitsd.inbox / "a").read_bytes() == content


def test_after_a_reboot_what_the_server_has_counts(client, bitsd, content):
    """The record is not synced: it may be older than what was sent."""
    client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        (path,) = (client.state / "bits" / "uploads").glob("*.json")
        text = path.read_text()
        record = records(client)["a"]
        old = text.replace(record["boot"], "another-boot")
        for name in ("offset", "sent_end", "best"):
            value = record["transfer"][name]
            assert value > 256 << 10
            old = old.replace(f'"{name}": {value}', f'"{name}": {256 << 10}')
        path.write_text(old)
        line.release()
        done = resume(client, "a", line.url + "/a")
        check_resumed(done, bitsd, content)
        assert packets(done)[1] == ("fragment", 256 << 10, 200)


# --- the line is cut --------------------------------------------------------


def test_a_lost_connection_costs_a_part_of_a_fragment(client, bitsd, content):
    client.file("a", content)
    with Line(bitsd.address, cuts=[1, 300_000, 1_000_000, 700_000]) as line:
        done = resume(client, "a", line.url + "/a")
        assert done.code == DONE, done
        assert (bitsd.inbox / "a").read_bytes() == content
        assert line.connections >= 5
    creates = [p for p in packets(done) if p == ("create", None, 200)]
    assert len(creates) == 1, done


def test_resumes_after_many_lost_connections(client, bitsd, content):
    client.file("a", content)
    dice = random.Random(7)
    cuts = [dice.randrange(600_000) for _ in range(8)]
    with Line(bitsd.address, cuts=cuts) as line:
        done = resume(client, "a", line.url + "/a")
        assert done.code == DONE, done
        assert (bitsd.inbox / "a").read_bytes() == content


def test_a_signal_ends_the_wait_for_the_next_try(client):
    client.file("a", b"x")
    with Port() as closed:
        running = client.start("upload", "a", closed.url + "/a")
        running.err.wait("next try")
        running.signal(signal.SIGTERM)
        assert running.wait() == 128 + signal.SIGTERM


# --- the server dies --------------------------------------------------------


def test_a_server_that_is_killed_and_returns(client, content):
    """On the same port, with what it had on its disk."""
    client.file("a", content)
    with (Port() as port, Bitsd(server={"listen": port}) as bitsd,
          Line(port.address, stall=2 * MIB) as line):
        running = start(client, "--json", "-v", "a", line.url + "/a")
        line.wait_stalled()
        bitsd.kill()
        line.cut()
        line.release()
        until(lambda: running.out.find('"event":"wait"'))
        bitsd.start()
        assert running.wait() == DONE, running.err
        assert (bitsd.inbox / "a").read_bytes() == content
        assert len(running.out.find('"session-created"')) == 1


def test_a_server_that_forgot_everything(client, content):
    client.file("a", content)
    with Bitsd() as first, Line(first.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        line.release()
        with Bitsd() as second:
            line.server = second.address
            done = resume(client, "a", line.url + "/a")
            assert done.code == DONE, done
            assert ("create", None, 200) in packets(done)
            assert (second.inbox / "a").read_bytes() == content


def test_gives_up_after_retry_time(client):
    client.file("a", b"x")
    with Port() as closed:
        done = client.run("upload", "--retry-time", "2s", "a",
                          closed.url + "/a")
    assert done.code == TEMPORARY, done


# --- another process --------------------------------------------------------


def test_the_second_process_names_the_process_that_uploads(client, bitsd,
                                                           content):
    client.file("a", content)
    with Line(bitsd.address, stall=MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        done = resume(client, "./a", line.url + "/a")
        assert done.code == TEMPORARY, done
        assert f"process {running.pid}" in done.json()[-1]["words"]
        assert running.process.poll() is None
        # Another URL is another transfer.
        line.release()
        assert client.run("upload", "a", bitsd.addresses[0] + "b").code == DONE
        assert running.wait() == DONE
        assert (bitsd.inbox / "a").read_bytes() == content
    check_idle(client)


# --- the file changes -------------------------------------------------------


def change(path, how):
    if how == "written":
        with open(path, "r+b") as file:
            file.write(b"other")
    elif how == "longer":
        with open(path, "ab") as file:
            file.write(b"more")
    elif how == "shorter":
        os.truncate(path, SIZE - 1)
    else:
        os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("how", ["written", "longer", "shorter", "touched"])
def test_a_file_that_changes_during_the_upload_is_not_mixed(client, bitsd,
                                                            content, how):
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--json", "a", line.url + "/a")
        line.wait_stalled()
        change(path, how)
        line.release()
        assert running.wait() == LOCAL, running.err
        assert running.out.find('"0x8020001D"'), running.out
        assert not (bitsd.inbox / "a").exists()
        check_idle(client)
        # The file as it is now, in a session of its own.
        done = resume(client, "a", line.url + "/a")
        assert done.code == DONE and begun_at(done) == 0
        assert (bitsd.inbox / "a").read_bytes() == path.read_bytes()


def test_a_file_that_changed_between_two_runs_starts_again(client, bitsd,
                                                           content):
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        change(path, "written")
        line.release()
        done = resume(client, "a", line.url + "/a")
        assert done.code == DONE and begun_at(done) == 0
        assert packets(done)[0] == ("create", None, 200)
        assert (bitsd.inbox / "a").read_bytes() == path.read_bytes()


def test_remove_source_spares_a_file_that_took_the_place(client, bitsd,
                                                         content):
    path = client.file("a", content)
    other = client.file("b", bytes(SIZE))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--remove-source", "a", line.url + "/a")
        line.wait_stalled()
        other.rename(path)
        line.release()
        assert running.wait() == DONE, running.err
        assert running.err.find("not removed")
        assert path.read_bytes() == bytes(SIZE)
        assert (bitsd.inbox / "a").read_bytes() == content


def test_a_growing_file_is_sent_as_long_as_it_was(client, bitsd, content):
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--growing", "a", line.url + "/a")
        line.wait_stalled()
        change(path, "longer")
        running.kill()
        change(path, "longer")
        line.release()
        done = resume(client, "--growing", "a", line.url + "/a")
        check_resumed(done, bitsd, content)


def test_a_growing_file_that_shrinks_is_refused(client, bitsd, content):
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--growing", "a", line.url + "/a")
        line.wait_stalled()
        change(path, "shorter")
        line.release()
        assert running.wait() == LOCAL


def test_dry_run_shows_the_offset_of_the_resumption(client, bitsd, content):
    client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        done = client.run("upload", "--dry-run", "--json", "a",
                          line.url + "/a")
        assert done.json()[0]["offset"] > MIB
