"""SIGHUP: the configuration is read again, and no client is disturbed."""

import signal

from bitsd import Bitsd
from packets import Request
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  wait_stored)


def test_a_reload_keeps_connections_and_running_fragments():
    with Bitsd(uploads={"/": {}}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 999, 1000)
        connection.send(request.head() + request.body[:300])
        wait_stored(bitsd, identity, 300, 1000)
        bitsd.uploads["/"]["max_fragment_size"] = "10"
        bitsd.reload()
        connection.send(request.body[300:])
        expect(answer(connection, request), 200, next=1000)
        second = create(connection, "/b.bin")
        response = fragment(connection, second, 0, 10, 20, "/b.bin")
        expect(response, 413, next=0)


def test_a_bad_file_leaves_the_old_one_in_force():
    with Bitsd(uploads={"/": {"max_fragment_size": "100"}}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        bitsd.uploads["/"].update(max_fragment_size="10", on_exists="maybe")
        bitsd.reload()
        bitsd.log.wait([f"{bitsd.config_path}:", "on_exists"])
        expect(fragment(connection, identity, 0, 99, 100), 200, next=100)
        bitsd.uploads["/"]["on_exists"] = "replace"
        bitsd.reload()
        second = create(connection)
        expect(fragment(connection, second, 0, 10, 20), 413, next=0)


def test_a_missing_file_leaves_the_old_one_in_force():
    with Bitsd(uploads={"/": {}}) as bitsd:
        connection = bitsd.connect()
        bitsd.config_path.unlink()
        mark = len(bitsd.log.lines)
        bitsd.signal(signal.SIGHUP)
        bitsd.log.wait(str(bitsd.config_path), mark)
        expect(ask(connection, Request("ping", "/")), 200)


def test_a_reload_names_the_options_that_it_cannot_change():
    with Bitsd(server={"threads": "1"}, uploads={"/": {}}) as bitsd:
        bitsd.server["threads"] = "2"
        mark = len(bitsd.log.lines)
        bitsd.reload()
        line = bitsd.log.wait("threads", mark)
        assert f"{bitsd.config_path}:4: threads cannot change" in line
        (bitsd.home / "other").mkdir()
        bitsd.uploads["/"]["root"] = "other"
        mark = len(bitsd.log.lines)
        bitsd.reload()
        line = bitsd.log.wait("root", mark)
        assert f"{bitsd.config_path}:7: root of a section cannot" in line
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 10), 200, next=10)
        assert (bitsd.inbox / "a.bin").exists()


def test_a_section_that_a_reload_added_stays_where_it_is_too():
    with Bitsd(uploads={"/logs": {}}) as bitsd:
        for name in ("one", "two"):
            (bitsd.home / name).mkdir()
        bitsd.uploads["/new"] = {"root": "one"}
        bitsd.reload()
        bitsd.uploads["/new"]["root"] = "two"
        mark = len(bitsd.log.lines)
        bitsd.reload()
        bitsd.log.wait(["root", "cannot change", "/new"], mark)


def test_a_new_prefix_is_served_after_a_reload():
    with Bitsd(uploads={"/logs": {}}) as bitsd:
        connection = bitsd.connect()
        request = Request("create", "/new/a.bin")
        expect(ask(connection, request), 501, "EACCES")
        (bitsd.home / "new").mkdir()
        bitsd.uploads["/new"] = {"root": "new"}
        bitsd.reload()
        identity = create(connection, "/new/a.bin")
        response = fragment(connection, identity, 0, 9, 10, "/new/a.bin")
        expect(response, 200, next=10)
        assert (bitsd.home / "new" / "a.bin").exists()


def test_a_prefix_with_sessions_that_goes_is_warned_about():
    """D-50: its sessions stay, and come back with it."""
    uploads = {"/logs": {}, "/new": {"root": "new"}}
    bitsd = Bitsd(uploads=uploads)
    (bitsd.home / "new").mkdir()
    with bitsd:
        connection = bitsd.connect()
        ids = [create(connection, f"/new/{i}.bin") for i in range(7)]
        response = fragment(connection, ids[0], 0, 4, 10, "/new/0.bin")
        expect(response, 200, next=5)
        taken = bitsd.uploads.pop("/new")
        mark = len(bitsd.log.lines)
        bitsd.reload()
        bitsd.log.wait(["prefix-removed", "prefix=/new", "sessions=7"], mark)
        response = fragment(connection, ids[0], 5, 9, 10, "/new/0.bin")
        expect(response, 501, "EACCES")
        bitsd.uploads["/new"] = taken
        bitsd.reload()
        response = fragment(connection, ids[0], 5, 9, 10, "/new/0.bin")
        expect(response, 200, next=10)
