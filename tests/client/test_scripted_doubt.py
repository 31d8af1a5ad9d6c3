"""The whole client against refusals that do not say what they mean: a session
that is lost or not, a proxy's page, a limit of body size."""

import pytest

from packets import pattern
from scripted import Answer, Cut, Scripted, ack, at_head, http

MIB = 1 << 20
FILE = pattern("D", 0, 3 * MIB + 17)
MISSPELT = "BITS-Recieved-Content-Range"


def upload(client, server, *options):
    return client.run("upload", "-v", *options, client.home / "a.bin",
                      server.url)


def interrupted(client, server):
    """An upload of which the server has the first MiB."""
    client.file("a.bin", FILE)
    server.play("fragment", None, http(503))
    done = upload(client, server, "--retry-time", "0")
    assert done.code == 5, done
    assert server.verbs() == ["create", "fragment", "fragment"]
    server.requests.clear()


def expect_delivered(done, server):
    assert done.code == 0, done
    assert server.delivered == [FILE]


# --- the first contact -------------------------------------------------------


@pytest.mark.parametrize("status", [400, 405, 501])
def test_post_is_offered_where_the_method_may_be_refused(client, status):
    path = client.file("a.bin", FILE)
    with Scripted() as server:
        server.always("create", http(status, body=b"Bad Request"))
        done = client.run("upload", path, server.url)
        assert done.code == 1, done
        assert "--method post" in done.err
        done = client.run("upload", "--method", "post", path, server.url)
        assert done.code == 1, done
        assert "--method post" not in done.err


def test_post_is_not_offered_by_a_server_that_refuses(client):
    path = client.file("a.bin", FILE)
    with Scripted() as server:
        server.always("create", ack(400, code="0x80070057", context="0x5"))
        done = client.run("upload", path, server.url)
        assert done.code == 1 and "--method post" not in done.err, done


def test_some_servers_make_no_file_of_nothing(client):
    path = client.file("empty", b"")
    with Scripted() as server:
        done = client.run("upload", path, server.url)
        assert done.code == 0, done
        assert "some servers make no file" in done.err


# --- a lost session, or a proxy's page ---------------------------------------


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_page_of_a_proxy_keeps_the_progress(client, status):
    with Scripted() as server:
        interrupted(client, server)
        server.play("fragment", http(status, body=b"<html>"))
        expect_delivered(upload(client, server), server)
        assert server.verbs()[:4] == ["ping", "fragment", "ping", "fragment"]
        assert "create" not in server.verbs()
        assert server.of("fragment")[1].range[0] == MIB


@pytest.mark.parametrize("answers", [
    [ack(404)], [ack(400, code="0x1")], [http(500), http(500)],
], ids=["404", "400", "two pages"])
def test_a_session_given_up_is_cancelled_and_made_again(client, answers):
    with Scripted() as server:
        interrupted(client, server)
        server.play("fragment", *answers)
        expect_delivered(upload(client, server), server)
        place = server.verbs().index("cancel")
        assert server.verbs()[place + 1] == "create"
        assert server.sessions == {}


def test_a_session_lost_behind_a_proxy_is_made_again_in_the_process(client):
    """The server was restarted: the proxy says 502, then the server 404."""
    def restart(_):
        server.sessions.clear()
        return http(502)

    client.file("a.bin", FILE)
    with Scripted() as server:
        server.play("fragment", None, restart, ack(404))
        expect_delivered(upload(client, server), server)
        assert server.verbs().count("create") == 2


def test_a_session_lost_while_libcurl_repeats_is_made_again(client):
    client.file("a.bin", FILE)
    with Scripted() as server:
        server.play("fragment", None, Answer(b"", then="close"), ack(404))
        done = upload(client, server, "--fragment-size", "512K")
        expect_delivered(done, server)
        assert server.verbs()[:5] == ["create", *["fragment"] * 3, "cancel"]
        assert server.verbs().count("ping") == 0


# --- 416 without an offset ---------------------------------------------------


def lose(server, answer):
    """An order that works and says nothing."""
    def work(request):
        answer(request)
        return Cut()
    return work


class Mute:
    """A server that names no offset, and refuses what it does not expect."""

    def __init__(self, server, acked=True):
        self.server = server
        self.refusal = ack(416) if acked else http(416)
        server.always("fragment", self.fragment)

    def fragment(self, request):
        kept = self.server.sessions[request.get("BITS-Session-Id")]
        if request.range[0] != len(kept):
            return self.refusal
        kept += request.body
        return ack()


@pytest.mark.parametrize("acked", [True, False])
def test_resumes_after_a_lost_ack_of_a_server_without_offsets(client, acked):
    client.file("a.bin", FILE)
    with Scripted() as server:
        mute = Mute(server, acked)
        server.play("fragment", mute.fragment, lose(server, mute.fragment))
        done = upload(client, server, "--fragment-size", "1M")
        expect_delivered(done, server)
        assert server.verbs().count("create") == 1


def test_a_lost_last_ack_of_such_a_server_costs_a_new_session(client):
    client.file("a.bin", FILE)
    with Scripted() as server:
        mute = Mute(server)
        server.play("fragment", *[mute.fragment] * 3,
                    lose(server, mute.fragment))
        done = upload(client, server, "--fragment-size", "1M")
        expect_delivered(done, server)
        assert server.verbs().count("cancel") == 1
        assert server.verbs().count("create") == 2


@pytest.mark.parametrize("answer, words", [
    (ack(416), "update the server"), (http(416), "a proxy"),
])
def test_a_proxy_is_blamed_only_without_an_ack(client, answer, words):
    client.file("a.bin", FILE)
    with Scripted() as server:
        server.always("fragment", answer)
        done = upload(client, server, "--retry-time", "0")
        assert done.code == 5, done
        assert words in done.err
        assert ("proxy" in done.err) == (words == "a proxy")


def test_the_misspelt_header_is_read(client):
    def misspell(request):
        answer = server.on_fragment(request)
        answer.data = answer.data.replace(b"BITS-Received-Content-Range",
                                          MISSPELT.encode())
        return answer

    def forget(request):
        del server.sessions[request.get("BITS-Session-Id")][100:]
        return misspell(request)

    client.file("a.bin", FILE)
    with Scripted() as server:
        server.always("fragment", misspell)
        server.play("fragment", misspell, forget)
        expect_delivered(upload(client, server), server)
        assert server.of("fragment")[2].range[0] == 100


# --- a limit of body size that does not show as 413 --------------------------


@pytest.mark.parametrize("status", [500, 502])
def test_a_limit_that_shows_as_500_or_502_is_found(client, status):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 700000
        return http(status, body=b"<html>") if large else None

    client.file("a.bin", FILE)
    with Scripted() as server:
        server.always("fragment", limit)
        expect_delivered(upload(client, server), server)
        refused = [r for r in server.of("fragment") if len(r.body) > 700000]
        assert len(refused) == 2
        assert server.verbs().count("create") == 1
