"""Where the kernel cannot move bytes by itself they arrive all the same."""

from injector import injected_bitsd
from packets import pattern
from talk import create, expect, fragment

TOTAL = 1 << 20


def test_uploads_work_without_splice():
    with injected_bitsd() as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        splice = injector.inject("splice fail EINVAL")
        response = fragment(connection, identity, 0, 599999, TOTAL)
        expect(response, 200, next=600000)
        response = fragment(connection, identity, 600000, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, TOTAL)
        assert splice.hits(), "splice was never tried"
