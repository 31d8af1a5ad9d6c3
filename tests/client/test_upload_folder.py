"""upload -r: what lies in the folder is sent and removed, and nothing that a
link put into its place while the upload ran."""

import os

import pytest

from bitsd import Bitsd
from cutting import Line
from uploads import DONE, LOCAL, MIB, PATIENT, SOME_FAILED, noise

ONE = ("--jobs", "1", "--fragment-size", "256k", *PATIENT)


@pytest.fixture
def bitsd():
    with Bitsd(uploads={"/": {"create_folders": "yes"}}) as server:
        yield server


def swap(client):
    """Links take the place of a file and of a folder."""
    folder = client.home / "d"
    secret = client.file("secret/s", b"top secret").parent
    (folder / "b").unlink()
    (folder / "b").symlink_to(secret / "s")
    (folder / "z").rename(folder / "y")
    (folder / "z").symlink_to(secret)


def fill(client):
    client.file("d/a", noise(4 * MIB))
    client.file("d/b", b"b")
    client.file("d/c", b"c")
    client.file("d/z/s", b"s")


@pytest.mark.parametrize("options", [(), ("--remove-source",)])
def test_links_that_come_after_the_walk_are_not_followed(client, bitsd,
                                                         options):
    fill(client)
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = client.start("upload", *ONE, *options, "-r", "d",
                               line.url + "/")
        line.wait_stalled()
        swap(client)
        line.release()
        assert running.wait() == SOME_FAILED, running.err
    sent = sorted(p.name for p in (bitsd.inbox / "d").iterdir())
    assert sent == ["a", "c"]
    errors = running.err.find("symbolic links are not followed")
    told, summed_up = errors[:2], errors[2:]
    assert [line.split(":")[1] for line in told] == [" b", " s"], errors
    assert all(line.startswith("bits:   ") for line in summed_up), errors
    assert len(summed_up) == 2
    assert (client.home / "secret" / "s").read_bytes() == b"top secret"


def test_a_queued_folder_follows_no_later_links(client, bitsd):
    fill(client)
    added = client.run("queue", "add", "-r", "d", bitsd.addresses[0])
    assert added.code == DONE, added
    swap(client)
    done = client.run("queue", "run", "--json")
    assert done.code == SOME_FAILED, done
    sent = sorted(p.name for p in (bitsd.inbox / "d").iterdir())
    assert sent == ["a", "c"]
    failed = [job for job in client.run("queue", "list", "--json").json()
              if job["state"] == "failed"]
    assert sorted(job["path"][-3:] for job in failed) == ["d/b", "z/s"]
    assert all(job["exit"] == LOCAL for job in failed)


def test_a_queued_folder_that_went_away_fails_its_jobs(client, bitsd):
    fill(client)
    client.run("queue", "add", "-r", "d", bitsd.addresses[0])
    (client.home / "d").rename(client.home / "e")
    done = client.run("queue", "run")
    assert done.code == SOME_FAILED, done
    assert "No such file or directory" in done.err
    assert not (bitsd.inbox / "d").exists()


def test_a_queued_folder_whose_place_a_link_took_fails_its_jobs(client, bitsd):
    fill(client)
    client.run("queue", "add", "-r", "d", bitsd.addresses[0])
    (client.home / "d").rename(client.home / "e")
    (client.home / "d").symlink_to("e")
    assert client.run("queue", "run").code == SOME_FAILED
    assert not (bitsd.inbox / "d").exists()


def test_a_source_is_not_removed_through_a_folder_that_became_a_link(client,
                                                                     bitsd):
    """Even if the same file is there."""
    path = client.file("d/z/s", noise(4 * MIB))
    other = client.home / "other"
    other.mkdir()
    os.link(path, other / "s")
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = client.start("upload", *ONE, "--remove-source", "-r", "d",
                               line.url + "/")
        line.wait_stalled()
        (client.home / "d" / "z").rename(client.home / "d" / "y")
        (client.home / "d" / "z").symlink_to(other)
        line.release()
        assert running.wait() == DONE, running.err
    assert running.err.find("was not removed")
    assert (other / "s").exists() and (client.home / "d/y/s").exists()


def test_a_folder_that_moves_is_sent_and_emptied_where_it_is(client, bitsd):
    """The descriptor counts and not the name."""
    client.file("d/a", noise(4 * MIB))
    client.file("d/b", b"b")
    with Line(bitsd.address, stall=2 * MIB) as line:
        running = client.start("upload", *ONE, "--remove-source", "-r", "d",
                               line.url + "/")
        line.wait_stalled()
        (client.home / "d").rename(client.home / "e")
        line.release()
        assert running.wait() == DONE, running.err
    assert (bitsd.inbox / "d" / "b").read_bytes() == b"b"
    assert list((client.home / "e").iterdir()) == []


@pytest.mark.parametrize("name", ["d", "d/", "d//", "./d/.", "link"])
def test_a_folder_is_found_by_every_name(client, bitsd, name):
    client.file("d/z/s", b"s")
    (client.home / "link").symlink_to("d")
    done = client.run("upload", "--remove-source", "-r", name,
                      bitsd.addresses[0])
    assert done.code == DONE, done
    (sent,) = [p for p in bitsd.inbox.rglob("s") if p.is_file()]
    assert sent.read_bytes() == b"s"
    assert not (client.home / "d/z/s").exists()
