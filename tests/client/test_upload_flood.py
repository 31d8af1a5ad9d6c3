"""Answers without end: bits reads what an answer may have, and no more."""

import pytest

from scripted import Answer, Scripted, ack, http
from uploads import DONE, LOCAL, MIB, REFUSED, TEMPORARY

# What the buffers of both sides hold beyond what the client reads.
SLACK = 24 * MIB

CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Flood(Answer):
    """A beginning, and then the same bytes until the client leaves."""

    def __init__(self, beginning, again):
        super().__init__(beginning)
        self.again = again * (1 + (1 << 16) // len(again))
        self.sent = 0

    def pieces(self):
        yield self.data
        while True:
            self.sent += len(self.again)  # or a part of it: the last one
            yield self.again


def acked(more):
    """The head of an Ack with other fields than Content-Length."""
    def of(answer):
        head = answer.data.replace(b"Content-Length: 0\r\n", b"")
        return head.removesuffix(b"\r\n") + more
    return of


# Behind a whole head: what follows it, and what comes again and again.
TAILS = {
    "trailers": (CHUNKED + b"\r\n0\r\n", b"a: b\r\n"),
    "long trailer": (CHUNKED + b"\r\n0\r\n", b"a"),
    "chunks": (CHUNKED + b"\r\n", b"1\r\na\r\n"),
    "extensions": (CHUNKED + b"\r\n", b"1;" + b"a" * 60000 + b"\r\na\r\n"),
    "long extension": (CHUNKED + b"\r\n1;", b"a"),
    "long size": (CHUNKED + b"\r\n", b"0"),
    "body": (b"Content-Length: 99999999999\r\n\r\n", b"a"),
    "until closed": (b"Connection: close\r\n\r\n", b"a"),
}


def upload(client, server, *arguments):
    if not (client.home / "a").exists():
        client.file("a", b"x" * 100)
    return client.run("upload", "--retry-time", "0", *arguments, "a",
                      server.url)


@pytest.mark.parametrize("tail", TAILS)
def test_bytes_behind_an_ack_are_read_up_to_a_limit(client, tail):
    more, again = TAILS[tail]
    floods = []

    def flood(request):
        answer = server.behave(request)
        floods.append(Flood(acked(more)(answer), again))
        return floods[-1]

    with Scripted() as server:
        server.play("fragment", flood)
        server.play("close", flood)
        done = upload(client, server)
        assert done.code == DONE, done
        assert server.delivered == [b"x" * 100]
    assert len(floods) == 2
    assert all(0 < flood.sent < SLACK for flood in floods), floods


HEADS = {
    "fields": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "field": (b"HTTP/1.1 200 OK\r\nA: ", b"b"),
    "interim": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "status": (b"HTTP/1.1 200 ", b"a"),
}


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_not_read_without_end(client, head):
    flood = Flood(*HEADS[head])
    with Scripted() as server:
        server.always("create", flood)
        done = upload(client, server)
        assert done.code in (TEMPORARY, REFUSED), done
    assert flood.sent < SLACK


@pytest.mark.parametrize("beginning", [
    b"HTTP/1.1 403 No\r\nContent-Length: 99999999999\r\n\r\n",
    b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    b"HTTP/1.1 403 No\r\nA: "])
def test_a_proxy_that_refuses_the_tunnel_is_not_read_without_end(client,
                                                                 beginning):
    flood = Flood(beginning, b"a")
    client.file("a", b"x")
    with Scripted() as proxy:
        proxy.always("connect", flood)
        done = client.run("upload", "--retry-time", "0", "-x",
                          f"http://127.0.0.1:{proxy.port}", "a",
                          "https://upload.example/up/")
        assert done.code != DONE, done
    assert flood.sent < SLACK


# --- replies of the server's application --------------------------------------


def replying(server):
    def order(request):
        kept = server.sessions[request.get("BITS-Session-Id")]
        first, last, _ = request.range
        kept[first:] = bytes(last + 1 - first)
        return ack(next=last + 1, fields=[("BITS-Reply-URL", "/r")])
    server.always("fragment", order)


def chunked(body):
    return Answer(b"HTTP/1.1 200 OK\r\n" + CHUNKED + b"\r\n%x\r\n" % len(body) +
                  body + b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("make", [lambda body: http(200, body=body), chunked])
def test_a_reply_may_be_so_large_and_no_larger(client, make):
    limit = ("--max-reply-size", "100k", "--reply", "reply")
    with Scripted() as server:
        replying(server)
        server.play("get", make(b"r" * 102401), make(b"r" * 102400))
        done = upload(client, server, *limit)
        assert done.code == LOCAL, done
        assert "the reply has more than 100k" in done.err
        assert "--max-reply-size" in done.err
        assert server.verbs()[-1] == "get"
        assert [p.name for p in client.home.glob("reply*")] == []
        # The session is still there, and the next try resumes.
        done = upload(client, server, *limit)
        assert done.code == DONE, done
        assert (client.home / "reply").read_bytes() == b"r" * 102400
        assert len(server.of("create")) == 1


def test_a_reply_is_100m_at_most_by_default(client):
    flood = Flood(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                  b"r" * 100_000)
    with Scripted() as server:
        replying(server)
        server.always("get", flood)
        done = upload(client, server, "--reply", "reply")
        assert done.code == LOCAL, done
        assert "the reply has more than 100M" in done.err
    assert 100 * MIB < flood.sent < 100 * MIB + SLACK


@pytest.mark.parametrize("tail", TAILS)
def test_a_reply_is_not_read_without_end(client, tail):
    more, again = TAILS[tail]
    flood = Flood(b"HTTP/1.1 200 OK\r\n" + more, again)
    with Scripted() as server:
        replying(server)
        server.always("get", flood)
        done = upload(client, server, "--reply", "reply", "--max-reply-size",
                      "100k")
        assert done.code in (LOCAL, TEMPORARY), done
        assert "close" not in server.verbs()
    assert flood.sent < SLACK
    assert [p.name for p in client.home.glob("reply*")] == []


def test_a_page_in_place_of_a_reply_is_not_read_without_end(client):
    flood = Flood(b"HTTP/1.1 404 No\r\nContent-Length: 99999999999\r\n\r\n",
                  b"r")
    with Scripted() as server:
        replying(server)
        server.always("get", flood)
        done = upload(client, server, "--reply", "reply")
        assert done.code != DONE, done
    assert flood.sent < SLACK
