"""The whole client where a server sends it elsewhere: to a host for the session,
to a reply (rules C35 to C38 and C42 to C44 of docs/protocol.md)."""

from packets import pattern
from scripted import Scripted, ack, http, lost

SMALL = pattern("S", 0, 4892)
REPLY = b"thank you\n"


def send(client, server, *options, name="a.bin"):
    path = client.file(name, SMALL)
    return client.run("upload", *options, path, server.url)


def name_host(server, host, timeout=None):
    """Each Create-Session names a host for its session."""
    def created(request):
        answer = server.on_create(request)
        session = list(server.sessions)[-1]
        fields = [("BITS-Host-Id", host)]
        if timeout is not None:
            fields.append(("BITS-Host-Id-Fallback-Timeout", timeout))
        assert answer
        return ack(session=session, fields=fields)
    server.always("create", created)


# --- host id -----------------------------------------------------------------


def test_the_rest_of_a_session_goes_to_the_host_that_was_named(client):
    with Scripted() as server, \
            Scripted(host="127.0.0.2", port=server.port) as other:
        name_host(server, "127.0.0.2")
        other.sessions = server.sessions
        done = send(client, server)
        assert done.code == 0, done
        assert server.verbs() == ["create"]
        assert other.verbs() == ["ping", "fragment", "close"]
        assert other.delivered == [SMALL]
        # Only the host changes, not the port and the path.
        assert {r.target for r in other.requests} == {"/up/a.bin"}
        assert {r.get("Host") for r in other.requests} == {
            f"127.0.0.2:{server.port}"}


def test_a_silent_host_is_left_after_the_fallback_timeout(client):
    with Scripted() as server:
        name_host(server, "127.0.0.3", timeout=1)  # no process listens there
        done = send(client, server)
        assert done.code == 0, done
        assert "does not answer; back to the URL's" in done.err
        assert server.delivered == [SMALL]
        assert server.verbs().count("create") == 1


def test_an_invalid_host_is_ignored_with_a_warning(client):
    with Scripted() as server:
        name_host(server, "http://evil/path")
        done = send(client, server)
        assert done.code == 0, done
        assert "ignoring BITS-Host-Id: not a valid host name" in done.err
        assert server.delivered == [SMALL]


def test_a_session_that_the_other_host_lost_is_made_anew_there(client):
    with Scripted() as server, \
            Scripted(host="127.0.0.2", port=server.port) as other:
        name_host(server, "127.0.0.2")
        name_host(other, "127.0.0.2")
        other.play("fragment", lost())
        done = send(client, server)
        assert done.code == 0, done
        assert other.delivered == [SMALL]
        assert other.verbs() == ["ping", "fragment", "create", "ping",
                                 "fragment", "close"]


# --- reply -------------------------------------------------------------------


def test_a_reply_elsewhere_gets_no_secrets(client):
    headers = client.file("headers", b"X-Key: one\n")
    headers.chmod(0o600)
    with Scripted() as server, Scripted(host="127.0.0.2") as other:
        url = f"http://127.0.0.2:{other.port}/r.bin"
        server.always("fragment", lambda request: ack(
            next=len(SMALL), fields=[("BITS-Reply-URL", url)]))
        other.always("get", http(200, body=REPLY))
        done = send(client, server, "--reply", "reply.txt", "-H", f"@{headers}")
        assert done.code == 0, done
        assert (client.home / "reply.txt").read_bytes() == REPLY
        assert server.of("create")[0].get("X-Key") == "one"
        assert other.of("get")[0].get("X-Key") is None
