"""Certificates of clients: who may connect, why others may not, and how the
files of authorities and revoked certificates change."""

import contextlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import passwords
from bits import Client
from bitsd import Bitsd, parse_address
from clientca import Authority
from injector import Injector
from overtls import context, options
from packets import Request
from talk import ask, create, expect, fragment
from tlskeys import Keys
from wire import PATIENCE, Connection

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
VERSIONS = [TLS_1_2, TLS_1_3]
PING = Request("ping", "/")
ACTIVATE = Path(__file__).parents[1] / "lib" / "activate.py"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


class World:
    """A root, an authority below it, and some clients of the latter."""

    def __init__(self, folder):
        self.root = Authority(folder, "Root")
        self.office = Authority(folder, "Office", self.root)
        self.foreign = Authority(folder, "Foreign")
        self.ann = self.office.issue("ann")
        self.bob = self.office.issue("bob")
        self.expired = self.office.issue("expired", days=(-30, -2))
        self.future = self.office.issue("future", days=(2, 30))
        self.server = self.office.issue("server", usage="server")
        self.plain = self.office.issue("plain", usage=None)
        self.stranger = self.foreign.issue("ann")
        self.direct = self.root.issue("direct")
        self.crls = [self.root.crl(), self.office.crl()]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("authorities"))


def certified(keys, world, **more):
    return Bitsd(server=options(keys, listen="127.0.0.1:0 tls certificate",
                                client_ca=world.root.path, **more))


@pytest.fixture
def bitsd(keys, world):
    with certified(keys, world) as server:
        yield server


def connect(bitsd, keys, certificate, newest=None):
    made = (certificate.context(keys, newest) if certificate
            else context(keys, newest=newest))
    return Connection(bitsd.address, tls=made)


def check_upload(bitsd, connection, path, total=100000):
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, total - 1, total, path), 200,
           next=total)
    expect(ask(connection, Request("close", path, identity)), 200)
    assert (bitsd.inbox / path[1:]).stat().st_size == total


def is_refused(bitsd, keys, certificate, words, newest=None):
    """In the handshake; a client of TLS 1.3 sees it at its first read."""
    mark = len(bitsd.log.lines)
    with pytest.raises((ssl.SSLError, OSError, AssertionError)):
        connection = connect(bitsd, keys, certificate, newest)
        ask(connection, PING)
    bitsd.log.wait([" tls: ", *words, "peer=127.0.0.1:"], mark)


def expect_cut(connection):
    """The next request gets no answer."""
    connection.send(PING.data())
    with contextlib.suppress(OSError):
        assert connection.socket.recv(1) == b""


def run(*command, stdin=b""):
    """What a command says on both streams."""
    done = subprocess.run(
        [*map(str, command)], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=2 * PATIENCE, check=False)
    return done.returncode, done.stdout.decode("latin-1")


def reload(bitsd, done="reload done"):
    bitsd.write_config()
    mark = len(bitsd.log.lines)
    bitsd.signal(signal.SIGHUP)
    bitsd.log.wait([" reload: ", done], mark)


# --- the handshake ----------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_of_the_authority_uploads(bitsd, keys, world, version):
    connection = connect(bitsd, keys, world.ann, version)
    assert connection.socket.version() == (
        "TLSv1.2" if version == TLS_1_2 else "TLSv1.3")
    check_upload(bitsd, connection, "/a.bin")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("who, words", [
    (None, ["the client sent no certificate"]),
    ("expired", ["the client's certificate has expired",
                 "subject CN=expired", "issuer CN=Office"]),
    ("future", ["is not valid yet", "subject CN=future"]),
    ("stranger", ["was not issued by an authority of client_ca",
                  "subject CN=ann", "issuer CN=Foreign"]),
    ("server", ["is not for clients", "clientAuth"])])
def test_why_a_client_is_refused(bitsd, keys, world, version, who, words):
    is_refused(bitsd, keys, who and getattr(world, who), words, version)


