"""TLS: versions, ciphers, certificates, handshakes and records, with OpenSSL,
GnuTLS, curl, Python and bits as clients."""

import contextlib
import resource
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bits import Client
from bitsd import Bitsd, Died, binary
from cutting import Line
from injector import Injector
from overtls import (Dribble, both, connect, context, options, peer,
                     tls_bitsd)
from packets import Request, check_ack, pattern
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)
from tlskeys import Keys
from watched import is_watched
from wire import PATIENCE, Connection

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
MIB = 1 << 20
PING = Request("ping", "/")
ACTIVATE = Path(__file__).parents[1] / "lib" / "activate.py"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def bitsd(keys):
    with tls_bitsd(keys) as server:
        yield server


@pytest.fixture
def client(tmp_path):
    with Client(tmp_path) as client:
        yield client


def run(*command, stdin=b"", code=0):
    """What a command says on both streams."""
    done = subprocess.run(
        [*map(str, command)], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=2 * PATIENCE, check=False)
    text = done.stdout.decode("latin-1")
    assert code is None or done.returncode == code, text
    return text


def upload(connection, path="/a.bin", total=100000):
    """A file in one fragment."""
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, total - 1, total, path), 200,
           next=total)
    expect(ask(connection, Request("close", path, identity)), 200)


def check_upload(bitsd, connection, path="/a.bin", total=100000):
    upload(connection, path, total)
    assert (bitsd.inbox / path[1:]).read_bytes() == pattern("S", 0, total)


def reload(bitsd):
    """Waits until the reload is over."""
    bitsd.write_config()
    mark = len(bitsd.log.lines)
    bitsd.signal(signal.SIGHUP)
    bitsd.log.wait("reload done", mark)


# --- listeners --------------------------------------------------------------


def test_plain_and_tls_listeners_side_by_side(keys):
    with tls_bitsd(keys, listen=["127.0.0.1:0", "127.0.0.1:0 tls"]) as bitsd:
        plain, secure = both(bitsd)
        bitsd.log.wait(["start: ", f"https://127.0.0.1:{secure[1]}/",
                        f"http://127.0.0.1:{plain[1]}/"])
        check_upload(bitsd, Connection(plain), "/plain.bin")
        check_upload(bitsd, Connection(secure, tls=context(keys)),
                     "/secure.bin")


def test_systemd_hands_over_a_socket_for_tls(keys, tmp_path):
    """FileDescriptorName=tls in the .socket unit."""
    with socket.create_server(("127.0.0.1", 0)) as one, \
            socket.create_server(("127.0.0.1", 0)) as two:
        numbers = (one.fileno(), two.fileno())
        wrapper = [sys.executable, str(ACTIVATE), ",".join(map(str, numbers))]
        more = {"wrapper": wrapper, "descriptors": numbers,
                "environment": {"LISTEN_FDNAMES": "http:tls"}}
        with Bitsd(server=options(keys), **more) as bitsd:
            plain, secure = both(bitsd)
            assert plain == one.getsockname() and secure == two.getsockname()
            check_upload(bitsd, Connection(secure, tls=context(keys)))
        bitsd = Bitsd(server={}, home=tmp_path, **more)
        bitsd.start(wait=False)
        bitsd.log.wait(["start-failed", "named tls", "tls_cert"])
        bitsd.wait_stopped(1)


# --- what is agreed on ------------------------------------------------------


@pytest.mark.parametrize("version, name", [(TLS_1_2, "TLSv1.2"),
                                           (TLS_1_3, "TLSv1.3")])
def test_both_versions_are_spoken(bitsd, keys, version, name):
    connection = connect(bitsd, keys, newest=version, oldest=version)
    assert connection.socket.version() == name
    assert connection.socket.compression() is None
    assert connection.socket.selected_alpn_protocol() == "http/1.1"
    check_upload(bitsd, connection, total=MIB)


def test_a_minimum_version(keys):
    with tls_bitsd(keys, tls_min_version="1.3") as bitsd:
        with pytest.raises(ssl.SSLError):
            connect(bitsd, keys, newest=TLS_1_2)
        bitsd.log.wait([" tls: ", "tls_min_version", "peer=127.0.0.1:"])
        check_upload(bitsd, connect(bitsd, keys))
        bitsd.server["tls_min_version"] = "1.2"
        reload(bitsd)
        check_upload(bitsd, connect(bitsd, keys, newest=TLS_1_2), "/b.bin")


def test_versions_before_1_2_are_refused(bitsd):
    host, port = bitsd.address
    text = run("openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_1",
               "-cipher", "ALL:@SECLEVEL=0", code=1)
    assert "alert protocol version" in text, text
    bitsd.log.wait([" tls: ", "tls_min_version"])


