"""A new connection for which there is no memory is refused, and no more."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]

from injector import injected_bitsd  # noqa: E402
from packets import Request  # noqa: E402
from talk import ask, expect  # noqa: E402
from wire import Closed  # noqa: E402

ALLOCATIONS = 4  # of a connection, until its first answer and some more


@pytest.mark.parametrize("after", range(ALLOCATIONS))
def test_each_of_many_connections_without_memory(after):
    """Whatever grows with their number grows here more than once."""
    with injected_bitsd(server={}, uploads={"/": {}}) as (bitsd, injector):
        kept = []
        fired = 0
        for _ in range(100):
            rule = injector.inject(f"memory after {after} once fail ENOMEM")
            connection = bitsd.connect()
            try:
                connection.send(Request("ping", "/").data())
                assert connection.read_response().status in (200, 503)
            except (Closed, ConnectionError):
                pass
            bitsd.check_alive()
            fired += rule.hits()
            rule.end()
            kept.append(connection)
        assert fired > 0
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)
        for connection in kept:
            connection.close()
