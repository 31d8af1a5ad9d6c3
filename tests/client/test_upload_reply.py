"""Replies of the server's application, and proxies on the way."""

import pytest

from scripted import Cut, Scripted, ack, http
from uploads import (DISTRUST, DONE, LOCAL, REFUSED, TEMPORARY, USAGE)

ANSWER = b"thank you\x00\xff"


def replying(server, url):
    """The last Ack names a reply."""
    def order(request):
        kept = server.sessions[request.get("BITS-Session-Id")]
        first, last, total = request.range
        kept[first:] = bytes(last + 1 - first)
        fields = [("BITS-Reply-URL", url)] if last + 1 == total else []
        return ack(next=last + 1, fields=fields)
    server.always("fragment", order)


def upload(client, server, *arguments):
    client.file("a", b"x" * 100)
    return client.run("upload", "--retry-time", "0", "--reply", "answer",
                      *arguments, "a", server.url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/r/1", "/r/1",
                                 "\\r\\1"])
def test_a_reply_is_kept(client, url):
    with Scripted() as server:
        replying(server, url.format(port=server.port))
        server.always("get", http(200, body=ANSWER))
        done = upload(client, server)
        assert done.code == DONE, done
        assert (client.home / "answer").read_bytes() == ANSWER
        assert server.verbs()[-2:] == ["get", "close"]
        assert server.of("get")[0].method == "GET"
    assert sorted(p.name for p in client.home.glob("answer*")) == ["answer"]


def test_an_empty_reply_is_an_empty_file(client):
    with Scripted() as server:
        replying(server, "")
        done = upload(client, server)
        assert done.code == DONE, done
        assert (client.home / "answer").read_bytes() == b""


def test_a_reply_that_was_promised_and_does_not_come(client):
    with Scripted() as server:
        done = upload(client, server)
        assert done.code == REFUSED, done
        assert not (client.home / "answer").exists()


def test_a_reply_that_breaks_is_fetched_again_and_is_whole(client):
    with Scripted() as server:
        replying(server, "/r")
        half = http(200, body=ANSWER)
        half.data = half.data[:-3]
        half.then = "reset"
        server.play("get", half, Cut(), http(503), http(200, body=ANSWER))
        done = upload(client, server, "--retry-time", "60s")
        assert done.code == DONE, done
        assert (client.home / "answer").read_bytes() == ANSWER
        assert len(server.of("get")) == 4
        assert len(server.of("close")) == 1


def test_a_reply_that_cannot_be_kept(client):
    with Scripted() as server:
        replying(server, "/r")
        server.always("get", http(200, body=ANSWER))
        done = upload(client, server, "--reply", "no/such/folder/answer")
        assert done.code == LOCAL, done
        assert "close" not in server.verbs()
        # The upload resumes once there is a place for it.
        (client.home / "no/such/folder").mkdir(parents=True)
        done = client.run("upload", "--reply", "no/such/folder/answer", "a",
                          server.url)
        assert done.code == DONE, done
        assert len(server.of("create")) == 1


# --- proxies ----------------------------------------------------------------


def through(client, proxy, *arguments, url="http://upload.example/up/"):
    client.file("a", b"x" * 100)
    return client.run("upload", "--retry-time", "0", "-x",
                      f"http://127.0.0.1:{proxy.port}", *arguments, "a", url)


def test_a_proxy_is_used(client):
    with Scripted() as proxy:
        done = through(client, proxy)
        assert done.code == DONE, done
        assert {r.target for r in proxy.requests} == {
            "http://upload.example/up/a"}


def test_a_proxy_of_the_environment_is_used(client):
    client.file("a", b"x")
    with Scripted() as proxy:
        done = client.run("upload", "a", "http://upload.example/up/",
                          http_proxy=f"http://127.0.0.1:{proxy.port}")
        assert done.code == DONE, done


def wants_proxy_login(request):
    if request.get("Proxy-Authorization"):
        return None
    return http(407, "Who?", [("Proxy-Authenticate", "Basic realm=p")])


def test_a_proxy_that_wants_a_password_gets_it_from_netrc(client):
    path = client.file(".netrc",
                       b"machine 127.0.0.1 login ann password secret\n")
    path.chmod(0o600)
    with Scripted() as proxy:
        for verb in ("ping", "create", "fragment", "close"):
            proxy.always(verb, wants_proxy_login)
        done = through(client, proxy)
        # Basic does not go without TLS unless the user says so.
        assert done.code == DISTRUST, done
        done = through(client, proxy, "--auth", "basic")
        assert done.code == DONE, done
        assert not [r for r in proxy.requests if r.get("Authorization")]


@pytest.mark.parametrize("status, code", [(407, DISTRUST), (403, REFUSED),
                                          (503, TEMPORARY)])
def test_a_proxy_that_refuses_the_tunnel(client, status, code):
    with Scripted() as proxy:
        proxy.always("connect", http(status, "No", [
            ("Proxy-Authenticate", "Basic realm=p")]))
        done = through(client, proxy, url="https://upload.example/up/")
        assert done.code == code, done
        assert str(status) in done.err
        assert proxy.verbs() == ["connect"]


def test_a_proxy_that_is_not_there(client):
    client.file("a", b"x")
    done = client.run("upload", "--retry-time", "0", "-x", "127.0.0.1:1", "a",
                      "http://upload.example/up/")
    assert done.code == TEMPORARY, done


def test_an_unknown_word_before_the_url_is_usage(client):
    assert client.run("uplaod", "a", "http://h/").code == USAGE
