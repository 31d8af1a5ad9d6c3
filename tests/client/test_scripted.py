"""The whole client against every answer that docs/protocol.md knows: what it
sends next, how it ends, and that it never turns in circles."""

import re
from pathlib import Path

import pytest

from packets import PROTOCOL, pattern
from scripted import Answer, Cut, Scripted, ack, at_head, http, lost

MIB = 1 << 20
FILE = pattern("F", 0, 5 * MIB + 17)
SMALL = pattern("S", 0, 4892)
RECORDED = Path(__file__).resolve().parents[1] / "scenario" / "recorded"

# One try, so that what would pass with time ends at once.
ONCE = ("--retry-time", "0")


def send(client, server, *options, content=FILE, name="a.bin"):
    path = client.file(name, content)
    return client.run("upload", *options, path, server.url)


def expect_delivered(done, server, content=FILE):
    assert done.code == 0, done
    assert server.delivered == [content]


def ranges(server):
    return [request.range for request in server.of("fragment")]


# --- the form of what is sent ------------------------------------------------


def test_an_upload_is_create_fragments_and_close(client):
    with Scripted() as server:
        expect_delivered(send(client, server), server)
        assert server.verbs() == ["create", *["fragment"] * 3, "close"]
        assert {r.target for r in server.requests} == {"/up/a.bin"}
        assert {r.method for r in server.requests} == {"BITS_POST"}
        assert {r.version for r in server.requests} == {"HTTP/1.1"}
        assert {r.connection for r in server.requests} == {0}
        end = 0
        for first, last, total in ranges(server):
            assert first == end and total == len(FILE)
            end = last + 1
        assert end == len(FILE)


def test_packets_have_the_headers_of_the_protocol_and_no_others(client):
    with Scripted() as server:
        expect_delivered(send(client, server, content=SMALL), server, SMALL)
        create, fragment, close = server.requests
        session = fragment.get("BITS-Session-Id")
        assert create.get("BITS-Supported-Protocols") == PROTOCOL
        assert create.get("BITS-Session-Id") is None
        assert create.get("Content-Length") == "0"
        assert fragment.get("Content-Range") == "bytes 0-4891/4892"
        assert fragment.get("Content-Length") == "4892"
        assert fragment.get("Content-Name") == "a.bin"
        assert close.get("BITS-Session-Id") == session
        assert close.get("Content-Length") == "0"
        for request in server.requests:
            assert request.get("Content-Type") is None
            assert request.get("Transfer-Encoding") is None
            assert request.get("Upgrade") is None
            assert request.get("Cookie") is None


def test_bodies_below_1_mib_do_not_wait_for_100_continue(client):
    with Scripted() as server:
        expect_delivered(send(client, server, content=SMALL), server, SMALL)
        assert server.of("fragment")[0].get("Expect") is None
    with Scripted() as server:
        content = bytes(1 << 20)
        expect_delivered(send(client, server, content=content), server,
                         content)
        assert server.of("fragment")[0].get("Expect") == "100-continue"


def test_a_server_that_refuses_small_bodies_is_asked_first(client):
    with Scripted() as server:
        server.play("fragment", ack(413))
        expect_delivered(send(client, server, "--fragment-size", "64k"), server)
        assert [r.get("Expect") for r in server.of("fragment")][:3] == [
            None, "100-continue", None]


def test_the_recorded_answers_of_iis_are_understood(client):
    def recorded(number, name):
        return Answer((RECORDED / f"{number}-{name}.answer").read_bytes())

    with Scripted() as server:
        server.play("create", recorded(1, "create"))
        server.play("fragment", recorded(2, "fragment"))
        server.play("close", recorded(4, "close"))
        done = send(client, server, content=SMALL)
        assert done.code == 0, done
        assert server.verbs() == ["create", "fragment", "close"]
        assert server.requests[1].get("BITS-Session-Id") == (
            "{A0FF5911-4144-45B3-BF27-27AFC8EC8A67}")
        assert server.requests[1].body == SMALL


def test_an_empty_file_is_create_and_close(client):
    with Scripted() as server:
        done = send(client, server, content=b"")
        assert done.code == 0, done
        assert server.verbs() == ["create", "close"]


