"""A named pipe where a file is expected: bits does not wait for its writer."""

import os

import pytest

from bitsd import Bitsd
from uploads import DONE, LOCAL, USAGE


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def pipe(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    return path


def test_the_configuration(client):
    client.file("a", b"x")
    path = pipe(client.home / ".config" / "bits" / "config")
    done = client.run("upload", "a", "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert f"{path}: cannot open it: this is not a regular file" in done.err


@pytest.mark.parametrize("ending", ["json", "tmp", "lock"])
def test_the_record_of_an_upload(client, bitsd, ending):
    """The upload works, as it does without a record."""
    content = os.urandom(100)
    client.file("a", content)
    url = bitsd.addresses[0] + "a"
    client.run("upload", "--once", "a", url)
    folder = client.state / "bits" / "uploads"
    (path,) = folder.glob("*.json")
    (bitsd.inbox / "a").unlink()
    path.unlink()
    pipe(path.with_suffix("." + ending))
    done = client.run("upload", "a", url)
    assert done.code == DONE, done
    assert (bitsd.inbox / "a").read_bytes() == content
    if ending != "json":
        assert "this is not a regular file" in done.err, done


def test_a_job_of_the_queue(client, bitsd):
    client.file("a", b"x")
    add = client.run("queue", "add", "a", bitsd.addresses[0] + "a")
    assert add.code == DONE, add
    folder = client.state / "bits" / "queue"
    pipe(folder / "0123abcd.json")
    listed = client.run("queue", "list")
    assert "its file is not valid" in listed.err, listed
    done = client.run("queue", "run")
    assert done.code == DONE, done
    assert (bitsd.inbox / "a").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["changes.lock", "run.lock"])
def test_a_lock_of_the_queue(client, name):
    client.file("a", b"x")
    pipe(client.state / "bits" / "queue" / name)
    add = client.run("queue", "add", "a", "http://127.0.0.1:1/a")
    run = client.run("queue", "run", "--json")
    assert (add if name == "changes.lock" else run).code == LOCAL, (add, run)


@pytest.mark.parametrize("option", ["cacert", "cert", "pinnedpubkey",
                                    "token-file", "netrc-file"])
def test_a_file_that_an_option_names(client, option):
    client.file("a", b"x")
    path = pipe(client.home / "pipe")
    done = client.run("upload", "--retry-time", "0", "--" + option, path, "a",
                      "https://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert f"{path}: this is not a regular file" in done.err, done


def test_a_header_file(client):
    client.file("a", b"x")
    path = pipe(client.home / "pipe")
    done = client.run("upload", "--header", f"@{path}", "a",
                      "https://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert f"{path}: this is not a regular file" in done.err, done
