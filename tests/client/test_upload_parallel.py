"""Several files at a time: --jobs."""

import contextlib
import os
import re
import signal
import socket
import threading
import time

import pytest

from bitsd import Bitsd
from cutting import Line
from scripted import PATIENCE, Scripted, ack, at_head
from test_progress import Terminal
from uploads import (DONE, LOCAL, MIB, SOME_FAILED, check_idle, noise, records)


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def make(client, count, size=10, folder=""):
    """count files; their names."""
    names = [f"{folder}f{i:03d}" for i in range(count)]
    for name in names:
        client.file(name, name.encode() + noise(size))
    return names


def check_delivered(client, bitsd, names):
    for name in names:
        assert (bitsd.inbox / name).read_bytes() == \
            (client.home / name).read_bytes()


def together(count):
    """An order that is answered only when so many wait for it."""
    barrier = threading.Barrier(count)

    @at_head
    def order(_):
        barrier.wait(PATIENCE)

    return order


# --- how many ---------------------------------------------------------------


@pytest.mark.parametrize("options, count", [([], 4), (["--jobs", "7"], 7),
                                            (["-j2"], 2)])
def test_jobs_sets_how_many_files_are_sent_at_a_time(client, options, count):
    with Scripted() as server:
        server.always("create", together(count))
        done = client.run("upload", *options, *make(client, 2 * count),
                          server.url)
        assert done.code == DONE, done
        assert len({r.connection for r in server.requests}) == count
        assert len(server.delivered) == 2 * count
        check_idle(client)


def test_the_configuration_sets_the_number_of_jobs(client):
    with Scripted() as server:
        server.always("create", together(3))
        client.file(".config/bits/config",
                    f'url "{server.url}" {{\n jobs = 3\n}}\n'.encode())
        done = client.run("upload", *make(client, 3), server.url)
        assert done.code == DONE, done


def test_one_job_sends_them_in_order_over_one_connection(client):
    with Scripted() as server:
        names = make(client, 6)
        done = client.run("upload", "--jobs", "1", *names, server.url)
        assert done.code == DONE, done
        assert {r.connection for r in server.requests} == {0}
        assert server.verbs() == ["create", "fragment", "close"] * 6
        assert [r.target for r in server.of("create")] == [
            "/up/" + name for name in names]


def test_each_worker_keeps_its_connection(client, bitsd):
    names = make(client, 40)
    with Line(bitsd.address, stall_each=0) as line:
        running = client.start("upload", *names, line.url + "/")
        line.wait_stalled(4)
        line.release()
        assert running.wait() == DONE, running.err
        assert line.connections == 4
    check_delivered(client, bitsd, names)
    check_idle(client)


def pump(source, sink):
    """Until one of them ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def one_connection_at_a_time(address):
    """What a server with one thread does to those who come while a connection
    is open."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, socket.create_connection(address) as server:
                    back = threading.Thread(target=pump, args=(server, client))
                    back.start()
                    pump(client, server)
                    back.join()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_worker_without_work_does_not_hold_a_connection(client, bitsd):
    names = make(client, 6)
    with one_connection_at_a_time(bitsd.address) as url:
        done = client.run("upload", *names, url)
        assert done.code == DONE, done
    check_delivered(client, bitsd, names)


def test_files_for_one_url_are_sent_one_after_the_other(client):
    names = make(client, 4, folder="1/") + ["2/f001"]
    client.file("2/f001", b"later")
    with Scripted() as server:
        done = client.run("upload", *names, server.url)
        assert done.code == DONE, done
        assert {r.connection for r in server.requests} == {0}
        assert [r.target for r in server.of("create")] == [
            "/up/f000", "/up/f001", "/up/f002", "/up/f003", "/up/f001"]


@pytest.mark.parametrize("text", ["0", "65", "many", "-1", "4k"])
def test_an_invalid_number_of_jobs_is_refused(client, text):
    client.file("a", b"x")
    done = client.run("upload", "--jobs", text, "a", "http://127.0.0.1:1/")
    assert done.code == 2 and "jobs" in done.err, done


# --- what they share --------------------------------------------------------


