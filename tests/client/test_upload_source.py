"""The file that is sent: one version of it arrives, and it is removed only when
the server has stated that it has it."""

import json
import os
import signal
import subprocess

import pytest

from bitsd import Bitsd
from cutting import Line
from scripted import Hang, Scripted, ack, http, lost
from uploads import (DONE, LOCAL, MIB, PATIENT, REFUSED, TEMPORARY, begun_at,
                     noise, packets, records)

SMALL = ("--fragment-size", "256k")
SIZE = MIB


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def start(client, *arguments):
    return client.start("upload", *SMALL, *PATIENT, *arguments)


def again(client, *arguments):
    return client.run("upload", *SMALL, *PATIENT, "--json", "-v", *arguments)


# --- another version under the same name -------------------------------------


def other_version(client, path):
    """A file of the same size and mtime."""
    other = client.file("other", noise(path.stat().st_size))
    subprocess.run(["touch", "-r", path, other], check=True)
    return other


def replace(client, path):
    os.replace(other_version(client, path), path)


def move(client, path):
    subprocess.run(["mv", other_version(client, path), path], check=True)


def copy_over(client, path):
    """The same inode."""
    subprocess.run(["cp", "-p", other_version(client, path), path], check=True)


def copy_new(client, path):
    other = other_version(client, path)
    path.unlink()
    subprocess.run(["cp", "-p", other, path], check=True)


def write_and_touch(client, path):
    other = other_version(client, path)
    with open(path, "r+b") as file:
        file.write(noise(path.stat().st_size))
    subprocess.run(["touch", "-r", other, path], check=True)


def write_a_byte_and_touch(client, path):
    other = other_version(client, path)
    with open(path, "r+b") as file:
        file.seek(100_000)
        file.write(b"x")
    subprocess.run(["touch", "-r", other, path], check=True)


IN_PLACE = [copy_over, write_and_touch, write_a_byte_and_touch]
VERSIONS = [replace, move, copy_new, *IN_PLACE]


@pytest.mark.parametrize("change", VERSIONS)
def test_an_upload_never_resumes_with_another_version(client, bitsd, change):
    path = client.file("a", noise(4 * MIB))
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        change(client, path)
        line.release()
        planned = client.run("upload", "--dry-run", "--json", "a",
                             line.url + "/a")
        assert planned.json()[0]["offset"] == 0
        done = again(client, "a", line.url + "/a")
        assert done.code == DONE, done
        assert packets(done)[0] == ("create", None, 200)
        assert begun_at(done) == 0
        assert (bitsd.inbox / "a").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("change", IN_PLACE)
def test_another_version_in_the_same_place_ends_a_running_upload(client, bitsd,
                                                                 change):
    path = client.file("a", noise(4 * MIB))
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--remove-source", "a", line.url + "/a")
        line.wait_stalled()
        change(client, path)
        line.release()
        assert running.wait() == LOCAL, running.err
        assert running.err.find("changed while it was sent")
        assert path.exists() and not (bitsd.inbox / "a").exists()


def link(path):
    os.link(path, path.with_name("link"))


@pytest.mark.parametrize("change", [link, os.unlink])
def test_a_name_more_or_less_changes_no_bytes(client, bitsd, change):
    """Backups make hard links; a running upload continues, and so does one that
    was killed later."""
    content = noise(4 * MIB)
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "a", line.url + "/a")
        line.wait_stalled()
        change(path)
        line.release()
        assert running.wait() == DONE, running.err
        assert (bitsd.inbox / "a").read_bytes() == content


@pytest.mark.parametrize("change", [replace, move, copy_new, copy_over,
                                    write_and_touch])
def test_once_sends_another_version(client, bitsd, change):
    path = client.file("a", noise(1000))
    url = bitsd.addresses[0] + "a"
    assert client.run("upload", "--once", "a", url).code == DONE
    (bitsd.inbox / "a").unlink()
    assert client.run("upload", "--once", "a", url).code == DONE
    assert not (bitsd.inbox / "a").exists()
    change(client, path)
    assert client.run("upload", "--once", "a", url).code == DONE
    assert (bitsd.inbox / "a").read_bytes() == path.read_bytes()