def test_ciphers(keys):
    with tls_bitsd(keys, tls_ciphers="TLS_CHACHA20_POLY1305_SHA256:"
                   "ECDHE-ECDSA-AES256-GCM-SHA384") as bitsd:
        assert connect(bitsd, keys, newest=TLS_1_2).socket.cipher()[0] == (
            "ECDHE-ECDSA-AES256-GCM-SHA384")
        assert connect(bitsd, keys).socket.cipher()[0] == (
            "TLS_CHACHA20_POLY1305_SHA256")
        other = context(keys, newest=TLS_1_2)
        other.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
        with pytest.raises(ssl.SSLError):
            Connection(bitsd.address, tls=other)
        bitsd.log.wait([" tls: ", "tls_ciphers", "peer=127.0.0.1:"])


@pytest.mark.parametrize("protocols, agreed", [
    ((), None), (("h2", "http/1.1"), "http/1.1"), (("h2",), False)])
def test_the_protocol_above_is_http_1_1(bitsd, keys, protocols, agreed):
    if agreed is False:
        with pytest.raises(ssl.SSLError, match="no application protocol"):
            connect(bitsd, keys, protocols=protocols)
        bitsd.log.wait([" tls: ", "without http/1.1"])
        return
    connection = connect(bitsd, keys, protocols=protocols)
    assert connection.socket.selected_alpn_protocol() == agreed
    expect(ask(connection, PING), 200)


def test_a_client_cannot_renegotiate(bitsd, keys):
    host, port = bitsd.address
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2",
         "-CAfile", keys.ca], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    with process:
        text = b""
        while b"\n---\n" not in text or b"Verify return code" not in text:
            text += process.stdout.read1()
        process.stdin.write(b"R\n")
        process.stdin.flush()
        text, _ = process.communicate(timeout=PATIENCE)
    assert b"no renegotiation" in text, text


def test_no_data_before_the_handshake(bitsd, keys, tmp_path):
    host, port = bitsd.address
    saved = tmp_path / "session"
    base = ("openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_3",
            "-CAfile", keys.ca)
    request = PING.data().replace(b"Keep-Alive", b"close")
    run(*base, "-sess_out", saved, "-ign_eof", stdin=request)
    text = run("openssl", "sess_id", "-in", saved, "-noout", "-text")
    assert "Max Early Data: 0" in text, text


# --- session tickets --------------------------------------------------------


def session_of(connection):
    """Its ticket; that of TLS 1.3 comes with the first answer."""
    expect(ask(connection, PING), 200)
    return connection.socket.session


def resumes(bitsd, keys, made, session):
    """Whether a session is taken up again."""
    plain = socket.create_connection(bitsd.address, PATIENCE)
    with made.wrap_socket(plain, session=session) as resumed:
        return resumed.session_reused


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_ticket_survives_a_reload(bitsd, keys, version):
    made = context(keys, newest=version)
    connection = Connection(bitsd.address, tls=made)
    session = session_of(connection)
    reload(bitsd)
    assert resumes(bitsd, keys, made, session)
    assert not resumes(bitsd, keys, made, None)


def test_keys_of_tickets_rotate(keys):
    """A ticket of the key before the newest one is good; older ones are not.
    The client's clock stands still, so that it offers all of them."""
    with Injector() as injector:
        bitsd = Bitsd(server=options(keys, threads="1"),
                      environment=injector.environment)
        with bitsd:
            made = context(keys, newest=TLS_1_2)
            first = session_of(Connection(bitsd.address, tls=made))
            news = []
            assert not keys_changed(bitsd, keys, made, first, news)
            injector.inject(f"clock boot lie {7 * 3600}")
            until(lambda: keys_changed(bitsd, keys, made, first, news))
            assert resumes(bitsd, keys, made, news[-1])
            injector.inject(f"clock boot lie {7 * 3600}")
            until(lambda: not resumes(bitsd, keys, made, first))
            assert resumes(bitsd, keys, made, news[-1])
            injector.clear()


def keys_changed(bitsd, keys, made, old, news):
    """bitsd resumes an old ticket, and gives a new one for it."""
    plain = socket.create_connection(bitsd.address, PATIENCE)
    with made.wrap_socket(plain, session=old) as resumed:
        assert resumed.session_reused
        if resumed.session.id != old.id or resumed.session.time != old.time:
            news.append(resumed.session)
        return bool(news)


# --- the handshake ----------------------------------------------------------


def hello(bitsd, keys):
    """The first record of a client."""
    client = Dribble(bitsd.address, keys)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.tls.do_handshake()
    client.close()
    return client.pending()