def test_a_certificate_without_a_purpose_is_for_clients_too(bitsd, keys,
                                                            world):
    expect(ask(connect(bitsd, keys, world.plain), PING), 200)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_revoked_client_is_refused(keys, tmp_path, version):
    root = Authority(tmp_path, "Root")
    good, bad = root.issue("good"), root.issue("bad")
    root.revoke(bad.own)
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.path, client_crl=root.crl())
    with Bitsd(server=settings) as bitsd:
        expect(ask(connect(bitsd, keys, good, version), PING), 200)
        is_refused(bitsd, keys, bad, ["was revoked", "subject CN=bad"],
                   version)


def test_files_in_the_form_of_windows(keys, tmp_path):
    """DER: certificates and CRLs."""
    root = Authority(tmp_path, "Root")
    good, bad = root.issue("good"), root.issue("bad")
    root.revoke(bad.own)
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.der(root.path, "x509"),
                       client_crl=root.der(root.crl(), "crl"))
    with Bitsd(server=settings) as bitsd:
        expect(ask(connect(bitsd, keys, good), PING), 200)
        is_refused(bitsd, keys, bad, ["was revoked"])


def test_an_authority_below_a_root_is_trusted_alone(keys, world):
    """Others of the same root are not."""
    with certified(keys, world) as bitsd:
        expect(ask(connect(bitsd, keys, world.direct), PING), 200)
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=world.office.path)
    with Bitsd(server=settings) as bitsd:
        expect(ask(connect(bitsd, keys, world.ann), PING), 200)
        is_refused(bitsd, keys, world.direct,
                   ["was not issued by an authority of client_ca"])


def test_the_server_names_its_authorities(bitsd, world):
    host, port = bitsd.address
    for version in ("-tls1_2", "-tls1_3"):
        _, text = run("openssl", "s_client", "-connect", f"{host}:{port}",
                      version)
        assert "Acceptable client certificate CA names\nCN = Root\n" in text


def test_a_client_that_renegotiates_is_refused(bitsd, keys, world):
    """Its certificate is asked for in the first handshake and never again."""
    host, port = bitsd.address
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2",
         "-CAfile", keys.ca, "-cert", world.ann.path, "-key", world.ann.key,
         "-cert_chain", world.ann.path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    with process:
        text = b""
        while b"\n---\n" not in text or b"Verify return code" not in text:
            text += process.stdout.read1()
        process.stdin.write(b"R\n")
        process.stdin.flush()
        text, _ = process.communicate(timeout=PATIENCE)
    assert b"no renegotiation" in text, text


@pytest.mark.parametrize("version", VERSIONS)
def test_a_listener_without_the_word_does_not_ask(keys, world, version):
    settings = options(keys, listen=["127.0.0.1:0 tls",
                                     "127.0.0.1:0 tls certificate"],
                       client_ca=world.root.path)
    with Bitsd(server=settings) as bitsd:
        host, port = bitsd.address
        _, text = run("openssl", "s_client", "-connect", f"{host}:{port}",
                      "-tls1_2" if version == TLS_1_2 else "-tls1_3")
        assert "No client certificate CA names sent" in text
        assert "Acceptable client certificate" not in text


def test_many_names_choose_a_certificate_and_all_require_one(keys, world):
    pairs = [keys.server, keys.other]
    with certified(keys, world, tls_cert=pairs,
                   tls_key=[keys.key(each) for each in pairs]) as bitsd:
        for who in (world.ann, world.stranger):
            made = who.context(keys)
            try:
                connection = Connection(bitsd.address, tls=made,
                                        name="elsewhere.example")
                status = ask(connection, PING).status
            except (OSError, AssertionError):
                status = None
            assert status == (200 if who is world.ann else None)


def test_a_big_chain(keys, tmp_path):
    """Larger than a record of TLS; beyond 100 KiB OpenSSL refuses it."""
    above = top = Authority(tmp_path, "Top")
    for i in range(8):
        above = Authority(tmp_path, f"Below{i}", above)
    names = ",".join(f"DNS:{'x' * 60}.{'y' * 60}{i}.example"
                     for i in range(150))
    client = above.issue("deep", san=names)
    assert client.path.stat().st_size > 25000
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=top.path)
    with Bitsd(server=settings) as bitsd:
        for version in VERSIONS:
            connection = connect(bitsd, keys, client, version)
            check_upload(bitsd, connection, f"/{version}.bin")
        huge = above.issue("huge", san=",".join(
            f"DNS:{'x' * 60}.{'y' * 60}{i}.example" for i in range(900)))
        is_refused(bitsd, keys, huge, ["excessive message size"])


