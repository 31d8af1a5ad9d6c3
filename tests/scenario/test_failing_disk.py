"""Disks that take their time, or lose bytes, while uploads run."""

import shutil

import pytest
import staging
from bitsd import Bitsd
from injector import injected_bitsd
from packets import ERRORS, Request, offset, pattern
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)

TOTAL = 300000


def wait_staged(bitsd, identity, size):
    staging.wait_staged(bitsd.inbox / ".bitsd", identity, size)


def expect_whole(bitsd, path="a.bin"):
    assert (bitsd.inbox / path).read_bytes() == pattern("S", 0, TOTAL)


def test_bytes_that_are_lost_while_a_fragment_runs_are_sent_again():
    """No offset promises what was given up."""
    with injected_bitsd() as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        sync = injector.inject("sync data hold")
        response = fragment(connection, identity, 0, 99999, TOTAL)
        expect(response, 200, next=100000)
        sync.wait_held()
        older = bitsd.connect()
        request = fragment_request(identity, 100000, 199999, TOTAL)
        older.send(request.data()[:-50000])
        wait_staged(bitsd, identity, 150000)
        failing = injector.inject("sync data fail EIO")
        sync.end()
        wait_staged(bitsd, identity, 0)
        failing.end()
        response = fragment(connection, identity, 150000, 249999, TOTAL)
        assert response.get("BITS-Error-Code") == ERRORS["EFAIL"], response
        assert response.status == 500 and offset(response) in (None, 0)

        def is_taken():
            return fragment(connection, identity, 0, 99999, TOTAL).status == 200
        until(is_taken)
        response = fragment(connection, identity, 100000, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd)


def test_a_staged_file_that_was_removed_is_not_the_disks_failure():
    with Bitsd() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 99999, TOTAL), 200,
               next=100000)
        bitsd.stop()  # The row vouches for the bytes.
        for folder in (bitsd.inbox / ".bitsd").glob("[0-9a-f][0-9a-f]"):
            shutil.rmtree(folder)
        bitsd.start()
        if "counts=synced" in str(bitsd.log):
            pytest.skip("find() notices it where mounts are not told apart")
        connection = bitsd.connect()
        response = fragment(connection, identity, 100000, TOTAL - 1, TOTAL)
        assert response.get("BITS-Error-Code") == ERRORS["EFAIL"], response
        assert response.status == 500 and offset(response) in (None, 0)
        assert response.get("BITS-Error-Text").startswith(
            "another program removed the staged file")
        where = f"{bitsd.inbox}/.bitsd/"
        bitsd.log.wait(["warning refused", "cause=STAGED_FILE_LOST", where,
                        "restarts at byte 0"])
        bitsd.log.wait(["warning store", "another program removed", where])

        def is_taken():
            return fragment(connection, identity, 0, 99999, TOTAL).status == 200
        until(is_taken)
        response = fragment(connection, identity, 100000, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd)
        bitsd.stop()
        assert "kernel log" not in str(bitsd.log)


def test_deliveries_that_fail_to_sync_in_a_row_keep_the_session():
    with injected_bitsd() as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        failing = injector.inject("sync data fail EIO")
        for _ in range(3):
            response = fragment(connection, identity, 0, TOTAL - 1, TOTAL)
            expect(response, 500, "EFAIL", 0)
        failing.end()
        response = fragment(connection, identity, 0, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd)


def test_a_sync_that_fails_beside_that_of_a_delivery_keeps_the_session():
    """The one of the fragment before, and the delivery's own."""
    with injected_bitsd() as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        for _ in range(2):
            sync = injector.inject("sync data hold")
            response = fragment(connection, identity, 0, 99999, TOTAL)
            expect(response, 200, next=100000)
            sync.wait_held()
            request = fragment_request(identity, 100000, TOTAL - 1, TOTAL)
            connection.send(request.data())
            wait_staged(bitsd, identity, TOTAL)
            failing = injector.inject("sync data fail EIO")
            sync.end()
            expect(answer(connection, request), 500, "EFAIL", 0)
            failing.end()
        response = fragment(connection, identity, 0, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd)


def test_the_ack_of_first_bytes_outlives_a_kill_and_a_lack_of_room():
    """The row has them noted before the Ack, or Create takes their place."""
    options = {"server": {"threads": "1"},
               "uploads": {"/": {"max_sessions": "2"}}}
    with injected_bitsd(**options) as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        other = create(connection, "/other.bin")
        # The row knows of a Fragment and the total already, not of bytes.
        expect(fragment(connection, identity, 9, 9, TOTAL), 416, next=0)
        request = fragment_request(identity, 0, 99999, TOTAL)
        data = request.data()
        connection.send(data[:-1000])
        wait_staged(bitsd, identity, 99000)
        commit = injector.inject("sync index hold")
        busy = bitsd.connect()
        busy.send(fragment_request(other, 0, 99, 200, "/other.bin").data())
        commit.wait_held()
        connection.send(data[-1000:])
        wait_staged(bitsd, identity, 100000)
        # Of the same thread, hence behind that Fragment.
        expect(ask(bitsd.connect(), Request("ping", "/")), 200)
        if not connection.has_answer():
            commit.end()
        expect(answer(connection, request), 200, next=100000)
        bitsd.kill()
        commit.end()
        bitsd.start()
        connection = bitsd.connect()
        ask(connection, Request("create", "/third.bin"))
        response = fragment(connection, identity, 100000, TOTAL - 1, TOTAL)
        expect(response, 200, next=TOTAL)
        expect_whole(bitsd)


def test_a_session_that_made_room_takes_no_bytes():
    """Its row goes after it was loaded, and before it has bytes."""
    options = {"server": {"threads": "4"},
               "uploads": {"/": {"max_sessions": "1"}}}
    with injected_bitsd(**options) as (bitsd, injector):
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 99999, TOTAL)
        connection.send(request.head())
        wait_staged(bitsd, identity, 0)
        # The row has seen a Fragment before this is answered.
        wait_stored(bitsd, identity, 0, TOTAL)
        bitsd.kill()
        bitsd.start()
        connection = bitsd.connect()
        look = injector.inject("fstat data hold")
        data = request.data()
        connection.send(data[:-1000])
        look.wait_held()
        create(bitsd.connect(), "/other.bin")
        look.end()
        wait_staged(bitsd, identity, 99000)
        # Its commit is behind what the bytes have to tell the row.
        create(bitsd.connect(), "/third.bin")
        connection.send(data[-1000:])
        response = answer(connection, request)
        assert response.status == 500, response
        assert response.get("BITS-Error-Code") == ERRORS["ENOSESSION"]
        assert response.get("BITS-Received-Content-Range") is None