def test_a_handshake_may_come_byte_by_byte(bitsd, keys):
    client = Dribble(bitsd.address, keys)

    def dribble(data):
        for i in range(len(data)):
            client.socket.sendall(data[i:i + 1])

    client.shake_hands(dribble)
    dribble(client.encrypt(PING.data()))
    assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    client.close()


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_handshake_has_header_timeout(keys, size):
    """However the bytes of it are spread."""
    with Injector() as injector:
        more = {"threads": "1", "header_timeout": "50m", "idle_timeout": "100d"}
        bitsd = Bitsd(server=options(keys, **more),
                      environment=injector.environment)
        with bitsd:
            first = hello(bitsd, keys)
            slow = socket.create_connection(bitsd.address, PATIENCE)
            quick = Dribble(bitsd.address, keys)
            slow.sendall(first[:size])
            expect(ask(connect(bitsd, keys), PING), 200)
            injector.inject("clock timers lie 1800")
            slow.sendall(first[size:size + 1])
            quick.shake_hands()
            expect(ask(connect(bitsd, keys), PING), 200)
            injector.inject("clock timers lie 1800")
            expect(ask(connect(bitsd, keys), PING), 200)
            bitsd.log.wait([" tls: ", "header_timeout", "peer=127.0.0.1:"])
            assert slow.recv(1) == b""
            quick.socket.sendall(quick.encrypt(PING.data()))
            assert quick.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
            injector.clear()


def test_ten_thousand_half_open_handshakes(keys):
    count = 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 1000:
        pytest.skip(f"needs {count} descriptors, may have {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with tls_bitsd(keys, max_connections=str(count + 100),
                       header_timeout="1h") as bitsd:
            first = hello(bitsd, keys)
            half_open = []
            for i in range(count):
                plain = socket.create_connection(bitsd.address, PATIENCE)
                # None, one, some or all but one of its bytes.
                plain.sendall(first[:(0, 1, 50, len(first) - 1)[i % 4]])
                half_open.append(plain)
            check_upload(bitsd, connect(bitsd, keys), total=4 * MIB)
            # All are still open: none has been closed to make room.
            assert not select_readable(half_open)
            for plain in half_open:
                plain.close()
            check_upload(bitsd, connect(bitsd, keys), "/b.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def select_readable(sockets):
    poll = select.poll()
    for each in sockets:
        poll.register(each, select.POLLIN)
    return poll.poll(0)


def test_a_client_that_leaves_during_the_handshake_is_logged(bitsd, keys):
    first = hello(bitsd, keys)
    plain = socket.create_connection(bitsd.address, PATIENCE)
    plain.sendall(first[:50])
    plain.shutdown(socket.SHUT_WR)
    port = plain.getsockname()[1]
    bitsd.log.wait([" tls: ", "closed the connection during the handshake",
                    f"peer=127.0.0.1:{port}"])
    while plain.recv(100):
        pass  # an alert


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_client_that_distrusts_the_certificate_is_logged(bitsd, keys,
                                                           version):
    distrust = ssl.create_default_context()
    distrust.check_hostname = False
    distrust.maximum_version = version
    with pytest.raises(ssl.SSLCertVerificationError):
        Connection(bitsd.address, tls=distrust)
    bitsd.log.wait([" tls: ", "rejects the certificate", "authority"])


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_reset_does_not_hide_why_a_client_leaves(bitsd, keys, version):
    """As Python resets: its alert, and more of the server's bytes unread."""
    for _ in range(20):
        distrust = ssl.create_default_context()
        distrust.check_hostname = False
        distrust.maximum_version = version
        client = Dribble(bitsd.address, keys, made=distrust)
        port = client.socket.getsockname()[1]
        with pytest.raises(ssl.SSLCertVerificationError):
            client.shake_hands()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 b"\1\0\0\0\0\0\0\0")
        client.socket.sendall(client.pending())
        client.close()
        bitsd.log.wait([" tls: ", "rejects the certificate",
                        f"peer=127.0.0.1:{port}"], patience=5)
        if len(bitsd.log.find(" tls: ")) >= 18:
            break


def test_broken_handshakes_do_not_flood_the_log(keys):
    with tls_bitsd(keys, threads="1") as bitsd:
        for _ in range(100):
            plain = socket.create_connection(bitsd.address, PATIENCE)
            plain.sendall(b"\x80no TLS\r\n")
            with contextlib.suppress(ConnectionError):
                while plain.recv(100):
                    pass
        expect(ask(connect(bitsd, keys), PING), 200)
        assert len(bitsd.log.find(" tls: ")) == 20


# --- the wrong protocol -----------------------------------------------------


