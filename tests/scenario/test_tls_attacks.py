"""Attacks on TLS: clients that are slow, stop, or send what no client should.
test_tls.py has clients that behave."""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import xml.etree.ElementTree as xml

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bitsd import binary
from overtls import Dribble, connect, context, tls_bitsd
from packets import Request, pattern
from talk import ask, create, expect, fragment, until
from tlskeys import Keys
from watched import is_watched
from wire import PATIENCE

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
MIB = 1 << 20
PING = Request("ping", "/")
CHANGE_CIPHER, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO = 1, 2
SERVER_NAME, GROUPS, PADDING, VERSIONS = 0, 10, 21, 43
# Alerts of RFC 8446.
UNEXPECTED, OVERFLOW, FAILURE, ILLEGAL, DECODE, VERSION = 10, 22, 40, 47, 50, 70


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def bitsd(keys, request):
    """One for all tests, which leave nothing behind."""
    if "test_testssl_finds_nothing" in [i.name for i in request.session.items]:
        request.getfixturevalue("testssl")
    with tls_bitsd(keys, threads="1") as server:
        yield server


def check_upload(bitsd, keys, path="/a.bin", total=100000):
    connection = connect(bitsd, keys)
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, total - 1, total, path), 200,
           next=total)
    expect(ask(connection, Request("close", path, identity)), 200)
    connection.close()
    delivered = bitsd.inbox / path[1:]
    assert delivered.read_bytes() == pattern("S", 0, total)
    delivered.unlink()


def descriptors(bitsd):
    return len(os.listdir(f"/proc/{bitsd.pid}/fd"))


@pytest.fixture
def unharmed(bitsd, keys):
    """The server forgets every connection of the test, and works."""
    check_upload(bitsd, keys)
    before = descriptors(bitsd)
    yield
    until(lambda: descriptors(bitsd) <= before)
    check_upload(bitsd, keys)


# --- records and hellos -----------------------------------------------------


def record(kind, data):
    return struct.pack("!BHH", kind, 0x0303, len(data)) + data


def records(kind, data, size=1 << 14):
    """The data in records of that size."""
    return b"".join(record(kind, data[i:i + size])
                    for i in range(0, len(data), size))


def vector(data, width):
    """A length of `width` bytes, and the data."""
    return len(data).to_bytes(width, "big") + data


def message(kind, data):
    return bytes([kind]) + vector(data, 3)


class Hello:
    """A client hello of OpenSSL, taken apart."""

    def __init__(self, address, keys, **more):
        client = Dribble(address, keys, **more)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.tls.do_handshake()
        client.close()
        data = client.pending()[9:]
        self.version, self.random, data = data[:2], data[2:34], data[34:]
        self.session, data = self._take(data, 1)
        self.suites, data = self._take(data, 2)
        self.compression, data = self._take(data, 1)
        data, _ = self._take(data, 2)
        self.extensions = []
        while data:
            kind = int.from_bytes(data[:2], "big")
            value, data = self._take(data[2:], 2)
            self.extensions.append((kind, value))

    @staticmethod
    def _take(data, width):
        end = width + int.from_bytes(data[:width], "big")
        return data[width:end], data[end:]

    def get(self, kind):
        return dict(self.extensions)[kind]

    def replace(self, kind, value):
        """None: takes the extension away."""
        self.extensions = [(k, v) for k, v in self.extensions if k != kind]
        if value is not None:
            self.extensions.append((kind, value))

    def body(self):
        extensions = b"".join(kind.to_bytes(2, "big") + vector(value, 2)
                              for kind, value in self.extensions)
        return (self.version + self.random + vector(self.session, 1)
                + vector(self.suites, 2) + vector(self.compression, 1)
                + vector(extensions, 2))

    def message(self):
        return message(CLIENT_HELLO, self.body())