# --- files that grow ----------------------------------------------------------


def rotate(client, path):
    """As logrotate does with copytruncate, and then the log grows again."""
    subprocess.run(["cp", path, client.home / "a.1"], check=True)
    size = path.stat().st_size
    os.truncate(path, 0)
    with open(path, "ab") as file:
        file.write(noise(size + 1000))


def test_a_growing_file_that_was_rotated_is_sent_anew(client, bitsd):
    path = client.file("a", noise(4 * MIB))
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--growing", "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        rotate(client, path)
        line.release()
        done = again(client, "--growing", "a", line.url + "/a")
        assert done.code == DONE, done
        assert begun_at(done) == 0
        assert (bitsd.inbox / "a").read_bytes() == path.read_bytes()


def test_a_growing_file_that_is_rotated_meanwhile_is_not_mixed(client, bitsd):
    path = client.file("a", noise(4 * MIB))
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, "--growing", "a", line.url + "/a")
        line.wait_stalled()
        rotate(client, path)
        line.release()
        assert running.wait() == LOCAL, running.err
        assert running.err.find("changed while it was sent")
        assert not (bitsd.inbox / "a").exists()


@pytest.mark.parametrize("place", [0, 1023, 5000, (16 << 10) - 1])
def test_a_small_growing_file_is_looked_at_whole(client, place):
    """Up to 16 KiB the proof covers each byte."""
    path = client.file("a", noise(16 << 10))
    with Scripted() as server:
        server.play("fragment", None, Hang())
        running = client.start("upload", "--growing", "--fragment-size", "8k",
                               "a", server.url)
        server.wait(lambda s: len(s.of("fragment")) == 2)
        running.kill()
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        done = again(client, "--growing", "a", server.url)
        assert done.code == DONE and begun_at(done) == 0, done
        assert server.delivered == [bytes(content)]


# --- records of other days ------------------------------------------------------


def edit_record(client, change):
    (path,) = (client.state / "bits" / "uploads").glob("*.json")
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def age(record):
    """As a version wrote it that did not know these."""
    del record["file"]["ctime_ns"]
    record["file"].pop("sample", None)


def reboot(record):
    """Device numbers may change with it."""
    record["boot"] = "another-boot"
    record["file"]["device"] += 1


def remount(record):
    record["file"]["device"] += 1


@pytest.mark.parametrize("edit, resumes", [(age, False), (reboot, True),
                                           (remount, False)])
@pytest.mark.parametrize("mode", [[], ["--growing"]])
def test_a_record_of_another_day(client, bitsd, edit, resumes, mode):
    content = noise(4 * MIB)
    path = client.file("a", content)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = start(client, *mode, "a", line.url + "/a")
        line.wait_stalled()
        running.kill()
        edit_record(client, edit)
        line.release()
        done = again(client, *mode, "--remove-source" if not mode else "-v",
                     "a", line.url + "/a")
        assert done.code == DONE, done
        assert (begun_at(done) > 0) == resumes
        assert (bitsd.inbox / "a").read_bytes() == content
        assert path.exists() == bool(mode)


@pytest.mark.parametrize("edit, skips", [(age, True), (reboot, True),
                                         (remount, False)])
def test_a_file_that_was_sent_once_on_another_day(client, bitsd, edit, skips):
    client.file("a", noise(1000))
    url = bitsd.addresses[0] + "a"
    assert client.run("upload", "--once", "a", url).code == DONE
    (bitsd.inbox / "a").unlink()
    edit_record(client, edit)
    assert client.run("upload", "--once", "a", url).code == DONE
    assert (bitsd.inbox / "a").exists() != skips


# --- an interrupted removal ------------------------------------------------------


