"""The file that is sent: one version of it arrives, and it is removed only when
the server has stated that it has it."""

import os
import signal

import pytest

from bitsd import Bitsd
from cutting import Line
from scripted import Cut, Hang, Scripted, ack, http, lost
from uploads import DONE, MIB, PATIENT, REFUSED, noise, packets, records

SMALL = ("--fragment-size", "256k")
SIZE = MIB


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