def all_of(plain):
    """What comes until the server closes, by FIN or by RST."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while more := plain.recv(65536):
            data += more
    return data


def talk(address, data):
    """Sends, and reads until the server closes."""
    with socket.create_connection(address, PATIENCE) as plain:
        with contextlib.suppress(ConnectionError):
            plain.sendall(data)
        return all_of(plain)


def alert_of(data):
    """The number of the alert that is the first record."""
    assert len(data) >= 7 and data[0] == ALERT, data[:100]
    return data[6]


def expect_server_hello(address, data):
    """A server that goes along says so in its first record."""
    with socket.create_connection(address, PATIENCE) as plain:
        plain.sendall(data)
        first = b""
        while len(first) < 6:
            more = plain.recv(6 - len(first))
            assert more, "the server closes"
            first += more
        assert (first[0], first[5]) == (HANDSHAKE, SERVER_HELLO), first


# --- clients that stop ------------------------------------------------------


def select_readable(sockets):
    poll = select.poll()
    for each in sockets:
        poll.register(each, select.POLLIN)
    return poll.poll(0)


def test_ten_thousand_clients_stop_after_the_first_flight(keys):
    """The server has signed for each, and waits for them: unlike those whose
    hello is not whole, they cost CPU time and the memory of a handshake."""
    count = 1000 if is_watched(binary()) else 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 1000:
        pytest.skip(f"needs {count} descriptors, may have {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    half_open = []
    try:
        with tls_bitsd(keys, max_connections=str(count + 100),
                       header_timeout="1h") as bitsd:
            hello = record(HANDSHAKE, Hello(bitsd.address, keys).message())
            for i in range(count):
                plain = socket.create_connection(bitsd.address, PATIENCE)
                plain.sendall(hello)
                half_open.append(plain)
                if i % 2000 == 0:
                    check_upload(bitsd, keys, total=MIB)
            for plain in half_open:
                assert plain.recv(1) == bytes([HANDSHAKE])
            check_upload(bitsd, keys, total=4 * MIB)
            assert not bitsd.log.find(" tls: ")
            while half_open:
                half_open.pop().close()
            check_upload(bitsd, keys)
    finally:
        for plain in half_open:
            plain.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Flights:
    """The bytes of a client's handshake, one after the other, up to a cut."""

    def __init__(self, bitsd, keys, version, cut=None):
        self.client = Dribble(bitsd.address, keys, newest=version)
        self.cut = cut
        self.sent = 0

    def send(self, data):
        if self.cut is not None and self.sent + len(data) > self.cut:
            data = data[:self.cut - self.sent]
        self.client.socket.sendall(data)
        self.sent += len(data)
        if self.sent == self.cut:
            raise EOFError

    def run(self):
        with contextlib.suppress(EOFError):
            self.client.shake_hands(self.send)
        return self


@BOTH
def test_a_handshake_cut_at_each_byte(bitsd, keys, unharmed, version):
    """By FIN, by RST and by half a close."""
    whole = Flights(bitsd, keys, version).run()
    whole.client.close()
    assert whole.sent > 250
    for cut in range(whole.sent):
        client = Flights(bitsd, keys, version, cut).run().client
        if cut % 3 == 0:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                     b"\1\0\0\0\0\0\0\0")
        elif cut % 3 == 1:
            client.socket.shutdown(socket.SHUT_WR)
            assert b"HTTP" not in all_of(client.socket)
        client.close()


def each_its_own(data):
    """The same data of a record, with a record for each byte."""
    out = b""
    while data:
        end = 5 + int.from_bytes(data[3:5], "big")
        out += b"".join(data[:3] + b"\0\1" + data[i:i + 1]
                        for i in range(5, end))
        data = data[end:]
    return out


@BOTH
def test_a_hello_with_a_record_for_each_byte(bitsd, keys, unharmed, version):
    """Sent byte by byte, too."""
    client = Dribble(bitsd.address, keys, newest=version)
    first = []

    def send(data):
        if not first:
            first.append(data)
            for byte in each_its_own(data):
                client.socket.sendall(bytes([byte]))
        else:
            client.socket.sendall(data)

    client.shake_hands(send)
    client.socket.sendall(client.encrypt(PING.data()))
    assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    client.close()


# --- hellos -----------------------------------------------------------------


@pytest.mark.parametrize("version, alert", [
    (0x0002, VERSION), (0x0300, FAILURE), (0x0301, VERSION), (0x0302, VERSION)])
def test_hellos_of_old_versions_are_refused(bitsd, keys, unharmed, version,
                                            alert):
    """TLS 1.0 and 1.1, SSL 3.0, which has no alert for it, and one below."""
    hello = Hello(bitsd.address, keys)
    hello.version = version.to_bytes(2, "big")
    hello.replace(VERSIONS, None)
    assert alert_of(talk(bitsd.address, records(
        HANDSHAKE, hello.message()))) == alert


