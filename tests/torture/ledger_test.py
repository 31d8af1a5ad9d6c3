"""The oracle of torture accuses when it should."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]

from client import Client  # noqa: E402
from staging import session_file  # noqa: E402
from turn import Score, Turn  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture
def made():
    turn = Turn(Score(), "ledger", 0, 1, 60, {})
    made = World(turn)
    made.start()
    yield made
    made.bitsd.close()


def accusations(made):
    made.check()
    return made.turn.score.violations


def finished(made):
    client = Client(made, "whole", made.turn.chance)
    upload = client.begin("whole", 70001)
    client.finish(upload)
    client.hang_up()
    return upload


def half(made):
    client = Client(made, "half", made.turn.chance)
    upload = client.begin("half", 70001)
    client.ledger.heard(upload, client.exchange(upload.request(0, 49999)))
    client.hang_up()
    return upload


def test_an_honest_server_is_not_accused(made):
    finished(made)
    half(made)
    assert accusations(made) == []
    assert made.turn.score.figures["uploads delivered"] == 2


def test_a_wrong_byte_in_a_file_is_seen(made):
    upload = finished(made)
    with open(made.inbox / upload.name, "r+b") as file:
        file.seek(70000)
        file.write(b"\0" if upload.content()[-1] else b"\1")
    assert "wrong bytes" in accusations(made)[0]


def test_a_file_that_is_gone_is_seen(made):
    (made.inbox / finished(made).name).unlink()
    assert "its file is gone" in accusations(made)[0]


def test_a_partial_file_is_seen(made):
    upload = half(made)
    (made.inbox / upload.name).write_bytes(upload.content(50000))
    made.ledger.check_files(made.inbox)
    assert "50000 bytes visible" in made.turn.score.violations[0]


def test_an_offset_that_goes_back_is_seen(made):
    upload = half(made)
    made.stop()
    path = session_file(made.staging, upload.id)
    path.write_bytes(path.read_bytes()[:100])
    made.start()
    made.ledger.may_go_back = False
    made.ledger.check(made.bitsd, made.inbox, made.staging)
    assert made.turn.score.violations


def test_wrong_bytes_below_an_offset_are_seen(made):
    upload = half(made)
    path = session_file(made.staging, upload.id)
    with open(path, "r+b") as file:
        file.write(b"\0" if upload.content()[0] else b"\1")
    made.ledger.check(made.bitsd, made.inbox, made.staging)
    assert "wrong bytes below" in made.turn.score.violations[0]


def test_a_session_that_is_forgotten_is_seen(made):
    upload = half(made)
    client = Client(made, "thief", made.turn.chance)
    client.exchange(upload.verb("cancel"))
    client.hang_up()
    assert "forgotten" in accusations(made)[0]