# --- other clients ----------------------------------------------------------


def test_curl(bitsd, keys, world):
    url = f"https://127.0.0.1:{bitsd.address[1]}/"
    base = ("curl", "-sS", "--cacert", keys.ca, "-X", "BITS_POST", "-H",
            "BITS-Packet-Type: Ping", "-H", "Content-Length: 0", "-i")
    code, text = run(*base, "--cert", world.ann.path, "--key", world.ann.key,
                     url)
    assert code == 0 and text.startswith("HTTP/1.1 200"), text
    code, text = run(*base, url)
    assert code != 0 and "certificate required" in text, text


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_gnutls(bitsd, keys, world, version):
    host, port = bitsd.address
    base = ("gnutls-cli", "--x509cafile", keys.ca, "--no-ocsp",
            "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}",
            "--port", port, host)
    request = PING.data().replace(b"Keep-Alive", b"close")
    _, text = run(*base, "--x509certfile", world.ann.path, "--x509keyfile",
                  world.ann.key, stdin=request)
    assert "HTTP/1.1 200" in text, text
    _, text = run(*base, stdin=request)
    assert "HTTP/1.1" not in text, text
    bitsd.log.wait([" tls: ", "the client sent no certificate"])


def test_bits(bitsd, keys, world, tmp_path):
    with Client(tmp_path) as client:
        client.file("a", b"x" * 100000)
        url = f"https://127.0.0.1:{bitsd.address[1]}/"
        base = ("upload", "--cacert", keys.ca, "--retry-time", "0", "a", url)
        done = client.run(*base)
        assert done.code == 4, done
        assert "the server wants a client certificate" in done.err, done
        done = client.run(*base, "--cert", world.ann.path, "--key",
                          world.ann.key)
        assert done.code == 0, done
        assert (bitsd.inbox / "a").read_bytes() == b"x" * 100000


# --- resumption -------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_no_session_is_resumed(keys, world, version):
    """Not one of this listener, nor one of a listener that does not ask."""
    settings = options(keys, listen=["127.0.0.1:0 tls",
                                     "127.0.0.1:0 tls certificate"],
                       client_ca=world.root.path)
    with Bitsd(server=settings) as bitsd:
        addresses = [parse_address(each) for each in bitsd.addresses]
        made = world.ann.context(keys, version)
        for address, resumes in zip(addresses, (True, False)):
            first = Connection(address, tls=made)
            expect(ask(first, PING), 200)
            session = first.socket.session
            plain = socket.create_connection(address, PATIENCE)
            with made.wrap_socket(plain, session=session) as again:
                assert again.session_reused == resumes
        first = Connection(addresses[0], tls=made)
        expect(ask(first, PING), 200)
        plain = socket.create_connection(addresses[1], PATIENCE)
        with made.wrap_socket(plain, session=first.socket.session) as again:
            assert not again.session_reused


# --- changes of the files ---------------------------------------------------


def test_revocation_takes_effect_at_a_reload(keys, tmp_path):
    """For new connections, and for those that are open."""
    root = Authority(tmp_path, "Root")
    good, bad = root.issue("good"), root.issue("bad")
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.path, client_crl=root.crl())
    with Bitsd(server=settings) as bitsd:
        open_good, open_bad = (connect(bitsd, keys, who)
                               for who in (good, bad))
        for each in (open_good, open_bad):
            expect(ask(each, PING), 200)
        root.revoke(bad.own)
        root.crl()
        expect(ask(open_bad, PING), 200)
        reload(bitsd)
        expect(ask(open_good, PING), 200)
        expect_cut(open_bad)
        bitsd.log.wait([" tls: ", "was revoked", "subject CN=bad"])
        is_refused(bitsd, keys, bad, ["was revoked"])
        expect(ask(connect(bitsd, keys, good), PING), 200)