def test_a_hello_of_ssl_2_is_refused(bitsd, unharmed):
    body = (b"\x01\x00\x02" + b"\x00\x06\x00\x00\x00\x10"
            + b"\x01\x00\x80\x07\x00\xc0" + bytes(16))
    answer = talk(bitsd.address, (0x8000 | len(body)).to_bytes(2, "big") + body)
    assert not answer or alert_of(answer), answer


def test_only_old_ciphers_are_refused(bitsd, keys, unharmed):
    """NULL, export, RC4, 3DES and key exchange without forward secrecy."""
    hello = Hello(bitsd.address, keys, newest=TLS_1_2)
    hello.suites = bytes.fromhex("0000 0001 0002 0003 0004 0005 000a 002f 0035"
                                 "009c 009d c007 c008 0034 c018 00ff")
    assert alert_of(talk(bitsd.address, records(
        HANDSHAKE, hello.message()))) == FAILURE


@BOTH
def test_unknown_values_are_ignored(bitsd, keys, unharmed, version):
    """GREASE of RFC 8701, in each list."""
    hello = Hello(bitsd.address, keys, newest=version)
    grease = b"\x0a\x0a\xfa\xfa"
    hello.suites = grease + hello.suites + b"\x5a\x5a"
    hello.replace(GROUPS, vector(grease + hello.get(GROUPS)[2:], 2))
    hello.replace(VERSIONS, vector(
        grease + (b"\x03\x04\x03\x03" if version == TLS_1_3 else b"\x03\x03"),
        1))
    hello.extensions.insert(0, (0x3a3a, b""))
    hello.extensions.append((0xcaca, b"\0"))
    expect_server_hello(bitsd.address, records(HANDSHAKE, hello.message()))


@pytest.mark.parametrize("size", [1, 200, 1 << 14, 60000])
def test_big_hellos_are_served(bitsd, keys, unharmed, size):
    """Padding up to nearly the size that extensions can have."""
    hello = Hello(bitsd.address, keys)
    hello.replace(PADDING, bytes(size))
    expect_server_hello(bitsd.address, records(HANDSHAKE, hello.message()))


def test_many_suites_and_groups_are_served(bitsd, keys, unharmed):
    """As many unknown ones as fit."""
    hello = Hello(bitsd.address, keys)
    hello.suites = b"\xd0\xd0" * 30000 + hello.suites
    hello.replace(GROUPS, vector(b"\xfe\xfe" * 20000 + hello.get(GROUPS)[2:],
                                 2))
    expect_server_hello(bitsd.address, records(HANDSHAKE, hello.message()))


def test_a_hello_that_claims_16_mib_is_refused(bitsd, unharmed):
    """At its header, not after all of it has come."""
    answer = talk(bitsd.address, record(
        HANDSHAKE, bytes([CLIENT_HELLO]) + b"\xff\xff\xff" + bytes(1000)))
    assert alert_of(answer) in (ILLEGAL, DECODE)


def test_a_hello_cut_short_inside_is_refused(bitsd, keys, unharmed):
    """The message ends at each byte of it, and its length says so.  Where
    extensions would begin it is whole."""
    hello = Hello(bitsd.address, keys, newest=TLS_1_2)
    body = hello.body()
    whole = body.index(vector(hello.suites, 2)) + len(hello.suites) + 4
    for size in range(len(body)):
        if size != whole:
            answer = talk(bitsd.address, records(
                HANDSHAKE, message(CLIENT_HELLO, body[:size])))
            assert alert_of(answer) in (DECODE, ILLEGAL, VERSION), size


@pytest.mark.parametrize("name", [
    b"", b"\0", b"a\0b", b"x" * 300, b"\xff\xfe", b"..", b"a" * 255])
def test_strange_server_names(bitsd, keys, unharmed, name):
    """A refusal or an answer, as OpenSSL likes them."""
    hello = Hello(bitsd.address, keys)
    hello.replace(SERVER_NAME, vector(b"\0" + vector(name, 2), 2))
    with socket.create_connection(bitsd.address, PATIENCE) as plain:
        plain.sendall(records(HANDSHAKE, hello.message()))
        assert plain.recv(1)[0] in (ALERT, HANDSHAKE)