def test_post_with_an_override_is_sent_when_asked(client):
    with Scripted() as server:
        expect_delivered(send(client, server, "--method", "post"), server)
        assert {r.method for r in server.requests} == {"POST"}
        assert {r.get("X-HTTP-Method-Override")
                for r in server.requests} == {"BITS_POST"}


@pytest.mark.parametrize("session", ["7", "s" * 100, "a!\"#$%&'()~"])
def test_any_session_id_is_repeated_as_it_came(client, session):
    with Scripted() as server:
        server.play("create", ack(session=session))
        server.always("fragment", lambda r: ack(next=r.range[1] + 1))
        server.always("close", ack())
        done = send(client, server, content=SMALL)
        assert done.code == 0, done
        assert [r.get("BITS-Session-Id") for r in server.requests] == [
            None, session, session]


def test_header_names_come_in_any_case_and_acks_without_session_id(client):
    def mangle(answer):
        head = answer.data.decode()
        return Answer(re.sub("^[^:\n]+:", lambda m: m[0].swapcase(), head,
                             flags=re.M).replace("Ack", "aCK").encode())

    with Scripted() as server:
        server.play("create", mangle(ack(201, session="x")))
        server.play("fragment", mangle(ack(next=4892)))
        server.play("close", mangle(ack()))
        done = send(client, server, content=SMALL)
        assert done.code == 0, done


def test_answers_that_drip_are_read(client):
    with Scripted() as server:
        server.play("create", Answer(ack(session="x").data, drip=True))
        server.play("fragment", Answer(ack(next=4892).data, drip=True))
        server.play("close", Answer(ack().data, drip=True))
        assert send(client, server, content=SMALL).code == 0


def test_a_server_that_closes_after_each_answer_is_fine(client):
    with Scripted() as server:
        for verb in ("create", "fragment", "close"):
            server.always(verb, lambda request: Answer(
                server.behave(request).data, then="close"))
        expect_delivered(send(client, server), server)
        connections = [r.connection for r in server.requests]
        assert len(set(connections)) == len(connections)


def test_cookies_stay_with_the_session(client):
    with Scripted() as server:
        server.play("create", ack(session="x", fields=[
            ("Set-Cookie", "node=7; Path=/")]))
        server.always("fragment", lambda r: ack(next=r.range[1] + 1))
        server.always("close", ack())
        assert send(client, server, content=SMALL).code == 0
        assert [r.get("Cookie") for r in server.requests] == [
            None, "node=7", "node=7"]


def test_an_expectation_that_fails_is_never_repeated(client):
    @at_head
    def no_expectation(request):
        return http(417) if request.get("Expect") else None

    with Scripted() as server:
        server.always("fragment", no_expectation)
        expect_delivered(send(client, server), server)
        assert sum(r.get("Expect") is not None for r in server.requests) <= 1


# --- offsets -----------------------------------------------------------------


def test_the_offset_of_the_server_counts_when_it_goes_down(client):
    def forget(_):
        kept = next(iter(server.sessions.values()))
        del kept[1000:]
        return ack(next=1000)

    with Scripted() as server:
        server.play("fragment", None, forget)
        expect_delivered(send(client, server), server)
        assert ranges(server)[2][0] == 1000


def test_a_part_of_a_fragment_may_be_kept(client):
    def keep_half(request):
        half = len(request.body) // 2
        kept = next(iter(server.sessions.values()))
        kept[request.range[0]:] = request.body[:half]
        return ack(next=len(kept))

    with Scripted() as server:
        server.play("fragment", keep_half, keep_half)
        expect_delivered(send(client, server), server)


def test_416_moves_the_offset(client):
    def lose(_):
        kept = next(iter(server.sessions.values()))
        del kept[100:]
        return ack(416, next=100)

    with Scripted() as server:
        server.play("fragment", None, lose)
        expect_delivered(send(client, server), server)
        assert ranges(server)[2][0] == 100


@pytest.mark.parametrize("offset", [0, 100, len(FILE)])
def test_endless_416_ends(client, offset):
    with Scripted() as server:
        server.always("fragment", ack(416, next=offset))
        done = send(client, server, *ONCE)
        assert done.code == 5, done
        assert len(server.requests) <= 20


