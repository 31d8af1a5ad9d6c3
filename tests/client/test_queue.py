"""bits queue: jobs that outlive the process that added them."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import struct
import subprocess
import termios
import time

import pytest

from bitsd import PATIENCE, Bitsd
from bits import binary
from cutting import Line
from packets import pattern
from ports import Port
from scripted import Hang, Scripted, http, lost
from talk import until

MIB = 1 << 20
CONTENT = pattern("Q", 0, 3 * MIB + 11)


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


@pytest.fixture
def line(bitsd):
    """Holds up what is sent to the server after a part of the content."""
    with Line(bitsd.address, stall=MIB) as line:
        yield line


def add(client, *arguments, content=CONTENT, name="a.bin"):
    """Adds one file; the last argument is the URL."""
    *options, url = arguments
    done = client.run("queue", "add", *options, client.file(name, content), url)
    assert done.code == 0, done
    assert re.fullmatch("[0-9a-f]{8}\n", done.out), done
    return done.out.strip()


def jobs(client):
    return {row["id"]: row
            for row in client.run("queue", "list", "--json").json()}


def wait_state(client, job, state):
    until(lambda: jobs(client)[job]["state"] == state)


def wait_failed_try(client, job):
    """Its row, once it waits for another try and the process that made the
    last one has let go of it."""
    def waits():
        row = jobs(client)[job]
        return row["state"] == "waiting" and "words" in row
    until(waits)
    return jobs(client)[job]


def work(client, *arguments, **environment):
    return client.run("queue", "run", *arguments, **environment)


def start_held_job(client, line, *arguments):
    """A job of which some fragments have arrived; it runs until the line is
    released, or the user stops it.  And the process of the queue."""
    job = add(client, "--fragment-size", "256k", line.url)
    run = client.start("queue", "run", *arguments)
    line.wait_stalled()
    until(lambda: jobs(client)[job]["offset"] > 0)
    assert jobs(client)[job]["state"] == "running"
    return job, run


def check_next_try(row, since, delay):
    """It comes so much later than something between then and now."""
    assert since + delay - 1 <= row["next_try_at"] <= time.time() + delay + 1


# --- from add to done --------------------------------------------------------


def test_a_job_is_done_by_run(client, bitsd):
    job = add(client, bitsd.addresses[0])
    row = jobs(client)[job]
    assert (row["state"], row["size"], row["offset"]) == (
        "waiting", len(CONTENT), 0)
    done = work(client)
    assert done.code == 0, done
    assert (bitsd.inbox / "a.bin").read_bytes() == CONTENT
    row = jobs(client)[job]
    assert (row["state"], row["offset"], row["exit"]) == (
        "done", len(CONTENT), 0)
    assert work(client).code == 0  # nothing is left to do


def test_each_file_gets_an_id(client, bitsd):
    for name in ("d/a", "d/e/b", "c"):
        client.file(name, b"12345")
    done = client.run("queue", "add", "-r", "d", "c", bitsd.addresses[0])
    assert done.code == 0, done
    ids = done.out.split()
    assert len(set(ids)) == 3 and set(jobs(client)) == set(ids)


def test_list_and_show_are_for_people(client, bitsd):
    assert client.run("queue").out == ""
    job = add(client, "--then", "true", bitsd.addresses[0])
    table = client.run("queue").out.splitlines()
    assert table[0].split() == ["ID", "STATE", "SENT", "SIZE", "FILE"]
    assert table[1].split()[:3] == [job, "waiting", "0%"]
    assert client.run("queue", "list").out.splitlines() == table
    assert table[2] == f"          to {bitsd.addresses[0]}a.bin"
    shown = client.run("queue", "show", job).out
    assert shown.startswith(f"{job} waiting\n  file     {client.home}/a.bin\n")
    assert "  option   --then true\n" in shown


def test_other_users_cannot_read_the_queue(client, bitsd):
    job = add(client, bitsd.addresses[0])
    folder = client.state / "bits" / "queue"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{job}.json").stat().st_mode) == 0o600


def test_add_says_when_no_process_runs_the_queue(client, bitsd):
    path = client.file("a.bin", b"1")
    done = client.run("queue", "add", path, bitsd.addresses[0])
    assert "nothing is running the queue" in done.err
    run = client.start("queue", "run", "--keep-running")
    until(lambda: jobs(client)[done.out.strip()]["state"] == "done")
    done = client.run("queue", "add", path, bitsd.addresses[0] + "b")
    assert done.err == ""
    run.terminate()


@pytest.mark.parametrize("arguments", [
    ("add",), ("add", "a.bin"), ("add", "-", "http://127.0.0.1/"),
    ("add", "a.bin", "ftp://127.0.0.1/"),
    ("add", "--growing", "--remove-source", "a.bin", "http://127.0.0.1/"),
    ("add", "--dry-run", "a.bin", "http://127.0.0.1/"),
    ("show",), ("pause",), ("show", "00000000"), ("pause", "../../etc"),
    ("resume", "00000000"), ("retry", "x"), ("remove", "00000000"),
    ("run", "00000000"), ("nonsense",),
])
def test_wrong_command_lines_are_refused(client, arguments):
    client.file("a.bin", b"1")
    done = client.run("queue", *arguments)
    assert done.code == 2 and done.out == "", done
    assert jobs(client) == {}


def test_a_file_that_is_not_there_is_not_queued(client):
    done = client.run("queue", "add", "missing", "http://127.0.0.1:1/")
    assert done.code == 3 and done.out == "", done


# --- afterwards --------------------------------------------------------------

THEN = 'pwd >then.txt; env | grep ^BITS_ | sort >>then.txt'


def test_the_command_afterwards_knows_the_facts(client, bitsd):
    job = add(client, "--then", THEN, bitsd.addresses[0])
    assert work(client).code == 0
    folder, *facts = (client.home / "then.txt").read_text().splitlines()
    assert folder == str(client.home)
    assert dict(fact.split("=", 1) for fact in facts) == {
        "BITS_ID": job, "BITS_FILE": str(client.home / "a.bin"),
        "BITS_URL": bitsd.addresses[0] + "a.bin",
        "BITS_SIZE": str(len(CONTENT)), "BITS_EXIT": "0", "BITS_STATUS": "0",
        "BITS_CODE": "0x00000000", "BITS_WORDS": "", "BITS_REPLY": ""}
    (client.home / "then.txt").unlink()
    assert work(client).code == 0
    assert not (client.home / "then.txt").exists(), "it ran twice"


def test_the_command_afterwards_is_told_of_a_failure(client, bitsd):
    (bitsd.inbox / "a.bin").write_bytes(b"it is there")
    add(client, "--then", THEN, bitsd.addresses[0])
    assert work(client).code == 6
    text = (client.home / "then.txt").read_text()
    assert "BITS_EXIT=1\n" in text and "BITS_STATUS=403\n" in text
    assert "BITS_CODE=0x80070005\n" in text


def test_the_command_afterwards_prints_on_standard_error(client, bitsd):
    add(client, "--then", "echo hello; exit 3", bitsd.addresses[0])
    done = work(client)
    assert done.code == 0
    assert "hello" in done.err and done.out == ""
    assert "ended with 3" in done.err


# --- failures ----------------------------------------------------------------


def test_a_refusal_is_kept_and_can_be_retried(client, bitsd):
    (bitsd.inbox / "a.bin").write_bytes(b"it is there")
    job = add(client, bitsd.addresses[0])
    assert work(client).code == 6
    row = jobs(client)[job]
    assert (row["state"], row["exit"], row["status"], row["code"]) == (
        "failed", 1, 403, "0x80070005")
    assert "remedy" in client.run("queue", "show", job).out
    assert work(client).code == 0  # that is an old story
    (bitsd.inbox / "a.bin").unlink()
    assert client.run("queue", "retry", job).code == 0
    assert work(client).code == 0
    assert (bitsd.inbox / "a.bin").read_bytes() == CONTENT


def test_a_file_that_went_away_fails_its_job_only(client, bitsd):
    gone = add(client, bitsd.addresses[0], name="gone")
    there = add(client, bitsd.addresses[0], name="there")
    (client.home / "gone").unlink()
    assert work(client).code == 6
    assert jobs(client)[gone]["state"] == "failed"
    assert jobs(client)[gone]["exit"] == 3
    assert jobs(client)[there]["state"] == "done"


def test_without_time_for_a_second_try_the_first_error_is_final(client):
    with Scripted() as server:
        server.always("create", http(503))
        job = add(client, "--retry-time", "0", server.url)
        assert work(client).code == 6
        assert jobs(client)[job]["state"] == "failed"
        assert jobs(client)[job]["exit"] == 5
        assert len(server.requests) == 1


def test_a_malformed_job_file_does_not_stop_other_jobs(client, bitsd):
    job = add(client, bitsd.addresses[0])
    bad = client.state / "bits" / "queue" / "00000bad.json"
    bad.write_text('{"version": 1, "path": ["')
    done = work(client)
    assert "00000bad" in done.err and "its file is not valid" in done.err
    rows = client.run("queue", "list", "--json")
    assert rows.code == 3 and [r["id"] for r in rows.json()] == [job]
    assert (bitsd.inbox / "a.bin").read_bytes() == CONTENT


# --- waiting -----------------------------------------------------------------


def test_a_busy_server_is_asked_again_after_its_retry_after(client):
    with Scripted() as server:
        server.play("create", http(503, fields=[("Retry-After", "3600")]))
        job = add(client, server.url)
        since = time.time()
        run = client.start("queue", "run")
        row = wait_failed_try(client, job)
        assert row["status"] == 503
        check_next_try(row, since, 3600)
        # It can be told to try now.
        assert client.run("queue", "retry", job).code == 0
        assert run.wait() == 0
        assert server.delivered == [CONTENT]


def test_a_job_that_waits_keeps_no_other_from_its_turn(client, bitsd):
    with Port() as closed:
        waits = add(client, closed.url, name="waits")
        runs = add(client, bitsd.addresses[0], name="runs")
        since = time.time()
        run = client.start("queue", "run")
        wait_state(client, runs, "done")
        check_next_try(wait_failed_try(client, waits), since, 600)
        run.terminate()


def test_servers_that_hang_keep_no_other_from_its_turn(client, bitsd):
    with Scripted() as server:
        server.always("create", Hang())
        for i in range(3):
            add(client, server.url, name=f"hangs{i}")
        job = add(client, bitsd.addresses[0], name="runs")
        run = client.start("queue", "run")
        wait_state(client, job, "done")
        assert run.terminate() == 128 + signal.SIGTERM


def test_a_job_is_put_off_and_not_lost_when_the_session_is(client):
    with Scripted() as server:
        server.always("fragment", lost())
        job = add(client, server.url)
        run = client.start("queue", "run")
        assert "forgets sessions" in wait_failed_try(client, job)["words"]
        del server.standing["fragment"]
        assert client.run("queue", "retry", job).code == 0
        assert run.wait() == 0
        assert server.delivered[-1] == CONTENT


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"),
                    reason="makes a network of its own: root and iproute2")
def test_the_return_of_the_network_ends_the_wait(client):
    """In a network of its own, where even the loopback is down."""
    script = """
        set -e
        "$BITS" queue add a.bin http://127.0.0.1:9/
        : >out
        timeout 25 "$BITS" queue run --json 2>err >>out &
        run=$!
        until grep -q '"event":"wait"' out; do sleep 0.02; done
        ip link set lo up
        until test $(grep -c '"event":"wait"' out) -ge 2; do sleep 0.02; done
        kill $run; wait $run || true
    """
    client.file("a.bin", b"1")
    environment = {**client.environment, "BITS": binary()}
    done = subprocess.run(["unshare", "-n", "sh", "-c", script],
                          cwd=client.home, env=environment, timeout=PATIENCE,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    waits = [json.loads(l)
             for l in (client.home / "out").read_text().splitlines()
             if '"wait"' in l]
    assert waits[0]["error"]["code"] == "0x80200010"


# --- the user changes the queue ----------------------------------------------


def test_a_running_job_can_be_paused_and_resumed(client, bitsd, line):
    job, run = start_held_job(client, line, "--keep-running")
    assert client.run("queue", "pause", job).code == 0
    wait_state(client, job, "paused")
    kept = jobs(client)[job]["offset"]
    line.release()
    assert client.run("queue", "resume", job).code == 0
    until(lambda: jobs(client)[job]["offset"] > kept)
    run.terminate()
    bitsd.stop()
    assert len(bitsd.log.find("created")) == 1


def test_a_paused_job_is_left_alone(client, bitsd):
    job = add(client, bitsd.addresses[0])
    assert client.run("queue", "pause", job).code == 0
    assert work(client).code == 0
    assert jobs(client)[job]["state"] == "paused"
    assert not (bitsd.inbox / "a.bin").exists()
    assert client.run("queue", "resume", job).code == 0
    assert work(client).code == 0
    assert jobs(client)[job]["state"] == "done"
    assert client.run("queue", "pause", job).code == 2
    assert client.run("queue", "resume", job).code == 2


def test_a_job_that_runs_is_removed_with_its_session(client, bitsd, line):
    job, run = start_held_job(client, line, "--keep-running")
    known = line.connections
    assert client.run("queue", "remove", job).code == 0
    # The upload has ended where another process comes to cancel it.
    until(lambda: line.connections > known)
    line.release()
    until(lambda: job not in jobs(client))
    bitsd.log.wait("cancelled")
    run.terminate()
    check_empty(client)


def test_a_job_that_was_begun_is_removed_with_its_session(client, bitsd, line):
    job, run = start_held_job(client, line)
    run.kill()
    until(lambda: jobs(client)[job]["state"] == "waiting")
    line.release()
    assert client.run("queue", "remove", job).code == 0
    assert jobs(client) == {}
    bitsd.log.wait("cancelled")
    check_empty(client)


def check_empty(client):
    """Nothing is left but the locks of the queue itself."""
    state = client.state / "bits"
    names = [p.name for p in state.rglob("*") if p.is_file()]
    assert set(names) <= {"changes.lock", "run.lock"}, names


def test_jobs_that_ended_can_be_removed(client, bitsd):
    job = add(client, bitsd.addresses[0])
    assert work(client).code == 0
    assert client.run("queue", "remove", job).code == 0
    assert jobs(client) == {}
    assert (bitsd.inbox / "a.bin").read_bytes() == CONTENT


# --- the process that runs it ------------------------------------------------


def test_a_service_notices_new_jobs(client, bitsd):
    run = client.start("queue", "run", "--keep-running")
    for name in ("one", "two"):
        job = add(client, bitsd.addresses[0], name=name)
        wait_state(client, job, "done")
    assert run.terminate() == 128 + signal.SIGTERM


def test_the_second_process_names_the_first(client):
    run = client.start("queue", "run", "--keep-running")
    lock = client.state / "bits" / "queue" / "run.lock"
    until(lambda: lock.exists() and lock.read_text().strip() == str(run.pid))
    done = work(client)
    assert done.code == 5 and f"process {run.pid} " in done.err, done
    run.terminate()
    assert work(client).code == 0


# --- one job after the other -------------------------------------------------


def add_many(client, url, count):
    for i in range(count):
        client.file(f"many/{i:02d}", b"%02d" % i)
    done = client.run("queue", "add", "-r", "many/.", url)
    assert done.code == 0, done
    return done.out.split()


def test_jobs_for_one_server_share_connections(client, bitsd):
    with Line(bitsd.address) as line:
        ids = add_many(client, line.url + "/", 24)
        done = work(client)
        assert done.code == 0, done
        assert {jobs(client)[id]["state"] for id in ids} == {"done"}
        assert line.connections <= 4
    assert sorted(p.name for p in bitsd.inbox.iterdir()
                  if p.is_file()) == [f"{i:02d}" for i in range(24)]


def test_each_job_has_its_own_settings_and_server(client):
    with Scripted() as one, Scripted() as two:
        wanted = {}
        for i in range(16):
            server = (one, two)[i % 2]
            header = f"X-Of: {i // 4}"
            add(client, "-H", header, server.url, content=b"x", name=f"{i}")
            wanted[(server, f"/up/{i}")] = str(i // 4)
        done = work(client)
        assert done.code == 0, done
        seen = {(server, r.target): r.get("X-Of") for server in (one, two)
                for r in server.of("create")}
        assert seen == wanted


def test_a_kill_in_a_later_job_costs_that_job_only(client, bitsd):
    """The ninth has its process from one of the first eight."""
    ids = add_many(client, bitsd.addresses[0], 8)
    with Line(bitsd.address, stall=MIB) as line:
        held = add(client, "--fragment-size", "256k", line.url)
        run = client.start("queue", "run", "--keep-running")
        line.wait_stalled()
        until(lambda: all(jobs(client)[id]["state"] == "done" for id in ids))
        lock = client.state / "bits" / "queue" / f"{held}.lock"
        os.kill(int(lock.read_text()), signal.SIGKILL)
        run.err.wait("its process died")
        later = add(client, bitsd.addresses[0], content=b"x", name="later")
        wait_state(client, later, "done")
        assert jobs(client)[held]["state"] == "waiting"
        assert run.terminate() == 128 + signal.SIGTERM


def test_a_later_job_of_a_process_can_be_paused(client, bitsd):
    ids = add_many(client, bitsd.addresses[0], 8)
    with Line(bitsd.address, stall=MIB) as line:
        held = add(client, "--fragment-size", "256k", line.url)
        run = client.start("queue", "run", "--keep-running")
        line.wait_stalled()
        until(lambda: all(jobs(client)[id]["state"] == "done" for id in ids))
        assert client.run("queue", "pause", held).code == 0
        wait_state(client, held, "paused")
        later = add(client, bitsd.addresses[0], content=b"x", name="later")
        wait_state(client, later, "done")
        assert run.terminate() == 128 + signal.SIGTERM


def test_a_stop_keeps_what_arrived(client, line):
    job, run = start_held_job(client, line)
    assert run.terminate() == 128 + signal.SIGTERM
    assert jobs(client)[job]["state"] == "waiting"
    assert jobs(client)[job]["offset"] > 0


def test_kills_cost_nothing_but_time(client, bitsd):
    """kill -9 of everything, again and again."""
    big = pattern("B", 0, 40 * MIB)
    job = add(client, "--fragment-size", "256k", bitsd.addresses[0],
              content=big)
    for i in range(6):
        if jobs(client)[job]["state"] == "done":
            break
        seen = jobs(client)[job]["offset"]
        run = client.start("queue", "run")
        until(lambda: jobs(client)[job]["offset"] > seen or
              jobs(client)[job]["state"] == "done")
        run.kill()
    assert work(client).code == 0
    assert (bitsd.inbox / "a.bin").read_bytes() == big
    bitsd.stop()
    assert len(bitsd.log.find("delivered")) == 1
    check_idle_but(client, job)


def check_idle_but(client, job):
    folder = client.state / "bits" / "queue"
    assert {p.name for p in folder.iterdir()} <= {
        f"{job}.json", f"{job}.lock", "changes.lock", "run.lock"}


def test_a_job_whose_process_dies_is_tried_again_later(client, line):
    job, run = start_held_job(client, line)
    with open(f"/proc/{run.pid}/task/{run.pid}/children") as file:
        child, = map(int, file.read().split())
    os.kill(child, signal.SIGKILL)
    run.err.wait("its process died")
    assert jobs(client)[job]["state"] == "waiting"
    kept = jobs(client)[job]["offset"]
    line.release()
    assert client.run("queue", "retry", job).code == 0
    until(lambda: jobs(client)[job]["offset"] > kept)
    run.terminate()


def test_programs_follow_it_by_objects(client, bitsd):
    job = add(client, bitsd.addresses[0])
    done = work(client, "--json")
    events = done.json()
    assert {event["id"] for event in events} == {job}
    assert [e["event"] for e in events if e["event"] != "notice"] == [
        "begin", "end"]
    assert events[-1]["exit"] == 0


def test_the_configuration_of_today_counts(client, bitsd):
    config = client.file(".config/bits/config", b"")
    job = add(client, bitsd.addresses[0])
    config.write_text(f'"{bitsd.addresses[0]}" {{ nonsense = 1 }}\n')
    assert work(client).code == 6
    assert jobs(client)[job]["exit"] == 2
    config.write_text("")
    assert client.run("queue", "retry", job).code == 0
    assert work(client).code == 0


def test_the_settings_of_add_are_kept(client):
    with Scripted() as server:
        add(client, "--method", "post", "-H", "X-Own: 1", server.url)
        assert work(client).code == 0
        assert {r.method for r in server.requests} == {"POST"}
        assert {r.get("X-Own") for r in server.requests} == {"1"}


# --- what a person sees -------------------------------------------------------


@pytest.fixture
def gone():
    """The URL of a server that is down."""
    with Port() as port:
        yield f"{port.url}/up/"


def terminal_of(client, columns, *arguments, stream="stderr",
                seen=lambda text: None):
    """Runs it to its end with one of its streams on a terminal: its text.

    `seen` is given the text so far, each time that there is more.
    """
    screen, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
               stream: end}
    text = b""
    with subprocess.Popen([binary(), *map(str, arguments)], cwd=client.home,
                          env=client.environment, **streams) as process:
        while process.poll() is None or select.select([screen], [], [], 0)[0]:
            if select.select([screen], [], [], 0.1)[0]:
                text += os.read(screen, 65536)
                seen(text.decode(errors="replace"))
    os.close(end)
    os.close(screen)
    assert process.returncode == 0, text
    return text.decode()


def test_the_table_fits_80_columns(client, gone):
    name = "a-long-name-" + "x" * 150 + ".dmp"
    job = add(client, "--retry-time", "1h", gone, name=name)
    assert work(client, "--once").code == 0
    lines = terminal_of(client, 80, "queue", stream="stdout").splitlines()
    assert all(len(line) < 80 for line in lines), lines
    assert len(lines) == 4 and lines[1].startswith(job)
    assert lines[1].endswith("xx.dmp") and "..." in lines[1]
    assert lines[2].startswith("          to http://127.0.0.1:")
    assert re.match(r" {10}next try (\S+ )?\d\d:\d\d:\d\d: the server ",
                    lines[3])
    # In a pipe nothing is cut.
    assert name in client.run("queue").out


def test_the_table_is_in_the_order_of_time(client, gone):
    ids = []
    for name in ("c", "a", "b"):
        ids.append(add(client, gone, name=name))
        path = client.state / "bits" / "queue" / f"{ids[-1]}.json"
        job = json.loads(path.read_text())
        job["added_at"] = 1000 + len(ids)
        path.write_text(json.dumps(job))
    assert re.findall("^([0-9a-f]{8}) ", client.run("queue").out, re.M) == ids


def test_a_single_round_tries_each_job_once(client, gone):
    job = add(client, "--retry-time", "1h", gone)
    with Scripted() as server:
        server.always("create", http(503, fields=[("Retry-After", "1")]))
        busy = add(client, server.url, name="b.bin")
        since = time.time()
        assert work(client, "--once").code == 0
        assert len(server.of("create")) == 1
        assert jobs(client)[busy]["state"] == "waiting"
    row = jobs(client)[job]
    assert row["state"] == "waiting"
    check_next_try(row, since, 600)
    # Not due, so that it is left alone.
    assert work(client, "--once").code == 0
    assert jobs(client)[job]["next_try_at"] == row["next_try_at"]
    assert work(client, "--once", "--keep-running").code == 2


def test_lines_of_a_job_begin_with_its_id(client, bitsd):
    ids = [add(client, bitsd.addresses[0], name=name) for name in ("a", "b")]
    done = work(client)
    for job, name in zip(ids, ("a", "b")):
        assert f"bits: {job} {name}: done, " in done.err, done


def test_the_queue_has_a_live_line(client, bitsd, line):
    job = add(client, "--fragment-size", "256k", line.url)
    shape = r"1 running, 0 waiting \[#*>? *\]  ?\d+%  \d\.\d/3\.0 MiB"

    def frames(text):
        return re.findall("\r\x1b\\[\\?7l(.*?)\x1b\\[K", text)

    def release(text):
        if any(re.match(shape, frame) for frame in frames(text)):
            line.release()

    text = terminal_of(client, 80, "queue", "run", seen=release)
    assert all(len(frame) < 80 for frame in frames(text))
    assert re.search(f"\r\x1b\\[Kbits: {job} a.bin: done, 3.0 MiB ", text), text


# --- removal without the server -----------------------------------------------


def start_lost_job(client, line, bitsd):
    """A job of which some bytes have arrived; then its server is gone."""
    job, run = start_held_job(client, line)
    run.kill()
    until(lambda: jobs(client)[job]["state"] == "waiting")
    line.cut()  # for a request that stalls there bitsd would wait grace_time
    bitsd.stop()
    return job


def test_a_server_that_is_down_holds_up_a_removal_for_seconds(client, bitsd,
                                                              line):
    job = start_lost_job(client, line, bitsd)
    since = time.monotonic()
    done = client.run("queue", "remove", job)
    assert done.code == 0, done
    assert 4 <= time.monotonic() - since < 20
    assert "`bits queue run` ends its session" in done.err
    assert jobs(client)[job]["state"] == "ending"
    shown = client.run("queue", "show", job).out
    assert "  ending   removed; `bits queue run` ends its session" in shown
    assert "removed; `bits queue run` ends" in client.run("queue").out


def test_a_removal_waits_for_the_server_when_asked(client, bitsd, line):
    job = start_lost_job(client, line, bitsd)
    run = client.start("queue", "remove", "--wait", job)
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(7)
    run.terminate()
    assert jobs(client)[job]["state"] == "ending"


def test_run_ends_the_session_that_a_removal_left(client, bitsd):
    job = add(client, bitsd.addresses[0])
    path = client.state / "bits" / "queue" / f"{job}.json"
    row = json.loads(path.read_text())
    row["state"] = "ending"
    path.write_text(json.dumps(row))
    assert work(client).code == 0
    assert jobs(client) == {}