def test_an_authority_that_is_removed_admits_no_one_at_a_reload(keys, world):
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=[world.root.path, world.foreign.path])
    with Bitsd(server=settings) as bitsd:
        staying, leaving = (connect(bitsd, keys, who)
                            for who in (world.ann, world.stranger))
        for each in (staying, leaving):
            expect(ask(each, PING), 200)
        bitsd.server["client_ca"] = world.root.path
        reload(bitsd)
        expect(ask(staying, PING), 200)
        expect_cut(leaving)
        is_refused(bitsd, keys, world.stranger, ["client_ca"])


def test_a_certificate_may_expire_during_a_connection(keys, tmp_path):
    """Each is judged again every 10 minutes; here the list has expired."""
    root = Authority(tmp_path, "Root")
    ann = root.issue("ann")
    with Injector() as injector:
        settings = options(keys, listen="127.0.0.1:0 tls certificate",
                           client_ca=root.path, threads="1")
        bitsd = Bitsd(server=settings, environment=injector.environment)
        with bitsd:
            lasting = connect(bitsd, keys, ann)
            expect(ask(lasting, PING), 200)
            injector.inject(f"clock wall lie {100 * 86400}")
            expect(ask(lasting, PING), 200)
            injector.inject("clock boot lie 601")
            expect_cut(lasting)
            bitsd.log.wait([" tls: ", "has expired", "subject CN=ann"])
            injector.clear()


@pytest.mark.parametrize("option, content, words", [
    ("client_ca", "", "has no certificate of an authority"),
    ("client_ca", "-----BEGIN CERTIFICATE-----\nAAAA\n"
     "-----END CERTIFICATE-----\n", "cannot be read"),
    ("client_ca", "leaf", "not of an authority"),
    ("client_ca", None, "cannot be opened: No such file"),
    ("client_crl", "", "has no CRL"),
    ("client_crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
     "cannot be read"),
    ("client_crl", "0\x82", "cannot be read"),
    ("client_crl", None, "cannot be opened: No such file")])
def test_a_bad_file_leaves_the_old_ones_in_force(keys, tmp_path, option,
                                                 content, words):
    root = Authority(tmp_path, "Root")
    ann, bad = root.issue("ann"), root.issue("bad")
    root.revoke(bad.own)
    root.crl()
    (tmp_path / "home").mkdir()
    files = {"client_ca": root.path, "client_crl": root.folder / "crl.pem"}
    settings = options(keys, listen="127.0.0.1:0 tls certificate", **files)
    with Bitsd(server=settings, home=tmp_path / "home") as bitsd:
        path = tmp_path / "file"
        if content == "leaf":
            content = ann.own.read_text()
        if content is not None:
            path.write_bytes(content.encode("latin-1"))
        bitsd.server[option] = path
        mark = len(bitsd.log.lines)
        reload(bitsd, "except for the certificates")
        bitsd.log.wait(["error", "certificate: ", f"{option} {path}", words,
                        "stay as they were"], mark)
        expect(ask(connect(bitsd, keys, ann), PING), 200)
        is_refused(bitsd, keys, bad, ["was revoked"])
        # At a start there are no old ones.
        bitsd.stop()
        bitsd.start(wait=False)
        bitsd.log.wait(["start-failed", "a certificate cannot be used"])
        bitsd.wait_stopped(1)


def test_crls_are_on_the_safe_side(keys, world, tmp_path):
    """Each authority of the chain below the trusted one needs its list."""
    bitsd = certified(keys, world, client_crl=world.crls[0])
    with bitsd:
        is_refused(bitsd, keys, world.ann,
                   ["client_crl has no CRL of its issuer", "CN=ann"])
        bitsd.server["client_crl"] = world.crls
        reload(bitsd)
        expect(ask(connect(bitsd, keys, world.ann), PING), 200)
        mark = len(bitsd.log.lines)
        expired = world.office.crl(days=(-30, -2), name="old.pem")
        bitsd.server["client_crl"] = [world.crls[0], expired]
        reload(bitsd)
        bitsd.log.wait(["warning", f"client_crl {expired}", "has expired",
                        "refuses all clients"], mark)
        is_refused(bitsd, keys, world.ann,
                   ["the CRL of its issuer has expired"])


