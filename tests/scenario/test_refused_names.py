"""Names that the file system of the root does not take are refused at Create,
for good, and a program that watches the root does not see the trial."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from bitsd import Bitsd
from packets import ERRORS, Request
from picky import picky
from talk import ask, create, expect, fragment

LONGEST = 100
LONG = "TARGET_TOO_LONG"
CHARACTER = "TARGET_CHARACTER"
REFUSED = {
    "not UTF-8": ("/%FF.bin", CHARACTER),
    "a character": ("/a%3Ab.bin", CHARACTER),
    "too long": ("/" + "x" * (LONGEST + 1), LONG),
    "too long in bytes": ("/" + "%c3%a9" * (LONGEST // 2 + 1), LONG),
    "a folder": ("/new/" + "x" * (LONGEST + 1) + "/a.bin", LONG),
    "a folder that is not UTF-8": ("/new/%C3/a.bin", CHARACTER),
    "below a new folder": ("/new/deep/%3F", CHARACTER),
}


@pytest.fixture(name="mount", scope="module")
def mounted():
    with picky(LONGEST) as folder:
        yield folder


@pytest.fixture(name="root")
def root_folder(mount):
    return Path(tempfile.mkdtemp(dir=mount))


@pytest.fixture(name="bitsd")
def server(root):
    with Bitsd(uploads={"/": {"root": root, "create_folders": "yes",
                              "min_free_space": "0"}}) as bitsd:
        yield bitsd


def upload(connection, target, total=10):
    identity = create(connection, target)
    return fragment(connection, identity, 0, total - 1, total, target)


def entries(root):
    return sorted(os.listdir(os.fsencode(root)))


@pytest.mark.parametrize("target, cause", REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_the_file_system_refuses_is_refused_at_create(bitsd, root,
                                                                  target,
                                                                  cause):
    before = entries(root)
    connection = bitsd.connect()
    response = ask(connection, Request("create", target))
    expect(response, 403, "EACCES")
    bitsd.log.wait(["refused", f"cause={cause}", str(root)])
    assert entries(root) == before
    # And the next one is welcome.
    expect(upload(connection, "/next.bin"), 200, next=10)
    (root / "next.bin").unlink()
    connection.close()


def test_names_that_it_takes_are_delivered(bitsd, root):
    connection = bitsd.connect()
    for name in ("é" * (LONGEST // 2), "x" * LONGEST, "neu/ü/b c.bin"):
        target = "/" + "".join(f"%{byte:02X}" if byte != 0x2f else "/"
                               for byte in name.encode())
        expect(upload(connection, target), 200, next=10)
        assert (root / name).stat().st_size == 10
    connection.close()
    assert list((root / ".bitsd" / "names").iterdir()) == []


def test_the_trial_of_a_killed_server_is_removed(bitsd, root):
    connection = bitsd.connect()
    create(connection)
    connection.close()
    tried = root / ".bitsd" / "names"
    (tried / "left.bin").write_bytes(b"")
    bitsd.signal(signal.SIGKILL)
    bitsd.wait_stopped(-signal.SIGKILL)
    bitsd.start()
    assert list(tried.iterdir()) == []
    # A cleaner of empty folders does not matter either.
    tried.rmdir()
    connection = bitsd.connect()
    expect(ask(connection, Request("create", "/%FF")), 403, "EACCES")
    connection.close()


def test_an_upload_whose_name_is_refused_at_the_delivery_is_kept(root):
    """keep-both makes the name longer when it is taken."""
    name = "x" * (LONGEST - 1)
    with Bitsd(uploads={"/": {"root": root, "on_exists": "keep-both",
                              "min_free_space": "0"}}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection, f"/{name}")
        (root / name).write_bytes(b"taken")
        response = fragment(connection, identity, 0, 9, 10, f"/{name}")
        assert (response.status, response.get("BITS-Error-Code")) == \
            (403, ERRORS["EACCES"]), response
        bitsd.log.wait(["refused", "cause=TARGET_TOO_LONG", str(root)])
        (root / name).unlink()
        response = fragment(connection, identity, 0, 9, 10, f"/{name}")
        expect(response, 200, next=10)
        assert (root / name).stat().st_size == 10
        connection.close()


def test_elsewhere_no_name_is_tried():
    with Bitsd(uploads={"/": {}}) as bitsd:
        connection = bitsd.connect()
        expect(upload(connection, "/%FF%3A%3F"), 200, next=10)
        connection.close()
        assert not (bitsd.inbox / ".bitsd" / "names").exists()
