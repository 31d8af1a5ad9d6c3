"""Sessions whose time is over are released."""

from injector import injected_bitsd
from staging import session_file
from talk import create, expect, fragment, until

HOUR = 3600


def test_a_session_that_was_in_use_a_moment_ago_expires():
    """As after a machine has slept: it is still in memory then."""
    uploads = {"/": {"session_timeout": "1h", "empty_session_timeout": "1h"}}
    with injected_bitsd(uploads=uploads) as (bitsd, injector):
        staging = bitsd.inbox / ".bitsd"
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 99, 200), 200, next=100)
        assert session_file(staging, identity)
        injector.inject(f"clock wall|boot lie {100 * HOUR}")
        until(lambda: session_file(staging, identity) is None)
        response = fragment(connection, identity, 100, 199, 200)
        expect(response, 500, "ENOSESSION")


def test_many_sessions_expire_at_once():
    """Not a batch each time that the server looks."""
    uploads = {"/": {"empty_session_timeout": "1h"}}
    count = 3000
    with injected_bitsd(uploads=uploads) as (bitsd, injector):
        connection = bitsd.connect()
        for number in range(count):
            create(connection, f"/{number}.bin")
        injector.inject(f"clock wall|boot lie {3 * HOUR}")
        until(lambda: len(bitsd.log.find("expired")) == count)