def test_416_in_turns_ends(client):
    turns = [0]

    def swing(_):
        turns[0] += 1
        return ack(416, next=turns[0] % 2 * 100)

    with Scripted() as server:
        server.always("fragment", swing)
        done = send(client, server, *ONCE)
        assert done.code == 5, done
        assert len(server.requests) <= 20


def test_acks_without_advance_end(client):
    with Scripted() as server:
        server.always("fragment", ack(next=0))
        done = send(client, server, *ONCE)
        assert done.code == 5, done
        assert "its offset does not advance" in done.err
        assert len(server.requests) <= 20


def test_416_without_an_offset_is_of_no_use(client):
    with Scripted() as server:
        server.always("fragment", http(416))
        done = send(client, server, *ONCE)
        assert done.code == 5, done
        assert len(server.requests) <= 5


def test_an_ack_without_an_offset_means_all_of_the_fragment(client):
    with Scripted() as server:
        server.always("fragment", lambda r: (
            server.on_fragment(r), ack())[1])
        expect_delivered(send(client, server), server)


@pytest.mark.parametrize("offset", [
    len(FILE) + 1, 2 ** 64 - 1, 2 ** 64, "x", "-1", "1-5",
])
def test_an_impossible_offset_is_ignored(client, offset):
    with Scripted() as server:
        server.play("fragment", ack(next=offset))
        done = send(client, server)
        expect_delivered(done, server)


def test_416_at_the_end_sends_the_last_fragment_again(client):
    """Everything arrived, the last Ack was lost."""
    def keep_silent(request):
        server.on_fragment(request)
        return Cut()

    with Scripted() as server:
        server.play("fragment", keep_silent, ack(416, next=4892))
        done = send(client, server, content=SMALL)
        expect_delivered(done, server, SMALL)


# --- sizes -------------------------------------------------------------------


def test_413_is_a_ceiling(client):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 100000
        return http(413, body=b"<html>", early=True) if large else None

    with Scripted() as server:
        server.always("fragment", limit)
        done = send(client, server)
        expect_delivered(done, server)
        lengths = [last - first + 1 for first, last, _ in ranges(server)]
        refused = [n for n in lengths if n > 100000]
        assert len(refused) <= 5
        assert lengths[:len(refused)] == refused, "it went back up"


def test_413_for_everything_is_final(client):
    with Scripted() as server:
        server.always("fragment", http(413))
        done = send(client, server)
        assert done.code == 1, done
        assert "smallest fragments" in done.err
        lengths = [last - first + 1 for first, last, _ in ranges(server)]
        assert lengths[-1] == 5120 and len(lengths) <= 10


def test_404_from_a_request_filter_halves(client):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 300000
        return http(404, body=b"<html>") if large else None

    with Scripted() as server:
        server.always("fragment", limit)
        expect_delivered(send(client, server), server)


def test_a_connection_that_breaks_in_a_fragment_halves_at_once(client):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 600000
        return Cut(after=65536) if large else None

    with Scripted() as server:
        server.always("fragment", limit)
        expect_delivered(send(client, server), server)


def test_a_fixed_size_is_kept(client):
    with Scripted() as server:
        expect_delivered(send(client, server, "--fragment-size", "1M"), server)
        assert [last - first + 1 for first, last, _ in ranges(server)] == [
            *[MIB] * 5, 17]


def test_a_file_too_large_is_tried_once_with_a_small_fragment(client):
    with Scripted() as server:
        server.always("fragment", ack(500, code="0x80200020", context="0x5"))
        done = send(client, server)
        assert done.code == 1, done
        assert "larger than the server takes" in done.err
        assert [last - first + 1 for first, last, _ in ranges(server)][1:] == [
            5120]


