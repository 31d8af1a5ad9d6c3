"""What bitsd believes of the proxies in front of it (V2): who the client is, and
whether it came over TLS."""

import pytest

import passwords
from bitsd import Bitsd
from overtls import connect, options
from packets import Request
from passwords import ask_as, read
from talk import ask, create, until
from tlskeys import Keys
from wire import Connection

LOCAL = "127.0.0.1"
CLIENT = "192.0.2.1"


def request(verb="create", path="/a.bin", **fields):
    """A packet with more fields, with _ for - in their names."""
    made = Request(verb, path)
    for name, value in fields.items():
        made.add(name.replace("_", "-"), value)
    return made


def peer_of(server, path):
    """Whom the log names as the client that created it."""
    line = server.log.wait([" created:", f"path={path} "])
    return line.split("peer=")[1].split()[0]


def created_by(server, connection, path="/a.bin", **fields):
    response = ask(connection, request("create", path, **fields))
    assert response.status == 200, response
    return peer_of(server, path)


@pytest.mark.parametrize("fields", [
    {"X_Forwarded_For": f"198.51.100.9, {CLIENT}"},
    {"Forwarded": f"for=198.51.100.9, for={CLIENT};proto=http"},
])
def test_the_log_names_the_client_behind_a_trusted_proxy(fields):
    with Bitsd(server={"trusted_proxies": LOCAL}) as server:
        assert created_by(server, server.connect(), **fields) == CLIENT


def test_a_chain_of_proxies_ends_at_the_first_that_is_not_trusted():
    proxies = [LOCAL, "10.0.0.0/8", "2001:db8::/32"]
    with Bitsd(server={"trusted_proxies": proxies}) as server:
        connection = server.connect()
        hops = f"198.51.100.9, {CLIENT}, 10.255.0.1, 2001:db8::7"
        assert created_by(server, connection, "/a",
                          X_Forwarded_For=hops) == CLIENT
        hops = f"{CLIENT}, 11.0.0.1, 10.255.0.1"
        assert created_by(server, connection, "/b",
                          X_Forwarded_For=hops) == "11.0.0.1"


def test_others_are_not_believed():
    with Bitsd(server={"trusted_proxies": ["10.0.0.0/8", "unix"]}) as server:
        connection = server.connect()
        for path, fields in (("/a", {"X_Forwarded_For": CLIENT}),
                             ("/b", {"Forwarded": f"for={CLIENT}"})):
            peer = created_by(server, connection, path, **fields)
            assert peer.startswith(f"{LOCAL}:")
        assert not server.log.find(" forwarded: ")


def test_without_the_option_no_proxy_is_believed():
    with Bitsd() as server:
        peer = created_by(server, server.connect(), X_Forwarded_For=CLIENT)
        assert peer.startswith(f"{LOCAL}:")


def test_a_proxy_on_a_unix_socket():
    server = Bitsd()
    path = str(server.home / "socket")
    server.server = {"listen": ["127.0.0.1:0", f"unix:{path}"],
                     "trusted_proxies": "unix"}
    with server:
        assert created_by(server, Connection(path), "/a",
                          X_Forwarded_For=CLIENT) == CLIENT
        assert created_by(server, server.connect(), "/b",
                          X_Forwarded_For=CLIENT).startswith(LOCAL)


@pytest.mark.parametrize("fields, words", [
    ({"X_Forwarded_For": f"{CLIENT}, nonsense"}, "X-Forwarded-For"),
    ({"Forwarded": f'for="{CLIENT}'}, "malformed Forwarded"),
    ({"X_Forwarded_For": CLIENT, "Forwarded": f"for={CLIENT}"}, "both"),
])
def test_malformed_values_are_ignored_and_logged(fields, words):
    with Bitsd(server={"trusted_proxies": LOCAL}) as server:
        peer = created_by(server, server.connect(), **fields)
        assert peer.startswith(f"{LOCAL}:")
        server.log.wait([" forwarded: ", words, f"peer={peer}"])