def test_a_list_of_another_authority_with_its_name_is_not_believed(keys,
                                                                   tmp_path):
    root = Authority(tmp_path, "Root")
    ann = root.issue("ann")
    (tmp_path / "other").mkdir()
    fake = Authority(tmp_path / "other", "Root")
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.path, client_crl=fake.crl())
    with Bitsd(server=settings) as bitsd:
        is_refused(bitsd, keys, ann, ["cannot be checked", "CRL"])


def test_a_revoked_authority_is_not_trusted(keys, tmp_path):
    """Even if client_ca has it, or the client sends it."""
    root = Authority(tmp_path, "Root")
    office = Authority(tmp_path, "Office", root)
    ann, direct = office.issue("ann"), root.issue("direct")
    root.revoke(office.path)
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=[root.path, office.path],
                       client_crl=[root.crl(), office.crl()])
    with Bitsd(server=settings) as bitsd:
        bitsd.log.wait(["warning", f"client_ca {office.path}",
                        "client_crl revokes"])
        is_refused(bitsd, keys, ann, ["was revoked", "CN=Office"])
        expect(ask(connect(bitsd, keys, direct), PING), 200)


def test_authorities_and_lists_that_end_soon_are_warned_of(keys, tmp_path):
    root = Authority(tmp_path, "Root", days=(-1, 20.5))
    soon = root.crl(days=(-9, 1), name="soon.pem")
    fresh = root.crl(days=(-1, 6), name="fresh.pem")
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.path, client_crl=[soon, fresh])
    with Bitsd(server=settings) as bitsd:
        bitsd.log.wait(["warning", "conf:", f"client_ca {root.path}",
                        "expires on", "in 20 days"])
        bitsd.log.wait(["warning", f"client_crl {soon}", "expires on"])
        assert not bitsd.log.find(str(fresh))


def test_files_change_under_load(keys, tmp_path):
    """Not one upload of a client fails that is admitted before and after."""
    root, other = Authority(tmp_path, "Root"), Authority(tmp_path, "Other")
    who = [root.issue("ann"), root.issue("bob")]
    failures, stop = [], threading.Event()
    settings = options(keys, listen="127.0.0.1:0 tls certificate",
                       client_ca=root.path, client_crl=root.crl())

    def work(bitsd, number):
        count = 0
        try:
            lasting = connect(bitsd, keys, who[number])
            while not stop.is_set():
                for kind, connection in (
                        ("old", lasting),
                        ("new", connect(bitsd, keys, who[number]))):
                    check_upload(bitsd, connection,
                                 f"/{number}-{count}-{kind}.bin")
                count += 1
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    with Bitsd(server=settings) as bitsd:
        threads = [threading.Thread(target=work, args=(bitsd, number))
                   for number in range(2)]
        for thread in threads:
            thread.start()
        for i in range(10):
            root.crl()
            bitsd.server["client_ca"] = ([root.path, other.path], root.path)[
                i % 2]
            bitsd.server["client_crl"] = (
                [root.folder / "crl.pem", other.crl()],
                root.folder / "crl.pem")[i % 2]
            reload(bitsd)
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures


# --- users ------------------------------------------------------------------


LISTENERS = ["127.0.0.1:0", "127.0.0.1:0 tls", "127.0.0.1:0 tls certificate"]


@contextlib.contextmanager
def with_users(keys, world, **upload):
    """Listeners without TLS, with TLS and with certificates, in this order."""
    upload.setdefault("access", "certificate")
    with Bitsd(server=options(keys, listen=LISTENERS,
                              client_ca=world.root.path),
               uploads={"/": upload}) as bitsd:
        yield bitsd, [parse_address(each) for each in bitsd.addresses]


def as_client(address, keys, certificate):
    return Connection(address, tls=certificate.context(keys))