# --- errors ------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["create", "fragment", "close"])
@pytest.mark.parametrize("answer", [
    ack(400, code="0x80070057", context="0x5"),
    ack(403, code="0x80070005", context="0x5"),
    ack(404, code="0x80070003", context="0x5"),
    ack(501, code="0x80070005", context="0x5"),
    ack(403, code="80070005"),
])
def test_permanent_errors_are_not_retried(client, verb, answer):
    if verb == "close" and b" 501 " in answer.data:
        pytest.skip("500 to 599 are sent again")
    with Scripted() as server:
        server.always(verb, answer)
        done = send(client, server, content=SMALL)
        assert done.code == 1, done
        assert len(server.of(verb)) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("verb", ["create", "fragment"])
def test_temporary_errors_are_retried(client, verb, status):
    if (verb, status) == ("create", 409):
        pytest.skip("the file exists")
    with Scripted() as server:
        server.play(verb, http(status, fields=[("Retry-After", "0")]))
        expect_delivered(send(client, server, content=SMALL), server, SMALL)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_the_first_error_is_final_without_time_for_a_second_try(
        client, status):
    with Scripted() as server:
        server.always("fragment", http(status))
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code == 5, done
        assert f"HTTP {status}" in done.err
        assert len(server.of("fragment")) == 1


def test_a_file_that_exists_is_reported_with_the_remedy(client):
    with Scripted() as server:
        server.play("create", ack(403, code="0x80070005", context="0x5"))
        done = send(client, server, content=SMALL)
        assert done.code == 1
        assert "0x80070005" in done.err and "remedy" in done.err


def test_the_old_name_of_the_error_header_is_read(client):
    with Scripted() as server:
        server.play("create", ack(500, fields=[("BITS-Error", "80200020")]))
        done = send(client, server, content=SMALL)
        assert done.code == 1, done
        assert "0x80200020" in done.err


def test_errors_of_the_application_go_by_their_status(client):
    with Scripted() as server:
        server.play("fragment",
                    ack(500, code="0x8020001F", context="0x7",
                        fields=[("Retry-After", "0")]))
        expect_delivered(send(client, server, content=SMALL), server, SMALL)
        assert server.verbs().count("create") == 1
    with Scripted() as server:
        server.play("fragment", ack(403, code="0x80190193", context="0x7"))
        done = send(client, server, content=SMALL, name="b.bin")
        assert done.code == 1, done
        assert "application" in done.err


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("verb", ["create", "fragment"])
def test_redirects_are_named_and_not_followed(client, verb, status):
    with Scripted() as other, Scripted() as server:
        location = other.url + "a.bin"
        server.always(verb, http(status, fields=[("Location", location)]))
        done = send(client, server, content=SMALL)
        assert done.code == 1, done
        assert location in done.err
        assert other.requests == []


@pytest.mark.parametrize("status", [200, 204, 404, 405, 501])
def test_a_first_answer_without_an_ack_is_final(client, status):
    with Scripted() as server:
        server.always("create", http(status, body=b"" if status == 204
                                     else b"<html>"))
        done = send(client, server, content=SMALL)
        assert done.code == 1, done
        assert "no BITS server" in done.err
        assert len(server.requests) == 1


def test_a_success_without_an_ack_is_an_error_later_too(client):
    with Scripted() as server:
        server.always("fragment", http(200, body=b"<html>please log in"))
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code == 5, done
        assert "without a BITS Ack" in done.err
        assert server.delivered == []


def test_a_create_ack_without_a_session_id_is_an_error(client):
    with Scripted() as server:
        server.always("create", ack())
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code != 0
        assert server.verbs() == ["create"]


def test_another_protocol_is_not_spoken(client):
    with Scripted() as server:
        server.always("create", ack(session="x", fields=[
            ("BITS-Protocol", "{00000000-249b-430f-820d-3d2a9bef4931}")]))
        done = send(client, server, content=SMALL)
        assert done.code == 1, done
        assert "0x80200022" in done.err


# --- sessions ----------------------------------------------------------------


def test_a_lost_session_starts_over(client):
    def lose(_):
        server.sessions.clear()
        return lost()

    with Scripted() as server:
        server.play("fragment", None, lose)
        expect_delivered(send(client, server), server)
        assert server.verbs().count("create") == 2


def test_a_server_that_forgets_everything_is_not_asked_forever(client):
    with Scripted() as server:
        server.always("fragment", lost())
        done = send(client, server, *ONCE)
        assert done.code == 5, done
        assert "forgets sessions" in done.err
        assert server.verbs().count("create") <= 5


