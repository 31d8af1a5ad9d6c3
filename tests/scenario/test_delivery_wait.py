"""While a delivery runs, newcomers wait for its result (D-41).

A gate holds the move up until the newcomers have met it.
"""

import sqlite3

import pytest

from bitsd import Bitsd
from injector import injected_bitsd
from packets import Request, pattern
from talk import answer, ask, create, expect, fragment_request, wait_stored

TOTAL = 5000
MAY_WAIT = 4


class Delivery:
    """A session whose delivery has begun and does not get on."""

    def __init__(self, bitsd, injector):
        self.bitsd = bitsd
        self.connection = bitsd.connect()
        self.id = create(self.connection)
        self.request = fragment_request(self.id, 0, TOTAL - 1, TOTAL)
        self.connection.send(self.request.head() + self.request.body[:-2])
        wait_stored(bitsd, self.id, TOTAL - 2, TOTAL)
        self.move = injector.inject("rename hold")
        self.connection.send(self.request.body[-2:])
        self.move.wait_held()

    def meet(self, request):
        """A newcomer that has been looked at, and has no answer."""
        newcomer = self.bitsd.connect()
        newcomer.send(request.data())
        # Of the same thread, hence behind that request.
        expect(ask(self.bitsd.connect(), Request("ping", "/")), 200)
        assert not newcomer.has_answer(), newcomer.read_response()
        return newcomer

    def check_delivered(self):
        expect(answer(self.connection, self.request), 200, next=TOTAL)
        self.check_content()

    def check_content(self):
        content = (self.bitsd.inbox / "a.bin").read_bytes()
        assert content == pattern("S", 0, TOTAL)


@pytest.fixture
def delivery():
    with injected_bitsd(server={"threads": "1"}) as (bitsd, injector):
        yield Delivery(bitsd, injector)


def test_a_fragment_gets_the_result(delivery):
    request = fragment_request(delivery.id, 100, TOTAL - 1, TOTAL)
    newcomer = delivery.meet(request)
    delivery.move.end()
    delivery.check_delivered()
    expect(answer(newcomer, request), 200, next=TOTAL)


def test_close_is_decided_after_it(delivery):
    request = Request("close", "/a.bin", delivery.id)
    newcomer = delivery.meet(request)
    delivery.move.end()
    delivery.check_delivered()
    expect(answer(newcomer, request), 200)


def test_cancel_is_decided_after_it_and_the_file_stays(delivery):
    request = Request("cancel", "/a.bin", delivery.id)
    newcomer = delivery.meet(request)
    delivery.move.end()
    delivery.check_delivered()
    expect(answer(newcomer, request), 200)
    delivery.check_content()


def test_a_client_that_leaves_changes_nothing(delivery):
    delivery.connection.reset()
    request = fragment_request(delivery.id, 0, TOTAL - 1, TOTAL)
    newcomer = delivery.meet(request)
    delivery.move.end()
    expect(answer(newcomer, request), 200, next=TOTAL)
    delivery.check_content()


def test_only_a_few_may_wait(delivery):
    """Those beyond get 503 and may come again."""
    request = fragment_request(delivery.id, 0, TOTAL - 1, TOTAL)
    waiting = [delivery.meet(request) for _ in range(MAY_WAIT)]
    for _ in range(3):
        refused = delivery.bitsd.connect()
        expect(ask(refused, request), 503, "EBUSY", TOTAL)
    delivery.move.end()
    delivery.check_delivered()
    for newcomer in waiting:
        expect(answer(newcomer, request), 200, next=TOTAL)
    expect(ask(refused, request), 200, next=TOTAL)


def test_without_its_row_it_names_no_offset():
    """The row is gone when the last bytes come."""
    with Bitsd(server={}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, TOTAL - 1, TOTAL)
        connection.send(request.data()[:-2])
        wait_stored(bitsd, identity, TOTAL - 2, TOTAL)
        index = sqlite3.connect(str(bitsd.home / "state" / "index.db"))
        with index:
            index.execute("DELETE FROM session")
        index.close()
        connection.send(request.data()[-2:])
        expect(answer(connection, request), 500, "ENOSESSION")