@pytest.mark.parametrize("method", ["BITS_POST", "GET", "POST", "HEAD"])
def test_plain_http_on_a_tls_port_is_answered(bitsd, method):
    host, port = bitsd.address
    text = run("curl", "-sS", "-i", "--max-time", PATIENCE,
               *(("-I",) if method == "HEAD" else ("-X", method)),
               f"http://{host}:{port}/a.bin")
    assert text.startswith("HTTP/1.1 400 Bad Request\r\n"), text
    assert "Connection: close" in text
    if method != "HEAD":
        assert text.endswith("This port speaks TLS: use https:// in the "
                             "URL.\n"), text
    bitsd.log.wait(["bad-request", "https://", "status=400", "peer="])


def test_a_body_in_plain_http_does_not_destroy_the_answer(bitsd):
    """The server reads on until the client has its answer."""
    connection = bitsd.connect()
    request = fragment_request("{0}", 0, 4 * MIB - 1, 4 * MIB)
    sender = threading.Thread(target=connection.send, args=(request.data(),))
    sender.start()
    response = connection.read_response()
    sender.join()
    assert response.status == 400 and b"https://" in response.body


def test_bits_says_that_the_url_needs_https(bitsd, client):
    client.file("a", b"x")
    host, port = bitsd.address
    done = client.run("upload", "--retry-time", "0", "a",
                      f"http://{host}:{port}/")
    assert done.code == 1, done
    assert "https://" in done.err, done
    assert not done.out


def test_tls_on_a_plain_port_is_explained_in_the_log(keys):
    with Bitsd() as bitsd:
        with pytest.raises(ssl.SSLError):
            connect(bitsd, keys)
        bitsd.log.wait(["bad-request", "the client speaks TLS", "http://"])


# --- records ----------------------------------------------------------------


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("size", [1, 5, 1000, 16400])
def test_records_may_be_split_anywhere(bitsd, keys, version, size):
    client = Dribble(bitsd.address, keys, newest=version)
    client.shake_hands()
    client.socket.sendall(client.encrypt(Request("create", "/a.bin").data()))
    head = client.read_to(b"\r\n\r\n").decode()
    identity = head.split("BITS-Session-Id: ")[1].split("\r\n")[0]
    total = 2000 if size == 1 else 100000
    data = client.encrypt(
        fragment_request(identity, 0, total - 1, total).data())
    for i in range(0, len(data), size):
        client.socket.sendall(data[i:i + size])
    assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, total)
    client.close()


def test_many_packets_in_one_record(bitsd, keys):
    connection = connect(bitsd, keys)
    connection.send(PING.data() * 20)
    for _ in range(20):
        expect(answer(connection, PING), 200)


def halves(client, identity, total=60000):
    """A fragment in records of about 15 000 bytes."""
    request = fragment_request(identity, 0, total - 1, total)
    records = [client.encrypt(request.head())]
    records += [client.encrypt(request.body[i:i + 15000])
                for i in range(0, total, 15000)]
    return records


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_whole_records_of_a_cut_fragment_are_kept(bitsd, keys, how):
    """A record counts when it is whole: that it was not changed is known only
    then."""
    identity = create(connect(bitsd, keys))
    client = Dribble(bitsd.address, keys)
    client.shake_hands()
    records = halves(client, identity)
    client.socket.sendall(b"".join(records[:3]) + records[3][:7000])
    other = connect(bitsd, keys)
    until(lambda: stored(other, identity) == 30000)
    if how == "rst":
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 b"\1\0\0\0\0\0\0\0")
    client.close()
    assert stored(other, identity) == 30000
    expect(fragment(other, identity, 30000, 59999, 60000), 200, next=60000)
    assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 60000)


def stored(connection, identity, total=60000):
    response = fragment(connection, identity, total - 1, total - 1, total)
    return int(response.get("BITS-Received-Content-Range"))


def test_a_changed_record_ends_the_connection(bitsd, keys):
    identity = create(connect(bitsd, keys))
    client = Dribble(bitsd.address, keys)
    client.shake_hands()
    records = halves(client, identity)
    changed = bytearray(records[3])
    changed[5000] ^= 1
    client.socket.sendall(b"".join(records[:3]) + changed)
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
        client.read()
    bitsd.log.wait([" tls: ", "bad record mac", "peer=127.0.0.1:"])
    assert stored(connect(bitsd, keys), identity) == 30000


# --- the end of a connection ------------------------------------------------


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_the_server_says_goodbye_after_its_last_answer(bitsd, keys, version):
    connection = connect(bitsd, keys, newest=version)
    request = Request("ping", "/")
    request.set("Connection", "close")
    response = ask(connection, request)
    assert response.closes()
    # Not cut off: that would raise.
    assert connection.socket.recv(1) == b""


