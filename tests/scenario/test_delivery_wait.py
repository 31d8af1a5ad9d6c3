"""While a delivery runs, newcomers wait for its result (D-41).

strace holds the move up, so that the newcomers really meet it.
"""

import contextlib

import pytest

from bitsd import Bitsd
from packets import Request, pattern
from talk import (answer, create, expect, fragment_request, until,
                  wait_stored)
from tracer import Tracer

TOTAL = 5000


class Delivery:
    """A session whose delivery has begun and takes its time."""

    def __init__(self, bitsd, stack):
        self.bitsd = bitsd
        self.connection = bitsd.connect()
        self.id = create(self.connection)
        self.request = fragment_request(self.id, 0, TOTAL - 1, TOTAL)
        self.connection.send(self.request.head() + self.request.body[:-2])
        wait_stored(bitsd, self.id, TOTAL - 2, TOTAL)
        tracer = Tracer(bitsd, "-e", "trace=renameat2", "-e",
                        "inject=renameat2:delay_enter=1000000")
        stack.callback(tracer.end, False)
        self.connection.send(self.request.body[-2:])
        until(lambda: "renameat2(" in tracer.output.read_text())

    def check_delivered(self):
        expect(answer(self.connection, self.request), 200, next=TOTAL)
        content = (self.bitsd.inbox / "a.bin").read_bytes()
        assert content == pattern("S", 0, TOTAL)


@pytest.fixture
def delivery():
    with Bitsd() as bitsd, contextlib.ExitStack() as stack:
        yield Delivery(bitsd, stack)


def send(delivery, request):
    connection = delivery.bitsd.connect()
    connection.send(request.data())
    return connection


def test_a_fragment_gets_the_result(delivery):
    request = fragment_request(delivery.id, 100, TOTAL - 1, TOTAL)
    newcomer = send(delivery, request)
    delivery.check_delivered()
    expect(answer(newcomer, request), 200, next=TOTAL)


def test_close_is_decided_after_it(delivery):
    request = Request("close", "/a.bin", delivery.id)
    newcomer = send(delivery, request)
    delivery.check_delivered()
    expect(answer(newcomer, request), 200)


def test_cancel_is_decided_after_it_and_the_file_stays(delivery):
    request = Request("cancel", "/a.bin", delivery.id)
    newcomer = send(delivery, request)
    delivery.check_delivered()
    expect(answer(newcomer, request), 200)
    assert (delivery.bitsd.inbox / "a.bin").exists()


def test_a_client_that_leaves_changes_nothing(delivery):
    delivery.connection.reset()
    request = fragment_request(delivery.id, 0, TOTAL - 1, TOTAL)
    newcomer = send(delivery, request)
    expect(answer(newcomer, request), 200, next=TOTAL)
    content = (delivery.bitsd.inbox / "a.bin").read_bytes()
    assert content == pattern("S", 0, TOTAL)


def test_only_a_few_may_wait(delivery):
    """Those beyond get 503 and may come again; nobody gets anything else."""
    request = fragment_request(delivery.id, 0, TOTAL - 1, TOTAL)
    newcomers = [send(delivery, request) for _ in range(12)]
    delivery.check_delivered()
    waited = 0
    for newcomer in newcomers:
        response = answer(newcomer, request)
        if response.status == 200:
            expect(response, 200, next=TOTAL)
            waited += 1
        else:
            expect(response, 503, "EBUSY", TOTAL)
    assert waited >= 4
