"""An index of an older schema: today's bitsd continues with its sessions.

The index is made from the SQL text of that version, with rows as its bitsd
left them; the staged files are beside it.
"""

import contextlib
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from bitsd import Bitsd
from packets import Request, pattern
from talk import ask, expect, fragment, stored

SCHEMAS = Path(__file__).parent / "schemas"
HALF, TOTAL = 100000, 300000
RECEIVING, DELIVERING, RETRY, ENDED = 0, 1, 2, 5
CANCEL = 4  # the verb
NAMES = ("half", "delivering", "moved", "retry", "cancelled")


def identity(name):
    return "{01A22BE5-878E-79E4-AFA9-%012X}" % NAMES.index(name)


def row(name, state, count=TOTAL, **more):
    now = int(time.time())
    return {"id": bytes.fromhex(identity(name).strip("{}").replace("-", "")),
            "state": state, "prefix": "/", "name": f"{name}.bin",
            "query": "token=1", "user": "",
            "url": f"http://server.example/{name}.bin?token=1", "seen": 1,
            "total": TOTAL, "stored_any": 1, "created_at": now,
            "active_at": now, "made": NAMES.index(name), "synced": count,
            "boot": 1, **more}


ROWS = (
    row("half", RECEIVING, HALF),
    row("delivering", DELIVERING, delivered_as="delivering.bin"),
    row("moved", DELIVERING, delivered_as="moved.bin"),
    row("retry", RETRY),
    row("cancelled", ENDED, HALF, ended_by=CANCEL, ended_cause="OK",
        ended_at=int(time.time())),
)


def insert(index, table, values):
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    index.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})",
                  list(values.values()))


def make_index(bitsd):
    """In place of the one that this bitsd has made."""
    state, staging = bitsd.home / "state", bitsd.inbox / ".bitsd"
    (staging / "staging-id").unlink()
    number = (staging / "index-id").read_text().strip()
    shutil.rmtree(state)
    state.mkdir()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    with contextlib.closing(sqlite3.connect(state / "index.db")) as index:
        index.executescript((SCHEMAS / "1.sql").read_text())
        for name, value in (("id", number), ("boot", 1), ("boot_id", boot)):
            insert(index, "meta", {"name": name, "value": value})
        for each in ROWS:
            insert(index, "session", each)
        index.commit()


def make_files(bitsd):
    for name, count in (("half", HALF + 5000), ("delivering", TOTAL),
                        ("retry", TOTAL)):
        plain = identity(name).strip("{}")
        folder = bitsd.inbox / ".bitsd" / plain[9:11].lower()
        folder.mkdir(exist_ok=True)
        (folder / plain).write_bytes(pattern(name, 0, count))
    (bitsd.inbox / "moved.bin").write_bytes(pattern("moved", 0, TOTAL))


@pytest.fixture(name="bitsd")
def bitsd_on_an_old_index():
    with Bitsd(server={}, uploads={"/": {}}) as bitsd:
        bitsd.stop()
        make_index(bitsd)
        make_files(bitsd)
        bitsd.start()
        yield bitsd


def send(bitsd, name, first, last):
    connection = bitsd.connect()
    try:
        return fragment(connection, identity(name), first, last, TOTAL,
                        f"/{name}.bin", name)
    finally:
        connection.close()


def end(bitsd, verb, name):
    connection = bitsd.connect()
    try:
        return ask(connection, Request(verb, f"/{name}.bin", identity(name)))
    finally:
        connection.close()


def expect_whole(bitsd, name):
    content = (bitsd.inbox / f"{name}.bin").read_bytes()
    assert content == pattern(name, 0, TOTAL)


def test_an_unfinished_upload_resumes_at_the_bytes_of_its_row(bitsd):
    path = "/half.bin"
    assert stored(bitsd, identity("half"), TOTAL, path) == HALF
    expect(send(bitsd, "half", HALF, TOTAL - 1), 200, next=TOTAL)
    expect(end(bitsd, "close", "half"), 200)
    expect_whole(bitsd, "half")


@pytest.mark.parametrize("name", ["delivering", "retry"])
def test_a_delivery_that_was_cut_off_is_made(bitsd, name):
    expect(send(bitsd, name, TOTAL - 1, TOTAL - 1), 200, next=TOTAL)
    expect(end(bitsd, "close", name), 200)
    expect_whole(bitsd, name)


def test_a_delivery_whose_file_has_moved_is_done(bitsd):
    expect(send(bitsd, "moved", TOTAL - 1, TOTAL - 1), 200, next=TOTAL)
    expect(end(bitsd, "close", "moved"), 200)
    expect_whole(bitsd, "moved")


def test_a_repeated_cancel_gets_its_answer(bitsd):
    expect(end(bitsd, "cancel", "cancelled"), 200)
    expect(end(bitsd, "close", "cancelled"), 500, "ENOSESSION")
    assert not (bitsd.inbox / "cancelled.bin").exists()
