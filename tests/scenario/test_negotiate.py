"""Sign-ins with Kerberos (V2), against a KDC on loopback."""

import contextlib
import hashlib
import os
import select
import shutil
import ssl
import subprocess
import threading

import pytest

import overtls
import realm as kerberos
from bits import Client
from bitsd import Bitsd, binary
from packets import Request, check_ack, pattern
from realm import REALM, Realm, field, token_of
from talk import fragment_request, until
from tlskeys import Keys
from wire import PATIENCE, Connection

pytest.importorskip("gssapi")

# What a Windows client without a ticket sends: NTLMSSP NEGOTIATE, alone and in
# the first token of SPNEGO.
NTLM = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2" + bytes(24)
NTLM_OID = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"


def der(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def spnego(mechanisms, token):
    """The first token of SPNEGO, with a token for the first mechanism."""
    return der(0x60, b"\x06\x06\x2b\x06\x01\x05\x05\x02" + der(
        0xa0, der(0x30, der(0xa0, der(0x30, mechanisms))
                  + der(0xa2, der(0x04, token)))))


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    if not kerberos.is_installed():
        pytest.skip("krb5-kdc or krb5-user is not installed")
    with Realm(tmp_path_factory.mktemp("realm")) as realm:
        for principal in ("HTTP/localhost", "ann", "bob", "PC01$"):
            realm.add(principal)
        yield realm


class Server(Bitsd):
    def __init__(self, realm, server=None, options=None, keytab=None,
                 config=None):
        super().__init__(
            server={"listen": "127.0.0.1:0",
                    "keytab": keytab or realm.folder / "HTTP_localhost.keytab",
                    **(server or {})},
            uploads={"/": {"access": "negotiate", "realms": REALM,
                           **(options or {})}},
            environment={"KRB5_CONFIG": str(config or realm.config)})

    def url(self, path="/"):
        return f"http://localhost:{self.address[1]}{path}"


@pytest.fixture(scope="module")
def server(realm):
    """One that tests may share."""
    with Server(realm) as server:
        yield server


def ask(connection, request, authorization=None, **fields):
    """Sends a request; checks the form of the answer."""
    if authorization:
        request.set("Authorization", authorization)
    for name, value in fields.items():
        request.set(name.replace("_", "-"), value)
    connection.send(request.data())
    response = connection.read_response()
    if response.status == 401:
        assert not any(n.startswith("BITS-") for n, _ in response.fields)
        assert response.get("WWW-Authenticate").startswith("Negotiate")
    else:
        check_ack(request.verb, request.value("BITS-Session-Id"), response)
    return response


def ping():
    return Request("ping", "/")


def sign_in(connection, realm, who="ann", request=None, **fields):
    """One request with a fresh token."""
    token = realm.token(realm.sign_in(who))
    return ask(connection, request or ping(), field(token), **fields)


# --- clients that exist ---


def test_curl_uploads_as_the_user_of_its_ticket(realm, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"12345")
    with Server(realm) as server:
        done = subprocess.run(
            ["curl", "-sS", "--negotiate", "-u", ":", "-o", "/dev/null", "-w",
             "%{http_code}", "-X", "BITS_POST", "-H",
             "BITS-Packet-Type: Create-Session", "-H",
             "BITS-Supported-Protocols: "
             "{7df0354d-249b-430f-820d-3d2a9bef4931}",
             "-H", "Content-Length: 0",
             "--resolve", f"localhost:{server.address[1]}:127.0.0.1",
             server.url("/a.bin")],
            env={**realm.environment, "KRB5CCNAME": str(realm.sign_in("ann"))},
            timeout=PATIENCE, capture_output=True, text=True, check=False)
        assert done.stdout == "200", done
        server.log.wait([" created:", "user=ann"])


def test_bits_uploads_as_the_user_of_its_ticket(realm, tmp_path):
    with Server(realm) as server, Client(tmp_path) as client:
        source = client.file("source", pattern("B", 0, 3000000))
        done = client.run(
            "upload", "--auth", "negotiate", source, server.url("/b.bin"),
            KRB5CCNAME=realm.sign_in("bob"), KRB5_CONFIG=realm.config)
        assert done.code == 0, done
        assert (server.inbox / "b.bin").read_bytes() == source.read_bytes()
        server.log.wait([" delivered:", "user=bob"])


# --- what the server says ---


def test_a_request_without_a_token_is_challenged(server):
    response = ask(server.connect(), ping())
    assert response.status == 401 and not response.closes()
    assert response.get("WWW-Authenticate") == "Negotiate"


def test_the_answer_proves_the_server_to_the_client(realm, server):
    context = realm.client(realm.sign_in("ann"))
    with realm.as_client():
        token = context.step()
    response = ask(server.connect(), ping(), field(token))
    assert response.status == 200
    with realm.as_client():
        context.step(token_of(response.get("WWW-Authenticate")))
        assert context.complete


def test_each_way_has_a_challenge(realm, tmp_path):
    (tmp_path / "passwords").write_text("")
    with Server(realm, options={
            "access": ["basic", "negotiate"], "basic_without_tls": "yes",
            "password_file": tmp_path / "passwords"}) as server:
        connection = server.connect()
        connection.send(ping().data())
        response = connection.read_response()
        assert [v for n, v in response.fields if n == "WWW-Authenticate"] == [
            "Negotiate", 'Basic realm="bitsd", charset="UTF-8"']
        assert sign_in(connection, realm).status == 200


def test_a_computer_signs_in_with_its_account(realm):
    with Server(realm) as server:
        connection = server.connect()
        response = sign_in(connection, realm, "PC01$",
                           Request("create", "/PC01/a.bin"))
        assert response.status in (200, 404), response
        assert sign_in(connection, realm, "PC01$",
                       Request("create", "/a.bin")).status == 200
        server.log.wait([" created:", "user=PC01$"])


# --- how long a sign-in holds ---


def test_a_sign_in_holds_for_its_connection_only(realm, server):
    connection = server.connect()
    assert sign_in(connection, realm).status == 200
    identity = ask(connection, Request("create", "/held.bin")).get(
        "BITS-Session-Id")
    response = ask(connection, fragment_request(identity, 0, 9, 10,
                                                "/held.bin"))
    assert response.status == 200
    assert ask(connection, Request("close", "/held.bin",
                                   identity)).status == 200
    server.log.wait([" closed:", "user=ann"])
    assert ask(server.connect(), ping()).status == 401


@pytest.mark.parametrize("name", ["Via", "Forwarded", "X-Forwarded-For",
                                  "x-forwarded-proto"])
def test_each_request_through_a_proxy_needs_a_token(realm, server, name):
    value = {"Via": "1.1 proxy", "Forwarded": "for=192.0.2.1"}.get(
        name, "192.0.2.1")
    connection = server.connect()
    request = ping()
    request.set(name, value)
    assert sign_in(connection, realm, request=request).status == 200
    # Nothing is remembered, for requests with the field or without it.
    assert ask(connection, ping(), **{name: value}).status == 401
    assert ask(connection, ping()).status == 401
    # A direct client's sign-in is not for what comes with the field.
    assert sign_in(connection, realm).status == 200
    assert ask(connection, ping(), **{name: value}).status == 401
    assert ask(connection, ping()).status == 200


def test_each_request_of_a_trusted_proxy_needs_a_token(realm, server):
    """Also if the proxy adds no field."""
    server.server = {**(server.server or {}), "trusted_proxies": "127.0.0.1"}
    assert "reload done" in server.reload()
    try:
        connection = server.connect()
        assert sign_in(connection, realm).status == 200
        assert ask(connection, ping()).status == 401
    finally:
        del server.server["trusted_proxies"]
        assert "reload done" in server.reload()


def test_another_token_replaces_the_sign_in(realm, server):
    connection = server.connect()
    assert sign_in(connection, realm, "ann").status == 200
    assert sign_in(connection, realm, "bob",
                   Request("create", "/other.bin")).status == 200
    server.log.wait([" created:", "user=bob"])
    for bad in (field(NTLM), "Negotiate !", field(b"\x60\x05nonsense")):
        assert sign_in(connection, realm).status == 200
        assert ask(connection, ping(), bad).status == 401
        assert ask(connection, ping()).status == 401


def test_a_replay_gets_its_answer(realm, server):
    """The client repeats a packet whose answer was lost."""
    token = field(realm.token(realm.sign_in("ann")))
    for _ in range(3):
        assert ask(server.connect(), ping(), token).status == 200


def test_a_session_belongs_to_the_principal(realm, server):
    ann, bob = server.connect(), server.connect()
    response = sign_in(ann, realm, "ann", Request("create", "/mine.bin"))
    identity = response.get("BITS-Session-Id")
    packet = fragment_request(identity, 0, 9, 10, "/mine.bin")
    assert sign_in(bob, realm, "bob", packet).status == 403


def test_a_sign_in_may_have_several_steps(realm, server):
    """The style of DCE has three legs, of which the third is ours to check."""
    import gssapi
    flags = (gssapi.RequirementFlag.mutual_authentication
             | gssapi.RequirementFlag.dce_style)
    cache = realm.sign_in("ann")
    for mech in (kerberos.KERBEROS, kerberos.SPNEGO):
        connection = server.connect()
        context = realm.client(cache, flags=flags, mech=mech)
        with realm.as_client():
            token = context.step()
        response = ask(connection, ping(), field(token))
        assert response.status == 401 and not response.closes()
        assert ask(server.connect(), ping()).status == 401
        with realm.as_client():
            token = context.step(token_of(response.get("WWW-Authenticate")))
        assert ask(connection, ping(), field(token)).status == 200
        assert ask(connection, ping()).status == 200


def test_the_steps_of_a_sign_in_need_one_connection(realm, server):
    import gssapi
    flags = (gssapi.RequirementFlag.mutual_authentication
             | gssapi.RequirementFlag.dce_style)
    context = realm.client(realm.sign_in("ann"), flags=flags)
    with realm.as_client():
        first = context.step()
    mark = len(server.log.lines)
    response = ask(server.connect(), ping(), field(first), Via="1.1 proxy")
    assert response.get("WWW-Authenticate") == "Negotiate"
    server.log.wait(["sign-in-failed", "one step only"], mark)
    response = ask(server.connect(), ping(), field(first))
    with realm.as_client():
        second = context.step(token_of(response.get("WWW-Authenticate")))
    response = ask(server.connect(), ping(), field(second))
    assert response.status == 401


# --- refusals ---


@pytest.mark.parametrize("token", [
    NTLM, spnego(NTLM_OID, NTLM),
    # With NEGOEX beside it, as newer versions of Windows offer.
    spnego(b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e" + NTLM_OID,
           NTLM)], ids=["alone", "in SPNEGO", "beside NEGOEX"])
def test_ntlm_is_refused_with_a_remedy_in_the_log(server, token):
    mark = len(server.log.lines)
    response = ask(server.connect(), ping(), field(token))
    assert response.status == 401
    assert response.get("WWW-Authenticate") == "Negotiate"
    line = server.log.wait(["sign-in-failed", "NTLM"], mark)
    assert "setspn" in line and "authscheme" in line


def test_ntlm_first_and_kerberos_behind_it_is_no_refusal(realm, server):
    """SPNEGO asks the client for a token of Kerberos."""
    krb5 = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
    response = ask(server.connect(), ping(),
                   field(spnego(NTLM_OID + krb5, NTLM)))
    assert response.status == 401
    assert token_of(response.get("WWW-Authenticate"))[0] == 0xa1


@pytest.mark.parametrize("value", [
    "Negotiate", "Negotiate ", "Negotiate !", "Negotiate A", "Negotiate ====",
    "Negotiate YA==", "Negotiate " + "A" * 4096,
    field(b"\x60"), field(b"\x60\x84\xff\xff\xff\xff"),
    field(der(0x60, b"\x06\x06\x2b\x06\x01\x05\x05\x02")),
    field(spnego(b"", b"")), field(spnego(NTLM_OID[:-1], b"x")),
    field(b"\xa1\x03\x0a\x01\x00"), field(b"\0" * 100),
    field(der(0x60, b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\0n"))],
                         ids=lambda value: f"{len(value)} bytes")
def test_garbage_is_refused(realm, server, value):
    connection = server.connect()
    assert ask(connection, ping(), value).status == 401
    assert sign_in(connection, realm).status == 200


def test_each_changed_byte_of_a_token_is_harmless(realm, server):
    """Whatever it becomes, the server answers and lives."""
    token = realm.token(realm.sign_in("ann"))
    connection = server.connect()
    for place in [*range(120), *range(120, len(token), 37)]:
        changed = bytearray(token)
        changed[place] ^= 0x41
        assert ask(connection, ping(), field(bytes(changed))).status in (
            200, 401)
        assert ask(connection, ping(),
                   field(token[:place + 1])).status == 401
    assert ask(connection, ping(), field(token)).status == 200


@pytest.mark.parametrize("size", [20000, 40000])
def test_a_huge_ticket_fits(realm, server, size):
    """Windows puts the groups of a user into the ticket."""
    connection = server.connect()
    mark = len(server.log.lines)
    assert ask(connection, ping(),
               field(spnego(b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02",
                            os.urandom(size)))).status == 401
    server.log.wait("sign-in-failed", mark)
    assert sign_in(connection, realm).status == 200


def test_a_ticket_of_another_service_is_refused(realm, server):
    realm.add("HTTP/other.example")
    mark = len(server.log.lines)
    token = realm.token(realm.sign_in("ann"), service="HTTP@other.example")
    assert ask(server.connect(), ping(), field(token)).status == 401
    server.log.wait(["sign-in-failed", "other.example"], mark)


def test_keys_of_other_services_do_not_count(realm):
    """A keytab of the machine often has them."""
    realm.add("host/localhost")
    both = realm.folder / "both.keytab"
    for name in ("host_localhost", "HTTP_localhost"):
        realm.run("ktutil", stdin=(
            f"rkt {realm.folder}/{name}.keytab\nwkt {both}\n").encode())
    both.chmod(0o600)
    with Server(realm, keytab=both) as server:
        token = realm.token(realm.sign_in("ann"), service="host@localhost")
        assert ask(server.connect(), ping(), field(token)).status == 401
        assert sign_in(server.connect(), realm).status == 200


def test_a_realm_that_is_not_named_is_refused(realm):
    with Server(realm, options={"realms": ["OTHER.EXAMPLE"]}) as server:
        response = sign_in(server.connect(), realm)
        assert response.status == 403
        line = server.log.wait("sign-in-failed")
        assert f"ann@{REALM}" in line and "realms" in line
        # A reload is in force for connections that have signed in.
        connection = server.connect()
        assert sign_in(connection, realm).status == 403
        server.uploads["/"]["realms"] = ["OTHER.EXAMPLE", REALM]
        assert "reload done" in server.reload()
        assert ask(connection, ping()).status == 200


def with_offset(cache, seconds):
    """A cache for a client whose clock is wrong by so many seconds."""
    data = cache.read_bytes()
    # The header of version 4: tag 1, the offset to the KDC's clock.
    assert data[:4] == b"\x05\x04\x00\x0c" and data[4:8] == b"\0\x01\0\x08"
    wrong = cache.with_name(cache.name + ".wrong")
    wrong.write_bytes(data[:8] + seconds.to_bytes(4, "big", signed=True)
                      + data[12:])
    return wrong


def test_a_clock_that_is_wrong_is_named_in_the_log(realm, server):
    cache = realm.sign_in("ann")
    realm.run("kvno", "HTTP/localhost", KRB5CCNAME=cache)
    mark = len(server.log.lines)
    token = realm.token(with_offset(cache, 1000))
    assert ask(server.connect(), ping(), field(token)).status == 401
    server.log.wait(["sign-in-failed", "Clock skew"], mark)


def test_an_expired_ticket_ends_the_sign_in(realm):
    """The ticket is valid for some seconds, the clock is not tolerant."""
    config = realm.write_config("strict.conf", "clockskew = 1")
    with Server(realm, config=config) as server:
        connection = server.connect()
        token = realm.token(realm.sign_in("ann", "-l", "3s"))
        assert ask(connection, ping(), field(token)).status == 200
        until(lambda: ask(connection, ping()).status == 401)
        mark = len(server.log.lines)
        assert ask(connection, ping(), field(token)).status == 401
        line = server.log.wait("sign-in-failed", mark)
        assert "expired" in line or "Clock skew" in line
        assert sign_in(connection, realm).status == 200


# --- many clients, and limits ---


def test_fifty_clients_sign_in_at_once(realm, server):
    token = field(realm.token(realm.sign_in("ann")))
    answers = []

    def run():
        connection = server.connect()
        for _ in range(5):
            answers.append(ask(connection, ping(), token).status)
            answers.append(ask(connection, ping()).status)

    threads = [threading.Thread(target=run) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)
    assert answers == [200] * 500


def test_clients_may_leave_while_their_token_is_checked(realm, server):
    token = field(realm.token(realm.sign_in("ann")))
    for _ in range(100):
        connection = server.connect()
        request = ping()
        request.set("Authorization", token)
        connection.send(request.data())
        connection.socket.close()
    assert ask(server.connect(), ping(), token).status == 200


def release(pipe, connection):
    """Lets the readers of the pipe go on, until there is an answer."""
    while not select.select([connection.socket], [], [], 0.05)[0]:
        with contextlib.suppress(OSError):
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


def test_checks_that_wait_have_a_limit_and_hold_up_no_others(realm, tmp_path):
    """A keytab on a disk that hangs, here a pipe that has no writer."""
    good = realm.folder / "HTTP_localhost.keytab"
    keytab, pipe, new = (tmp_path / n for n in ("keytab", "pipe", "new"))
    shutil.copy(good, keytab)
    token = field(realm.token(realm.sign_in("ann")))
    with Server(realm, keytab=keytab, server={
            "max_negotiate_checks": "3", "threads": "1"}) as server:
        os.mkfifo(pipe)
        os.link(pipe, new)
        os.replace(new, keytab)
        connections = [server.connect() for _ in range(4)]
        for connection in connections:
            request = ping()
            request.set("Authorization", token)
            connection.send(request.data())
        sockets = {c.socket: c for c in connections}
        ready, _, _ = select.select(list(sockets), [], [], PATIENCE)
        assert len(ready) == 1
        refused = sockets.pop(ready[0])
        response = refused.read_response()
        assert response.status == 503 and response.get("Retry-After") == "5"
        server.log.wait(["refused", "cause=TOO_MANY_TICKETS"])
        assert ask(server.connect(), ping()).status == 401
        # One client leaves; the others get their answer.
        left, *others = sockets.values()
        left.socket.close()
        shutil.copy(good, new)
        os.replace(new, keytab)
        for connection in others:
            release(pipe, connection)
            assert connection.read_response().status in (200, 401)
        assert sign_in(refused, realm).status == 200


# --- the keytab ---


def refusal(server):
    """What --test-config says, and a start."""
    server.write_config()
    done = subprocess.run(
        [binary(), "--test-config", "-c", server.config_path],
        env={**os.environ, **server.environment}, capture_output=True,
        text=True, timeout=PATIENCE, check=False)
    assert done.returncode != 0, done
    started = subprocess.run(
        [binary(), "-c", server.config_path],
        env={**os.environ, **server.environment}, capture_output=True,
        text=True, timeout=PATIENCE, check=False)
    assert started.returncode != 0
    return done.stderr, started.stderr


@pytest.fixture
def stopped(realm):
    server = Server(realm)
    yield server
    server.close()


def test_a_missing_keytab_is_an_error(realm, stopped):
    stopped.server["keytab"] = realm.folder / "none"
    for words in refusal(stopped):
        assert f"keytab {realm.folder}/none: cannot be opened" in words
        assert "make the keytab" in words


def test_a_keytab_that_others_can_read_is_an_error(realm, stopped):
    keytab = realm.folder / "open.keytab"
    shutil.copy(realm.folder / "HTTP_localhost.keytab", keytab)
    keytab.chmod(0o644)
    stopped.server["keytab"] = keytab
    for words in refusal(stopped):
        assert "has mode 0644" in words and "chmod 600" in words


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_keytab_without_a_key_for_http_is_an_error(realm, stopped, content):
    keytab = realm.folder / "ann.keytab"
    if content is not None:
        keytab = realm.folder / "broken.keytab"
        keytab.write_bytes(content)
        keytab.chmod(0o600)
    stopped.server["keytab"] = keytab
    for words in refusal(stopped):
        assert "has no key for HTTP" in words and "HTTP/HOST" in words


def test_options_that_are_missing_are_errors(stopped):
    del stopped.uploads["/"]["realms"]
    del stopped.server["keytab"]
    for words in refusal(stopped):
        assert "keytab is not set" in words and "realms is not set" in words


def test_a_reload_with_a_broken_keytab_changes_nothing(realm):
    with Server(realm) as server:
        good = server.server["keytab"]
        server.server["keytab"] = realm.folder / "none"
        assert "reload failed" in server.reload()
        assert sign_in(server.connect(), realm).status == 200
        server.server["keytab"] = good
        assert "reload done" in server.reload()
        assert sign_in(server.connect(), realm).status == 200


# --- TLS: tokens that are bound to the server's certificate ---


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def bound(realm, data):
    """A token that is bound to one end of TLS."""
    import gssapi.raw
    return field(realm.token(
        realm.sign_in("ann"), channel_bindings=gssapi.raw.ChannelBindings(
            application_data=data)))


def end_point(certificate):
    der_form = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    return b"tls-server-end-point:" + hashlib.sha256(der_form).digest()


def test_a_token_counts_at_the_server_that_it_is_bound_to(realm, keys):
    """Another server, to which a client sent it, cannot pass it on."""
    with Server(realm, server=overtls.options(keys)) as server:
        def answer(token):
            return ask(overtls.connect(server, keys), ping(), token).status

        assert answer(bound(realm, end_point(keys.server))) == 200
        mark = len(server.log.lines)
        assert answer(bound(realm, end_point(keys.other))) == 401
        server.log.wait(["sign-in-failed", "channel bindings"], mark)
        assert answer(bound(realm, b"tls-unique:" + bytes(12))) == 401
        # Not every client binds its token.
        assert answer(field(realm.token(realm.sign_in("ann")))) == 200
        # Without TLS there is nothing to compare.
    with Server(realm) as server:
        token = bound(realm, end_point(keys.other))
        assert ask(server.connect(), ping(), token).status == 200


def test_a_resumed_session_has_the_certificate_of_its_first(realm, keys):
    """Windows binds the token to the certificate that it saw."""
    token = bound(realm, end_point(keys.server))
    with Server(realm, server=overtls.options(keys)) as server:
        context = overtls.context(keys)
        first = Connection(server.address, tls=context)
        assert ask(first, ping(), token).status == 200
        session = first.socket.session
        server.server.update(overtls.options(keys, keys.other))
        assert "reload done" in server.reload()
        for reused in (True, True, False):
            connection = Connection(server.address)
            connection.socket = context.wrap_socket(
                connection.socket, session=session if reused else None)
            status = ask(connection, ping(), token).status
            assert connection.socket.session_reused == reused
            assert status == (200 if reused else 401)
            session = connection.socket.session


def test_a_certificate_without_a_digest_of_its_own_binds_nothing(realm, keys):
    """Ed25519: RFC 5929 does not define an end point for it."""
    certificate = keys.make("ed25519", "localhost", "IP:127.0.0.1",
                            key=("-newkey", "ed25519"))
    self_signed = keys.make("ed", "localhost", None,
                            key=("-newkey", "ed25519"))
    for made in (certificate, self_signed):
        with Server(realm, server=overtls.options(keys, made)) as server:
            context = overtls.context(keys)
            context.load_verify_locations(made)
            connection = Connection(server.address, tls=context)
            token = field(realm.token(realm.sign_in("ann")))
            assert ask(connection, ping(), token).status == 200