def test_a_session_gone_at_close_is_made_again_once(client):
    with Scripted() as server:
        server.play("close", lost())
        done = send(client, server, content=SMALL)
        assert done.code == 0, done
        assert server.verbs().count("create") == 2


def expect_delivery_unknown(done, client):
    assert done.code == 1, done
    assert "whether the file was delivered is unknown" in done.err
    assert (client.home / "a.bin").read_bytes() == SMALL


@pytest.mark.parametrize("refusal", [
    ack(403, code="0x80070005", context="0x5"), ack(409), http(403),
], ids=["the server's 403", "409", "a firewall's 403"])
def test_a_session_gone_at_close_and_then_a_refusal_keeps_the_source(client,
                                                                     refusal):
    with Scripted() as server:
        server.play("close", lost())
        server.play("create", None)
        server.always("create", refusal)
        path = client.file("a.bin", SMALL)
        for _ in range(2):  # the same command knows no more
            done = client.run("upload", "--remove-source", path, server.url)
            expect_delivery_unknown(done, client)
        assert server.verbs().count("fragment") == 1


def test_a_close_repeated_without_a_session_keeps_the_source(client):
    def work_and_say_nothing(request):
        server.on_close(request)
        return Cut()

    with Scripted() as server:
        server.play("close", work_and_say_nothing)
        done = send(client, server, "--remove-source", content=SMALL)
        expect_delivery_unknown(done, client)
        assert server.delivered == [SMALL]


def test_a_close_repeated_and_acknowledged_is_a_delivery(client):
    with Scripted() as server:
        server.play("close", Cut())
        done = send(client, server, "--remove-source", content=SMALL)
        expect_delivered(done, server, SMALL)
        assert not (client.home / "a.bin").exists()
        assert server.verbs().count("create") == 1


def test_a_close_that_is_refused_leaves_the_delivery_unknown(client):
    with Scripted() as server:
        server.always("close", ack(400, code="0x80070057", context="0x5"))
        done = send(client, server, "--remove-source", content=SMALL)
        assert done.code == 1, done
        assert "whether the file was delivered is unknown" in done.err
        assert (client.home / "a.bin").exists()


def test_a_close_that_fails_is_sent_again(client):
    with Scripted() as server:
        server.play("close", http(503, fields=[("Retry-After", "0")]))
        expect_delivered(send(client, server, content=SMALL), server, SMALL)
        assert server.verbs().count("close") == 2


# --- hostile servers ---------------------------------------------------------


def test_a_flood_of_100_ends(client):
    flood = b"HTTP/1.1 100 Continue\r\n\r\n" * 20000
    with Scripted() as server:
        server.play("create", Answer(flood + ack(session="x").data))
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code == 5, done
        assert len(server.requests) == 1


def test_a_head_without_end_is_cut_off(client):
    head = b"HTTP/1.1 200 OK\r\nX: " + b"x" * (8 << 20)
    with Scripted() as server:
        server.always("create", Answer(head, then="close"))
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code == 5, done


@pytest.mark.parametrize("data", [
    b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"\x00" * 1000,
    b"HTTP/1.1 999999 OK\r\n\r\n", b"SSH-2.0-OpenSSH\r\n",
])
def test_bytes_that_are_not_http_are_an_error(client, data):
    with Scripted() as server:
        server.always("create", Answer(data, then="close"))
        done = send(client, server, *ONCE, content=SMALL)
        assert done.code == 5, done
        assert len(server.requests) == 1


def test_names_of_files_reach_no_terminal_raw(client):
    """Those of the server do not either: see test_doctor.py."""
    with Scripted() as server:
        server.play("create", http(403))
        done = send(client, server, content=SMALL, name="a\x1b[2J\n.bin")
        assert done.code == 1
        assert "a\\x1b[2J\\x0a.bin" in done.err and "\x1b" not in done.err


def test_an_early_refusal_is_read(client):
    with Scripted() as server:
        server.always("fragment", http(403, early=True, then="close"))
        done = send(client, server)
        assert done.code == 1, done
        assert "HTTP 403" in done.err