def test_a_client_cannot_fill_the_log_with_malformed_values():
    with Bitsd(server={"trusted_proxies": LOCAL, "threads": 1,
                       "log_level": "debug"}) as server:
        connection = server.connect()
        for _ in range(30):
            ask(connection, request("ping", X_Forwarded_For="nonsense"))
        until(lambda: len(server.log.find(" packet: ")) == 30)
        assert len(server.log.find(" forwarded: ")) == 20


def test_a_reload_changes_the_proxies():
    with Bitsd(server={}) as server:
        connection = server.connect()
        assert created_by(server, connection, "/a",
                          X_Forwarded_For=CLIENT).startswith(LOCAL)
        server.server = {"trusted_proxies": LOCAL}
        assert "reload done" in server.reload()
        until(lambda: ask(connection, request("ping")).status == 200)
        assert created_by(server, connection, "/b",
                          X_Forwarded_For=CLIENT) == CLIENT


# --- sessions and limits of clients ---


def test_each_client_has_its_own_budget_of_failed_sign_ins():
    with SignIn(server={"trusted_proxies": LOCAL, "max_failed_sign_ins": 1},
                basic_without_tls="yes") as server:
        connection = server.connect()

        def guess(client):
            made = request("ping", X_Forwarded_For=client)
            return ask_as(connection, made, "ann", "wrong").status
        assert guess(CLIENT) == 401
        assert guess("192.0.2.2") == 401
        server.log.wait(["sign-in-failed", f"peer={CLIENT} "])


# --- is it TLS ---


class SignIn(Bitsd):
    """A server with the user ann, who must come over TLS."""

    def __init__(self, server, **more):
        super().__init__(server=server)
        path = self.home / "passwords"
        passwords.write(path, {"ann": "Passw0rd"})
        self.uploads = {"/": {"access": "basic", "password_file": path, **more}}


@pytest.mark.parametrize("fields, status", [
    ({"X_Forwarded_Proto": "https"}, 200),
    ({"Forwarded": "for=192.0.2.1;proto=https"}, 200),
    ({"X_Forwarded_Proto": "http"}, 403),
    ({"X_Forwarded_Proto": "https, http"}, 403),
    ({"X_Forwarded_Proto": "http, https"}, 403),
    ({"X_Forwarded_Proto": "httpss"}, 403),
    ({"Forwarded": "for=192.0.2.1;proto=https, for=10.0.0.1;proto=http"}, 403),
    ({"Forwarded": "proto=https", "X_Forwarded_For": CLIENT}, 403),
    ({}, 403),
])
def test_a_password_needs_tls_to_the_proxy(fields, status):
    with SignIn({"trusted_proxies": [LOCAL, "10.0.0.0/8"]}) as server:
        made = request("ping", **fields)
        assert ask_as(server.connect(), made, "ann",
                      "Passw0rd").status == status


def test_an_untrusted_client_cannot_say_that_it_came_over_tls():
    with SignIn({"trusted_proxies": "10.0.0.0/8"}) as server:
        for fields in ({"X_Forwarded_Proto": "https"},
                       {"Forwarded": "proto=https"}):
            made = request("ping", **fields)
            assert ask_as(server.connect(), made, "ann",
                          "Passw0rd").status == 403


def test_tls_from_the_proxy_does_not_make_its_client_safe(tmp_path):
    keys = Keys(tmp_path)
    with SignIn(options(keys, trusted_proxies=LOCAL)) as server:
        for proto, status in (("http", 403), ("https", 200)):
            made = request("ping", X_Forwarded_Proto=proto)
            assert ask_as(connect(server, keys), made, "ann",
                          "Passw0rd").status == status


def test_a_bad_network_is_an_error_with_a_remedy(tmp_path):
    server = Bitsd(server={"trusted_proxies": ["10.0.0.1/8"]})
    with pytest.raises(AssertionError):
        server.start()
    line = server.log.find("trusted_proxies")[0]
    assert 'bitsd.conf:4: trusted_proxies: "10.0.0.1/8" is not' in line
    server.ending = True
    server.close()