def interrupt_remove(client, server):
    """An upload that was begun, and a `queue remove` that was killed while the
    server was silent."""
    server.play("fragment", None, Hang())
    upload = client.start("upload", *SMALL, "a", server.url)
    server.wait(lambda s: len(s.of("fragment")) == 2)
    upload.kill()
    added = client.run("queue", "add", *SMALL, "a", server.url)
    server.play("cancel", Hang())
    remove = client.start("queue", "remove", added.out.strip())
    server.wait(lambda s: s.of("cancel"))
    remove.kill()
    assert records(client)["a"]["transfer"]["cancelling"]


def test_an_upload_after_an_interrupted_remove_sends_the_file(client):
    content = noise(SIZE)
    path = client.file("a", content)
    with Scripted() as server:
        interrupt_remove(client, server)
        before = len(server.requests)
        done = client.run("upload", *SMALL, "--remove-source", "a",
                          server.url)
        assert done.code == DONE, done
        assert server.delivered == [content]
        assert not path.exists()
        # The old session is ended, and nothing of it is used.
        assert server.verbs()[before:][:2] == ["cancel", "create"]
        assert len(server.sessions) == 0


@pytest.mark.parametrize("answer", [http(403), ack(403, code="0x80070005",
                                                   context="0x5")])
def test_a_refused_upload_after_an_interrupted_remove_keeps_the_file(client,
                                                                     answer):
    path = client.file("a", noise(SIZE))
    with Scripted() as server:
        interrupt_remove(client, server)
        server.always("create", answer)
        done = client.run("upload", *SMALL, "--remove-source", "a",
                          server.url)
        assert done.code == REFUSED, done
        assert path.exists() and server.delivered == []


def test_a_stop_while_an_old_session_is_cancelled_keeps_the_file(client):
    path = client.file("a", noise(SIZE))
    with Scripted() as server:
        interrupt_remove(client, server)
        known = len(server.of("cancel"))
        server.play("cancel", Hang())
        upload = client.start("upload", *SMALL, "--remove-source", "a",
                              server.url)
        server.wait(lambda s: len(s.of("cancel")) > known)
        upload.signal(signal.SIGTERM)
        assert upload.wait() == 128 + signal.SIGTERM
        assert path.exists() and server.delivered == []


# --- what the server has not stated ---------------------------------------------


def unknown(server, how):
    """Every byte is acknowledged, and no Ack to Close comes."""
    if how == "session lost, then a firewall":
        server.play("create", None)
        server.always("create", http(403))
        server.always("close", lost())
    else:
        server.always("close", {
            "success without an Ack": http(200),
            "a firewall": http(403),
            "refused": ack(400, code="0x80070057", context="0x5")}[how])


# A success without an Ack is a page of a proxy: the next try may know more.
UNKNOWN = {"session lost, then a firewall": REFUSED, "a firewall": REFUSED,
           "refused": REFUSED, "success without an Ack": TEMPORARY}


@pytest.mark.parametrize("how", UNKNOWN)
def test_a_job_whose_delivery_is_unknown_keeps_its_file(client, how):
    path = client.file("a", b"only copy")
    with Scripted() as server:
        unknown(server, how)
        client.run("queue", "add", "--remove-source", "--retry-time", "0",
                   "a", server.url)
        client.run("queue", "run")
        (job,) = client.run("queue", "list", "--json").json()
    assert job["state"] == "failed" and job["exit"] == UNKNOWN[how]
    assert path.read_bytes() == b"only copy"


@pytest.mark.parametrize("how", UNKNOWN)
def test_standard_input_whose_delivery_is_unknown_is_kept(client, how):
    with Scripted() as server:
        unknown(server, how)
        done = client.run("upload", "--retry-time", "0", "--name", "a", "-",
                          server.url, stdin=b"only copy")
    assert done.code == UNKNOWN[how], done
    (kept,) = (client.state / "bits" / "spool").iterdir()
    assert kept.read_bytes() == b"only copy" and str(kept) in done.err