# --- records ----------------------------------------------------------------


def warnings(count):
    """That a user has canceled."""
    return record(ALERT, b"\1\x5a") * count


# {name: (bytes, alerts that may answer)}; None: the server only closes.
BROKEN = {
    "unknown kind": (record(99, b"x" * 50), {UNEXPECTED, VERSION, None}),
    "kind 0": (record(0, b"x" * 50), {UNEXPECTED, VERSION, None}),
    "data": (record(DATA, b"GET / HTTP/1.1\r\n\r\n"), {UNEXPECTED}),
    "heartbeat": (record(24, b"\1\x40\0"), {UNEXPECTED}),
    "cipher change": (record(CHANGE_CIPHER, b"\1"), {UNEXPECTED}),
    "false cipher change": (record(CHANGE_CIPHER, b"\2"), {UNEXPECTED,
                                                           ILLEGAL}),
    "too long": (b"\x16\3\3\xff\xff" + bytes(65535), {OVERFLOW}),
    "one too long": (b"\x16\3\3\x40\1" + bytes(16385), {OVERFLOW}),
    "empty records": (record(HANDSHAKE, b"") * 1000, {UNEXPECTED}),
    "empty alert": (record(ALERT, b""), {UNEXPECTED, DECODE}),
    "half an alert": (record(ALERT, b"\2"), {UNEXPECTED, DECODE}),
    "alert of no level": (record(ALERT, b"\3\0"), {UNEXPECTED}),
    "warnings": (warnings(10000), {UNEXPECTED}),
    "end of data": (record(ALERT, b"\1\0"), {UNEXPECTED}),
    "fatal alert": (record(ALERT, b"\2\x28"), {UNEXPECTED}),
    "another message": (record(HANDSHAKE, message(20, bytes(32))),
                        {UNEXPECTED}),
    "answer to a hello": (record(HANDSHAKE, message(SERVER_HELLO, bytes(70))),
                          {UNEXPECTED}),
    "unknown message": (record(HANDSHAKE, message(200, b"x")), {UNEXPECTED}),
    "version 5": (b"\x16\5\0\0\4abcd", {VERSION, None}),
    "zeros": (bytes(10000), {VERSION, UNEXPECTED, None}),
    "ones": (b"\xff" * 10000, {VERSION, UNEXPECTED, None}),
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_first_records_end_the_connection(bitsd, unharmed, how):
    data, alerts = BROKEN[how]
    answer = talk(bitsd.address, data)
    got = alert_of(answer) if answer else None
    assert got in alerts, (got, answer)
    assert b"HTTP" not in answer


@BOTH
@pytest.mark.parametrize("how", [how for how in BROKEN
                                 if how != "cipher change"])
def test_broken_records_in_a_handshake_end_the_connection(
        bitsd, keys, unharmed, how, version):
    """Behind the first flight of both sides."""
    hello = Hello(bitsd.address, keys, newest=version)
    with socket.create_connection(bitsd.address, PATIENCE) as plain:
        plain.sendall(record(HANDSHAKE, hello.message()))
        assert plain.recv(1) == bytes([HANDSHAKE])
        with contextlib.suppress(OSError):
            plain.sendall(BROKEN[how][0])
            plain.shutdown(socket.SHUT_WR)
        assert b"HTTP" not in all_of(plain)


@BOTH
@pytest.mark.parametrize("how", BROKEN)
def test_broken_records_after_a_handshake_end_the_connection(
        bitsd, keys, unharmed, how, version):
    """They are not encrypted.  The session behind the connection lives."""
    client = Dribble(bitsd.address, keys, newest=version)
    client.shake_hands()
    client.socket.sendall(client.encrypt(PING.data()))
    assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    with contextlib.suppress(OSError):
        client.socket.sendall(BROKEN[how][0])
        client.socket.sendall(client.encrypt(PING.data()))
        client.socket.shutdown(socket.SHUT_WR)
    text = b""
    with contextlib.suppress(ssl.SSLError, ConnectionError, AssertionError):
        while more := client.read():
            text += more
    assert b"HTTP" not in text
    client.close()


def test_a_flood_of_cipher_changes_ends_the_connection(bitsd, keys, unharmed):
    """One is ignored in TLS 1.3."""
    for count in (1, 10000):
        client = Dribble(bitsd.address, keys)

        def send(data, client=client, count=count):
            change = record(CHANGE_CIPHER, b"\1") * count
            if data[0] == HANDSHAKE:
                client.socket.sendall(data)
            else:
                client.socket.sendall(change + data)

        try:
            client.shake_hands(send)
            client.socket.sendall(client.encrypt(PING.data()))
            assert client.read_to(b"\r\n\r\n").startswith(b"HTTP/1.1 200")
            assert count == 1
        except (ssl.SSLError, ConnectionError):
            assert count > 1
        client.close()


# --- records with the right keys --------------------------------------------


class Sealed(Dribble):
    """A client of TLS 1.3 behind its handshake, which encrypts any record as
    no library would."""

    def __init__(self, address, keys, folder):
        made = context(keys)
        made.keylog_filename = str(folder / "keylog")
        super().__init__(address, keys, made)
        self.shake_hands()
        assert self.tls.cipher()[0] == "TLS_AES_256_GCM_SHA384"
        lines = (folder / "keylog").read_text().splitlines()
        secret = bytes.fromhex([line.split()[2] for line in lines
                                if line.startswith("CLIENT_TRAFFIC_SECRET_0 ")
                                ][-1])
        self.key = AESGCM(self._expand(secret, b"key", 32))
        self.nonce = int.from_bytes(self._expand(secret, b"iv", 12), "big")
        self.count = 0

    @staticmethod
    def _expand(secret, label, size):
        info = (size.to_bytes(2, "big") + vector(b"tls13 " + label, 1)
                + vector(b"", 1))
        return HKDFExpand(SHA384(), size, info).derive(secret)

    def seal(self, kind, data, padding=0):
        """One record; without a kind the padding is all of it."""
        inner = data + (bytes([kind]) if kind else b"") + bytes(padding)
        header = struct.pack("!BHH", DATA, 0x0303, len(inner) + 16)
        nonce = (self.nonce ^ self.count).to_bytes(12, "big")
        self.count += 1
        return header + self.key.encrypt(nonce, inner, header)

    def exchange(self, data):
        """Sends; returns what comes and why it ends."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)
        text = b""
        try:
            while more := self.read():
                text += more
            return text, "end"
        except ssl.SSLError as error:
            return text, error.reason
        except (ConnectionError, AssertionError):
            return text, "closed"


SILENT = 1000  # records without data
LAST_PING = Request("ping", "/")
LAST_PING.set("Connection", "close")
KEY_UPDATE = 24

# {name: how a client sends a request}
ODD = {
    "as it is": lambda c: c.seal(DATA, LAST_PING.data()),
    "padded": lambda c: c.seal(DATA, LAST_PING.data(), padding=10000),
    "a record for each byte": lambda c: b"".join(
        c.seal(DATA, bytes([byte])) for byte in LAST_PING.data()),
    "behind empty data": lambda c: b"".join(
        [c.seal(DATA, b"") for _ in range(10)]
        + [c.seal(DATA, LAST_PING.data())]),
}

# {name: (what a client sends in front of a request, alerts)}
WRONG = {
    "unknown kind": (lambda c: c.seal(99, b"x"), UNEXPECTED),
    "no kind": (lambda c: c.seal(None, bytes(50)), UNEXPECTED),
    "empty message": (lambda c: c.seal(HANDSHAKE, b""), UNEXPECTED),
    "empty data": (lambda c: b"".join(c.seal(DATA, b"")
                                      for _ in range(SILENT)), UNEXPECTED),
    "too much data": (lambda c: c.seal(DATA, bytes((1 << 14) + 1)), OVERFLOW),
    "too much padding": (lambda c: c.seal(DATA, b"x", (1 << 14) + 256), OVERFLOW),
    "hello": (lambda c: c.seal(HANDSHAKE, message(CLIENT_HELLO, bytes(200))),
              UNEXPECTED),
    "ticket": (lambda c: c.seal(HANDSHAKE, message(4, bytes(50))), UNEXPECTED),
    "certificate": (lambda c: c.seal(HANDSHAKE, message(11, bytes(50))),
                    UNEXPECTED),
    "finished": (lambda c: c.seal(HANDSHAKE, message(20, bytes(48))),
                 UNEXPECTED),
    "cipher change": (lambda c: c.seal(CHANGE_CIPHER, b"\1"), UNEXPECTED),
    "warnings": (lambda c: b"".join(c.seal(ALERT, b"\1\x5a")
                                    for _ in range(SILENT)), UNEXPECTED),
    "half an alert": (lambda c: c.seal(ALERT, b"\2"), UNEXPECTED),
    "key update of 2": (lambda c: c.seal(HANDSHAKE, message(KEY_UPDATE,
                                                            b"\2")), ILLEGAL),
    "long key update": (lambda c: c.seal(HANDSHAKE, message(KEY_UPDATE,
                                                            b"\0\0")), ILLEGAL),
    "half a message": (lambda c: c.seal(HANDSHAKE, b"\x18\0\0"), UNEXPECTED),
    "huge message": (lambda c: c.seal(HANDSHAKE, b"\x18\xff\xff\xff"),
                     ILLEGAL),
}
ALERT_NAMES = {UNEXPECTED: "UNEXPECTED_MESSAGE", OVERFLOW: "RECORD_OVERFLOW",
               ILLEGAL: "ILLEGAL_PARAMETER"}


@pytest.mark.parametrize("how", ODD)
def test_odd_records_are_read(bitsd, keys, unharmed, tmp_path, how):
    client = Sealed(bitsd.address, keys, tmp_path)
    text, _ = client.exchange(ODD[how](client))
    assert text.startswith(b"HTTP/1.1 200")
    client.close()


@pytest.mark.parametrize("how", WRONG)
def test_wrong_records_end_the_connection(bitsd, keys, unharmed, tmp_path, how):
    """Though they are encrypted as they must be."""
    client = Sealed(bitsd.address, keys, tmp_path)
    act, alert = WRONG[how]
    text, end = client.exchange(act(client)
                                + client.seal(DATA, LAST_PING.data()))
    assert not text
    assert ALERT_NAMES[alert] in end, end
    client.close()


# --- scanners ---------------------------------------------------------------


def test_sslscan_finds_nothing(bitsd, unharmed):
    host, port = bitsd.address
    done = subprocess.run(
        ["sslscan", "--no-colour", "--xml=-", f"{host}:{port}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=2 * PATIENCE, check=True)
    found = xml.fromstring(done.stdout).find("ssltest")
    assert {row.get("type") + row.get("version")
            for row in found.iter("protocol")
            if row.get("enabled") == "1"} == {"tls1.2", "tls1.3"}
    assert found.find("renegotiation").get("supported") == "0"
    assert [row.get("vulnerable") for row in found.iter("heartbleed")] == (
        ["0", "0"])
    ciphers = list(found.iter("cipher"))
    assert len(ciphers) > 4
    for row in ciphers:
        assert row.get("strength") in ("strong", "acceptable"), row.attrib
        assert row.get("cipher").startswith(("TLS_", "ECDHE-")), row.attrib


@pytest.fixture(scope="module")
def testssl(keys, tmp_path_factory):
    """What sslscan does not try.  It takes long, so it runs beside the other
    tests, on a server of its own."""
    path = tmp_path_factory.mktemp("testssl") / "json"
    with tls_bitsd(keys) as server:
        host, port = server.address
        process = subprocess.Popen(
            ["testssl", "--quiet", "--color", "0", "--warnings", "off", "-n",
             "none", "--assume-http", "-I", "-T", "-BB", "-R", "-C",
             "--jsonfile", path, f"{host}:{port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            yield process, path
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        check_upload(server, keys)


def test_testssl_finds_nothing(testssl):
    process, path = testssl
    process.wait(10 * PATIENCE)
    found = {row["id"]: row["severity"]
             for row in json.loads(path.read_text())}
    # testssl misses an engine of OpenSSL.
    found.pop("engine_problem", None)
    for name in ("CCS", "ticketbleed", "ROBOT", "secure_renego",
                 "secure_client_renego", "CRIME_TLS"):
        assert found[name] == "OK", found
    assert set(found.values()) <= {"OK", "INFO"}, found