def test_the_server_says_goodbye_when_it_stops(keys):
    with tls_bitsd(keys) as bitsd:
        connection = connect(bitsd, keys)
        expect(ask(connection, PING), 200)
        bitsd.terminate()
        assert connection.socket.recv(1) == b""
        bitsd.wait_stopped()


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_client_that_says_goodbye_gets_its_answer(bitsd, keys, version):
    client = Dribble(bitsd.address, keys, newest=version)
    client.shake_hands()
    client.socket.sendall(client.encrypt(PING.data()) + client.goodbye())
    with contextlib.suppress(ssl.SSLZeroReturnError):
        while client.feed():
            pass
    # Its side is closed, so that OpenSSL reads no data any more; but they
    # came, and the server's goodbye behind them.
    assert client.incoming.pending > 0
    client.close()


def test_a_client_may_close_only_its_side(bitsd, keys):
    """By FIN alone."""
    client = Dribble(bitsd.address, keys)
    client.shake_hands()
    client.socket.sendall(client.encrypt(PING.data()))
    client.socket.shutdown(socket.SHUT_WR)
    assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert client.read() == b""
    client.close()


# --- certificates -----------------------------------------------------------


def test_the_name_that_the_client_asks_for_chooses(keys):
    wild = keys.make("wild", "wild", "DNS:*.site.example")
    rsa = keys.make("rsa", "rsa", "DNS:rsa.example,DNS:b.example",
                    key=("-newkey", "rsa:2048"))
    pairs = [keys.server, wild, rsa]
    with tls_bitsd(keys, tls_cert=pairs,
                   tls_key=[keys.key(each) for each in pairs]) as bitsd:
        for name, subject in [(None, "localhost"), ("pc.site.example", "wild"),
                              ("rsa.example", "rsa"), ("b.example", "rsa"),
                              ("RSA.example", "rsa"),
                              ("a.b.site.example", "localhost"),
                              ("site.example", "localhost"),
                              ("elsewhere", "localhost")]:
            connection = connect(bitsd, keys, name)
            assert peer(connection) == subject, name
            expect(ask(connection, PING), 200)


def test_a_big_chain(keys, tmp_path):
    """Larger than a record of TLS."""
    chain = tmp_path / "chain.pem"
    more = [keys.make(f"more{i}", f"more {i}", "DNS:" + ",DNS:".join(
        f"{'x' * 60}.{'y' * 60}{j}.example" for j in range(60)))
        for i in range(3)]
    chain.write_text("".join(p.read_text() for p in (keys.server, *more)))
    with tls_bitsd(keys, tls_cert=chain) as bitsd:
        check_upload(bitsd, connect(bitsd, keys))


def test_certificates_change_without_a_failed_upload(keys, tmp_path):
    """SIGHUP again and again while clients upload over old and new
    connections."""
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    key.touch(mode=0o600)

    def install(source):
        key.write_bytes(keys.key(source).read_bytes())
        certificate.write_bytes(source.read_bytes())

    install(keys.server)
    failures, stop = [], threading.Event()

    def work(bitsd, number):
        count = 0
        try:
            lasting = connect(bitsd, keys)
            while not stop.is_set():
                upload(lasting, f"/{number}-{count}-old.bin", MIB)
                upload(connect(bitsd, keys), f"/{number}-{count}-new.bin",
                       50000)
                count += 1
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    with tls_bitsd(keys, tls_cert=certificate, tls_key=key) as bitsd:
        threads = [threading.Thread(target=work, args=(bitsd, number))
                   for number in range(3)]
        for thread in threads:
            thread.start()
        for i in range(20):
            install((keys.other, keys.server)[i % 2])
            reload(bitsd)
            subject = peer(connect(bitsd, keys))
            assert subject == ("elsewhere", "localhost")[i % 2]
        stop.set()
        for thread in threads:
            thread.join()
        assert not failures, failures
        assert not [line for line in bitsd.log.find("certificate:")
                    if "error" in line]