def test_a_session_belongs_to_the_user_of_the_certificate(keys, world):
    with with_users(keys, world) as (bitsd, addresses):
        ann, bob = (as_client(addresses[2], keys, who)
                    for who in (world.ann, world.bob))
        identity = create(ann, "/a.bin")
        bitsd.log.wait(["created", "/a.bin", "user=ann"])
        assert fragment(bob, identity, 0, 9, 10).status == 403
        # Another connection, and a renewed certificate, are the same user.
        again = as_client(addresses[2], keys, world.office.issue(
            "renewed", subject="/CN=ann"))
        expect(fragment(again, identity, 0, 9, 10), 200, next=10)
        assert (bitsd.inbox / "a.bin").stat().st_size == 10


def test_a_listener_without_certificates_names_the_other_one(keys, world):
    with with_users(keys, world) as (bitsd, addresses):
        plain = Connection(addresses[0])
        secure = Connection(addresses[1], tls=context(keys))
        for connection in (plain, secure):
            response = ask(connection, PING)
            assert response.status == 403
            assert "WWW-Authenticate" not in str(response)
            assert ("use the port of listen = ADDRESS:PORT tls certificate"
                    in response.get("BITS-Error-Text"))
        bitsd.log.wait(["refused", "CERTIFICATE_MISSING"])
        # A certificate that the server does not ask for does not count.
        shown = as_client(addresses[1], keys, world.ann)
        assert ask(shown, PING).status == 403


def test_with_anonymous_only_the_other_listeners_are_anonymous(keys, world):
    with with_users(keys, world, access=["anonymous", "certificate"]) as (
            bitsd, addresses):
        create(Connection(addresses[0]), "/plain.bin")
        line = bitsd.log.wait(["created", "/plain.bin"])
        assert "user=" not in line
        create(as_client(addresses[2], keys, world.ann), "/ann.bin")
        bitsd.log.wait(["created", "/ann.bin", "user=ann"])


def test_with_passwords_a_certificate_comes_first(keys, world, tmp_path):
    path = tmp_path / "passwords"
    passwords.write(path, {"carl": "secret"})
    with with_users(keys, world, access=["basic", "certificate"],
                    password_file=path) as (bitsd, addresses):
        secure = Connection(addresses[1], tls=context(keys))
        secure.send(PING.data())
        response = secure.read_response()
        assert response.status == 401
        assert response.get("WWW-Authenticate") == passwords.CHALLENGE
        passwords.create_as(secure, "/carl.bin", "carl", "secret")
        bitsd.log.wait(["created", "/carl.bin", "user=carl"])
        passwords.create_as(as_client(addresses[2], keys, world.ann),
                            "/ann.bin", "carl", "secret")
        bitsd.log.wait(["created", "/ann.bin", "user=ann"])


def test_a_section_may_want_a_password_besides_the_certificate(keys, world,
                                                               tmp_path):
    """The listener requires the certificate, the section the password."""
    path = tmp_path / "passwords"
    passwords.write(path, {"carl": "secret"})
    settings = options(keys, listen=LISTENERS[2], client_ca=world.root.path)
    with Bitsd(server=settings, uploads={"/": {
            "access": "basic", "password_file": path}}) as bitsd:
        connection = connect(bitsd, keys, world.ann)
        connection.send(PING.data())
        assert connection.read_response().status == 401
        passwords.create_as(connection, "/a.bin", "carl", "secret")
        bitsd.log.wait(["created", "/a.bin", "user=carl"])


@pytest.mark.parametrize("where, user", [
    ("subject-cn", "PC7"), ("san-dns", "pc7.example"),
    ("san-email", "Pc7@Example"), ("san-upn", "pc7@corp.example")])
def test_where_the_name_is(keys, world, where, user):
    machine = world.office.issue(f"pc7-{where}", subject="/O=x/CN=PC7", san=(
        "DNS:PC7.example,email:Pc7@Example,"
        "otherName:msUPN;UTF8:PC7@corp.example"))
    with with_users(keys, world, certificate_user=where) as (
            bitsd, addresses):
        create(as_client(addresses[2], keys, machine), "/a.bin")
        bitsd.log.wait(["created", "/a.bin", f"user={user}"])


