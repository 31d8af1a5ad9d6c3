"""Descriptors and memory run out: that is overload, and nothing else."""

import os
import resource

from bitsd import Bitsd
from packets import Request
from talk import ask, create, expect


def leave_descriptors(bitsd, count):
    """Lets a running server open so many more."""
    used = {int(name) for name in os.listdir(f"/proc/{bitsd.pid}/fd")}
    number = 0
    while count > 0 or number in used:
        count -= number not in used
        number += 1
    hard = resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE, (number, hard))
    return hard


def test_a_name_that_cannot_be_checked_for_want_of_descriptors_is_overload():
    """The folder can be opened, the way up from it can not."""
    with Bitsd(server={}) as bitsd:
        (bitsd.inbox / "sub").mkdir()
        connection = bitsd.connect()
        expect(ask(connection, Request("ping", "/")), 200)
        hard = leave_descriptors(bitsd, 1)
        response = ask(connection, Request("create", "/sub/a.bin"))
        expect(response, 503, "EBUSY")
        bitsd.log.wait(["refused", "OVERLOADED", "sub/a.bin"])
        resource.prlimit(bitsd.pid, resource.RLIMIT_NOFILE, (hard, hard))
        create(connection, "/sub/a.bin")