def test_the_rate_is_that_of_all_files_together(client, bitsd):
    names = make(client, 4, size=MIB // 2)
    began = time.monotonic()
    done = client.run("upload", "--limit-rate", "1M", *names,
                      bitsd.addresses[0])
    # A quarter of a second may be ahead.
    assert time.monotonic() - began >= 1.7, done
    assert done.code == DONE, done
    check_delivered(client, bitsd, names)


def test_waiting_files_cost_no_descriptors(client, bitsd):
    names = make(client, 300)
    with Line(bitsd.address, stall=1) as line:
        running = client.start("upload", *names, line.url + "/")
        line.wait_stalled()
        held = os.listdir(f"/proc/{running.pid}/fd")
        assert len(held) < 60, held
        line.release()
        assert running.wait() == DONE, running.err
    check_delivered(client, bitsd, names)


def test_failures_of_single_files_do_not_stop_the_others(client, bitsd):
    names = make(client, 20)
    (bitsd.inbox / names[7]).write_bytes(b"there")
    os.remove(client.home / names[11])
    done = client.run("upload", *names, bitsd.addresses[0])
    assert done.code == SOME_FAILED, done
    assert "2 of 20" in done.err
    check_delivered(client, bitsd, [n for i, n in enumerate(names)
                                    if i not in (7, 11)])
    assert (bitsd.inbox / names[7]).read_bytes() == b"there"


def test_an_exit_status_that_all_share_stays(client, bitsd):
    done = client.run("upload", "a", "b", "c", "d", bitsd.addresses[0])
    assert done.code == LOCAL, done
    assert "4 of 4" in done.err


def test_once_and_remove_source_go_for_each(client, bitsd):
    names = make(client, 12, folder="d/")
    (bitsd.inbox / "d").mkdir()
    url = bitsd.addresses[0]
    for _ in range(2):
        done = client.run("upload", "-r", "--once", "d", url)
        assert done.code == DONE, done
    assert done.err.count("skipped") == 12
    check_delivered(client, bitsd, names)
    for name in names:
        (bitsd.inbox / name).unlink()
    contents = {name: (client.home / name).read_bytes() for name in names}
    done = client.run("upload", "-r", "--remove-source", "d", url)
    assert done.code == DONE, done
    for name in names:
        assert (bitsd.inbox / name).read_bytes() == contents[name]
    assert os.listdir(client.home / "d") == []


# --- interruptions ----------------------------------------------------------


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130),
                                          (signal.SIGTERM, 143)])
def test_every_interrupted_upload_resumes(client, bitsd, number, code):
    names = make(client, 6, size=MIB)
    options = ("upload", "--fragment-size", "64k")
    with Line(bitsd.address, stall_each=MIB // 2) as line:
        running = client.start(*options, "--json", *names, line.url + "/")
        line.wait_stalled(4)
        running.signal(number)
        assert running.wait() == code, running.err
        kept = records(client)
        assert len(kept) == 4
        line.release()
        done = client.run(*options, "--json", *names, line.url + "/")
    assert done.code == DONE, done
    begun = {os.path.basename(o["path"]): o["offset"] for o in done.json()
             if o["event"] == "begin"}
    assert all(begun[name] > 0 for name in kept), begun
    check_delivered(client, bitsd, names)
    check_idle(client)


def test_every_killed_upload_resumes(client, bitsd):
    names = make(client, 6, size=MIB)
    options = ("upload", "--fragment-size", "64k")
    with Line(bitsd.address, stall_each=MIB // 2) as line:
        running = client.start(*options, *names, line.url + "/")
        line.wait_stalled(4)
        running.kill()
        line.release()
        done = client.run(*options, *names, line.url + "/")
    assert done.code == DONE, done
    check_delivered(client, bitsd, names)
    check_idle(client)


# --- what it shows ----------------------------------------------------------


def test_the_live_line_counts_all_files(client, bitsd):
    names = make(client, 6, size=MIB)
    with Line(bitsd.address, stall=3 * MIB) as line, \
            Terminal(client, 80, "upload", "--fragment-size", "64k", *names,
                     line.url) as terminal:
        shape = r"\d/6 files \[#+> *\]  \d\d%  \d\.\d/6\.0 MiB  .*"
        terminal.read(lambda _: any(re.fullmatch(shape, frame)
                                    for frame in terminal.frames()))
        line.release()
        terminal.finish()
        assert all(len(frame) < 80 for frame in terminal.frames())
        for name in names:
            assert f"bits: {name}: done, 1.0 MiB in " in terminal.text


def test_a_wait_of_one_file_is_a_line_while_others_run(client):
    with Scripted() as server:
        server.play("create", ack(503, fields=[("Retry-After", "0")]))
        names = make(client, 4)
        done = client.run("upload", *names, server.url)
        assert done.code == DONE, done
        assert done.err.count("next try") == 1


def test_json_objects_of_several_files_do_not_mix(client, bitsd):
    names = make(client, 30)
    done = client.run("upload", "--json", "-v", *names, bitsd.addresses[0])
    assert done.code == DONE, done
    events = {}
    for event in done.json():
        name = os.path.basename(event["path"])
        events.setdefault(name, []).append(event["event"])
    assert set(events) == set(names)
    for name in names:
        assert events[name] == ["begin", "packet", "notice", "packet",
                                "packet", "end"]