@pytest.mark.parametrize("where, subject, san, words", [
    ("subject-cn", "/O=x", None, "no common name"),
    ("subject-cn", "/CN=ann/CN=bob", None, "more than one common name"),
    ("subject-cn", "/CN=ann\x01", None, "control character"),
    ("san-dns", "/CN=ann", None, "no DNS name"),
    ("san-dns", "/CN=ann", "DNS:a.example,DNS:b.example", "more than one")])
def test_names_that_are_refused(keys, world, where, subject, san, words):
    name = f"odd-{hash((where, subject, san, words)) & 0xffffff}"
    odd = world.office.issue(name, subject=subject, san=san)
    with with_users(keys, world, certificate_user=where) as (
            bitsd, addresses):
        response = ask(as_client(addresses[2], keys, odd),
                       Request("create", "/a.bin"))
        assert response.status == 403
        assert "certificate_user" in response.get("BITS-Error-Text")
        bitsd.log.wait([" certificate-name: ", words, "peer=127.0.0.1:"])
        bitsd.log.wait(["refused", "CERTIFICATE_UNNAMED"])


# --- listeners and configuration --------------------------------------------


def test_systemd_hands_over_a_socket_that_requires_certificates(keys, world,
                                                                tmp_path):
    """FileDescriptorName=tls-certificate in the .socket unit."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        wrapper = [sys.executable, str(ACTIVATE), str(one.fileno())]
        more = {"wrapper": wrapper, "descriptors": (one.fileno(),),
                "environment": {"LISTEN_FDNAMES": "tls-certificate"}}
        settings = options(keys, client_ca=world.root.path)
        with Bitsd(server=settings, **more) as bitsd:
            expect(ask(connect(bitsd, keys, world.ann), PING), 200)
            is_refused(bitsd, keys, None, ["sent no certificate"])
        bitsd = Bitsd(server=options(keys), home=tmp_path, **more)
        bitsd.start(wait=False)
        bitsd.log.wait(["start-failed", "tls-certificate", "client_ca"])
        bitsd.wait_stopped(1)


@pytest.mark.parametrize("server, words", [
    ({"listen": "127.0.0.1:0 tls certificate"}, ["client_ca"]),
    ({"client_crl": "/x"}, ["client_crl is set", "client_ca is not"]),
    ({"listen": "127.0.0.1:0 certificate"}, ["tls certificate"]),
    ({"listen": "unix:/x tls certificate"}, ["unix socket", "TLS"])])
def test_contradictions_have_file_and_line(keys, tmp_path, server, words):
    bitsd = Bitsd(server={**options(keys), **server}, home=tmp_path)
    bitsd.start(wait=False)
    bitsd.log.wait([f"{bitsd.config_path}:", *words])
    bitsd.wait_stopped(1)


def test_a_prefix_that_no_listener_serves_is_an_error(keys, world, tmp_path):
    """At a start, at a reload and in --test-config, with file and line."""
    bitsd = Bitsd(server=options(keys, client_ca=world.root.path),
                  uploads={"/": {"access": "certificate"}}, home=tmp_path)
    bitsd.start(wait=False)
    bitsd.log.wait([f"{bitsd.config_path}:", "access has certificate",
                    "no listener requires one", "tls certificate"])
    bitsd.wait_stopped(1)
    code, text = run(*bitsd.command(), "--test-config")
    assert code == 1 and "no listener requires one" in text, text
    bitsd.uploads["/"]["access"] = "anonymous"
    bitsd.start()
    bitsd.uploads["/"]["access"] = "certificate"
    # The new address is not in force: the listeners themselves decide.
    bitsd.server["listen"] = "127.0.0.1:0 tls certificate"
    reload(bitsd, "reload failed")
    bitsd.log.wait([f"{bitsd.config_path}:", "no listener requires one"])
    expect(ask(connect(bitsd, keys, None), PING), 200)
    bitsd.close()