def bad_pairs(keys, folder):
    """{how: (certificate, key, option, words)}"""
    def file(name, text, mode=0o600):
        path = folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    good, key = keys.server, keys.key(keys.server)
    pem = good.read_text()
    small = keys.make("small", "small", "DNS:small",
                      key=("-newkey", "rsa:1024"))
    (folder / "folder").mkdir()
    return {
        "no certificate": (folder / "none.pem", key, "tls_cert", "No such file"),
        "a folder": (folder / "folder", key, "tls_cert", "not a regular file"),
        "not PEM": (file("text", "text"), key, "tls_cert",
                    "has no certificate"),
        "half": (file("half", pem[:len(pem) // 2]), key, "tls_cert",
                 "certificate"),
        "changed": (file("changed", pem[:100] + "\n" + pem[110:]), key,
                    "tls_cert", "cannot be read"),
        "broken chain": (file("chain", pem + pem[:200] + pem[-40:]), key,
                         "tls_cert", "authority"),
        "weak": (small, keys.key(small), "tls_cert", "too small"),
        "no key": (good, folder / "none.key", "tls_key", "No such file"),
        "key not PEM": (good, file("key", "text"), "tls_key",
                        "has no private key"),
        "another key": (good, keys.key(keys.other), "tls_key",
                        "is not the key of the certificate"),
        "passphrase": (good, keys.protect(good, "secret"), "tls_key",
                       "has a passphrase"),
        "key for all": (good, file("all", key.read_text(), 0o644), "tls_key",
                        "chmod 600"),
        "key for a group to change": (
            good, file("group", key.read_text(), 0o660), "tls_key",
            "mode 0660"),
    }


HOW_BAD = ["no certificate", "a folder", "not PEM", "half", "changed",
           "broken chain", "weak", "no key", "key not PEM", "another key",
           "passphrase", "key for all", "key for a group to change"]


@pytest.mark.parametrize("how", HOW_BAD)
def test_a_bad_pair_is_named_with_file_and_line(keys, tmp_path, how):
    """At the start, by --test-config, and by a reload, which leaves the pair
    that was read before in force."""
    certificate, key, option, words = bad_pairs(keys, tmp_path)[how]
    home = tmp_path / "home"
    home.mkdir()
    bitsd = Bitsd(server=options(keys), uploads={"/": {}}, home=home)
    bitsd.server.update(tls_cert=certificate, tls_key=key)
    line = {"tls_cert": 4, "tls_key": 5}[option]
    path = {"tls_cert": certificate, "tls_key": key}[option]
    wanted = [f"{bitsd.config_path}:{line}: {option} {path} ", words]

    bitsd.start(wait=False)
    bitsd.log.wait(["error certificate: ", *wanted])
    bitsd.wait_stopped(1)
    text = run(binary(), "--test-config", "-c", bitsd.config_path, code=1)
    assert all(each in text for each in wanted), text

    bitsd.server.update(tls_cert=keys.server, tls_key=keys.key(keys.server))
    with bitsd:
        bitsd.server.update(tls_cert=certificate, tls_key=key)
        mark = len(bitsd.log.lines)
        reload(bitsd)
        bitsd.log.wait(["error certificate: ", *wanted], mark)
        bitsd.log.wait(["reload done", "except for the certificates"], mark)
        assert peer(connect(bitsd, keys)) == "localhost"


def test_a_bad_pair_does_not_keep_another_from_changing(keys, tmp_path):
    one, two = tmp_path / "one.pem", tmp_path / "two.pem"
    for path, source in ((one, keys.server), (two, keys.other)):
        path.write_text(source.read_text() + keys.key(source).read_text())
        path.chmod(0o600)
    with tls_bitsd(keys, tls_cert=[one, two], tls_key=[one, two]) as bitsd:
        assert peer(connect(bitsd, keys, "elsewhere.example")) == "elsewhere"
        one.write_text("")
        new = keys.make("new", "new", "DNS:elsewhere.example")
        two.write_text(new.read_text() + keys.key(new).read_text())
        mark = len(bitsd.log.lines)
        reload(bitsd)
        bitsd.log.wait([f"tls_cert {one} ", "stays in force"], mark)
        assert peer(connect(bitsd, keys)) == "localhost"
        assert peer(connect(bitsd, keys, "elsewhere.example")) == "new"


def test_a_group_may_read_the_key(keys, tmp_path):
    """As ssl-cert may on Debian."""
    key = tmp_path / "key"
    key.write_bytes(keys.key(keys.server).read_bytes())
    key.chmod(0o640)
    with tls_bitsd(keys, tls_key=key) as bitsd:
        check_upload(bitsd, connect(bitsd, keys))


def test_ciphers_that_openssl_does_not_know(keys):
    with tls_bitsd(keys, uploads={"/": {}}) as bitsd:
        for ciphers in ("NONE-SUCH", "TLS_NONE"):
            bitsd.server["tls_ciphers"] = ciphers
            mark = len(bitsd.log.lines)
            reload(bitsd)
            bitsd.log.wait([f"{bitsd.config_path}:6: tls_ciphers: OpenSSL "
                            "knows no such"], mark)
        check_upload(bitsd, connect(bitsd, keys))


def days_of(keys, days):
    return keys.make(f"days{days}", "soon", "IP:127.0.0.1", days=days)


def test_a_certificate_that_expires_soon(keys):
    """Warned about at the start, by --test-config, at a reload, and daily."""
    soon = days_of(keys, 10)
    with Injector() as injector:
        bitsd = Bitsd(server=options(keys, soon), uploads={"/": {}},
                      environment=injector.environment)
        with bitsd:
            wanted = [f"warning certificate: {bitsd.config_path}:4: tls_cert "
                      f"{soon} expires on ", "renew it"]
            bitsd.log.wait(wanted)
            text = run(binary(), "--test-config", "-c", bitsd.config_path)
            assert f"tls_cert {soon} expires on" in text
            mark = len(bitsd.log.lines)
            reload(bitsd)
            bitsd.log.wait(wanted, mark)
            for days in (1, 2):
                mark = len(bitsd.log.lines)
                injector.inject("clock wall lie 86400")
                bitsd.log.wait(["expires on", f"in {9 - days} days"], mark)
            mark = len(bitsd.log.lines)
            injector.inject(f"clock wall lie {8 * 86400}")
            bitsd.log.wait([f"tls_cert {soon} has expired on"], mark)
            check_upload(bitsd, connect(bitsd, keys))
            injector.clear()


def test_a_certificate_of_some_months_is_not_warned_about(keys):
    with tls_bitsd(keys) as bitsd:
        reload(bitsd)
        assert not bitsd.log.find("certificate:")


def test_a_key_from_the_credentials_of_the_service(keys, tmp_path):
    """LoadCredential= in the unit."""
    (tmp_path / "key").write_bytes(keys.key(keys.server).read_bytes())
    (tmp_path / "key").chmod(0o400)
    bitsd = Bitsd(server=options(keys, tls_key="${CREDENTIALS_DIRECTORY}/key"),
                  environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    with bitsd:
        check_upload(bitsd, connect(bitsd, keys))


# --- OCSP -------------------------------------------------------------------


def staple_of(bitsd, keys, name="localhost"):
    host, port = bitsd.address
    text = run("openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile",
               keys.ca, "-status", "-servername", name, "-ign_eof",
               stdin=PING.data().replace(b"Keep-Alive", b"close"))
    return "good" if "Cert Status: good" in text else (
        "none" if "OCSP response: no response sent" in text else text)


def test_an_ocsp_response_is_stapled_until_it_expires(keys):
    response = keys.ocsp(keys.server)
    with Injector() as injector:
        bitsd = Bitsd(server=options(keys, tls_ocsp=response),
                      uploads={"/": {}}, environment=injector.environment)
        with bitsd:
            assert staple_of(bitsd, keys) == "good"
            mark = len(bitsd.log.lines)
            injector.inject(f"clock wall lie {8 * 86400}")
            bitsd.log.wait([f"warning certificate: {bitsd.config_path}:6: "
                            f"tls_ocsp {response} has expired"], mark)
            assert staple_of(bitsd, keys) == "none"
            injector.clear()


def test_each_certificate_has_its_ocsp_response(keys):
    pairs = [keys.server, keys.other]
    with tls_bitsd(keys, tls_cert=pairs, tls_key=[*map(keys.key, pairs)],
                   tls_ocsp=[keys.ocsp(keys.server)]) as bitsd:
        assert staple_of(bitsd, keys) == "good"
        assert staple_of(bitsd, keys, "elsewhere.example") == "none"
        bitsd.server["tls_ocsp"] = [keys.ocsp(each) for each in pairs]
        reload(bitsd)
        assert staple_of(bitsd, keys, "elsewhere.example") == "good"


@pytest.mark.parametrize("how, words", [
    ("text", "is not a successful OCSP response"),
    ("other", "is not about the certificate"), ("none", "No such file")])
def test_a_bad_ocsp_response_is_named(keys, tmp_path, how, words):
    (tmp_path / "text").write_text("text")
    path = keys.ocsp(keys.other) if how == "other" else tmp_path / how
    with tls_bitsd(keys, tls_ocsp=keys.ocsp(keys.server)) as bitsd:
        bitsd.server["tls_ocsp"] = path
        reload(bitsd)
        bitsd.log.wait([f"{bitsd.config_path}:6: tls_ocsp {path} ", words,
                        "stays in force"])
        assert staple_of(bitsd, keys) == "good"


# --- configuration ----------------------------------------------------------


@pytest.mark.parametrize("server, words", [
    ({"listen": "127.0.0.1:0 tls"}, [":2: listen:", "tls_cert"]),
    ({"listen": "unix:/run/x tls"}, [":2: listen:", "a unix socket"]),
    ({"tls_cert": ["/a", "/b"], "tls_key": "/c"},
     [":4: tls_cert has 2 files and tls_key has 1"]),
    ({"tls_cert": "/a"}, [":4: tls_cert has 1 file and tls_key has 0"]),
    ({"tls_ocsp": "/a"}, [":4: tls_ocsp has more files than tls_cert"]),
    ({"tls_cert": "a.pem"}, [":4: tls_cert:", "absolute path"]),
    ({"tls_min_version": "1.1"}, [":4: tls_min_version:", "1.2"]),
])
def test_what_does_not_fit_together_is_refused(server, words):
    bitsd = Bitsd(server=server)
    try:
        bitsd.write_config()
        text = run(binary(), "--test-config", "-c", bitsd.config_path, code=1)
    finally:
        bitsd.close()
    assert all(word in text for word in words), text


# --- clients ----------------------------------------------------------------


def test_gnutls(bitsd, keys):
    host, port = bitsd.address
    for priority in ("NORMAL:-VERS-ALL:+VERS-TLS1.2",
                     "NORMAL:-VERS-ALL:+VERS-TLS1.3"):
        request = PING.data().replace(b"Keep-Alive", b"close")
        text = run("gnutls-cli", "--x509cafile", keys.ca, "--priority",
                   priority, "--alpn", "http/1.1", "--port", port, host,
                   stdin=request)
        assert "HTTP/1.1 200 OK" in text and "BITS-Packet-Type: Ack" in text
        assert "Peer has closed the GnuTLS connection" in text, text


def test_gnutls_distrusts_and_says_so(bitsd):
    host, port = bitsd.address
    run("gnutls-cli", "--port", port, host, code=1)
    bitsd.log.wait([" tls: ", "the client"])


def test_openssl(bitsd, keys):
    host, port = bitsd.address
    for version in ("-tls1_2", "-tls1_3"):
        text = run("openssl", "s_client", "-connect", f"{host}:{port}",
                   version, "-CAfile", keys.ca, "-ign_eof",
                   stdin=PING.data().replace(b"Keep-Alive", b"close"))
        assert "HTTP/1.1 200 OK" in text, text
        assert "Verify return code: 0 (ok)" in text


def test_curl(bitsd, keys):
    text = run("curl", "-sS", "-i", "--cacert", keys.ca, "-X", "BITS_POST",
               "-H", "BITS-Packet-Type: Ping", bitsd.addresses[0])
    assert text.startswith("HTTP/1.1 200 OK\r\n"), text


def test_bits_uploads(bitsd, keys, client):
    content = pattern("S", 0, 20 * MIB)
    client.file("a", content)
    done = client.run("upload", "--cacert", keys.ca, "--pinnedpubkey",
                      keys.pin(keys.server), "a", bitsd.addresses[0])
    assert done.code == 0, done
    assert (bitsd.inbox / "a").read_bytes() == content


def test_bits_resumes_after_cuts_inside_records(bitsd, keys, client):
    content = pattern("S", 0, 8 * MIB)
    client.file("a", content)
    cuts = [MIB + 7, 2 * MIB + 333, MIB + 16000, 3 * MIB + 1]
    with Line(bitsd.address, cuts=cuts) as line:
        done = client.run("upload", "--cacert", keys.ca, "--fragment-size",
                          "1M", "--retry-time", "60s", "a",
                          f"https://127.0.0.1:{line.port}/")
    assert done.code == 0, done
    assert (bitsd.inbox / "a").read_bytes() == content
    assert len(bitsd.log.find(["created", "/a"])) == 1


def test_many_clients_at_once(bitsd, keys):
    """One that sends as fast as it can does not keep others waiting."""
    failures = []

    def work(number):
        try:
            check_upload(bitsd, connect(bitsd, keys), f"/{number}.bin",
                         8 * MIB)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,))
               for number in range(8)]
    for thread in threads:
        thread.start()
    expect(ask(connect(bitsd, keys), PING), 200)
    for thread in threads:
        thread.join()
    assert not failures, failures


# --- memory -----------------------------------------------------------------


def resident(pid):
    """KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_an_idle_connection_takes_20_kib_at_most(bitsd, keys, version):
    if is_watched(binary()):
        pytest.skip("its memory is not its own")
    made = context(keys, newest=version)

    def open_some(count):
        opened = [Connection(bitsd.address, tls=made) for _ in range(count)]
        for connection in opened:
            expect(ask(connection, PING), 200)
        return opened

    warm = open_some(50)
    before = resident(bitsd.pid)
    idle = open_some(400)
    taken = (resident(bitsd.pid) - before) / len(idle)
    assert taken <= 20, f"{taken} KiB"
    assert warm
