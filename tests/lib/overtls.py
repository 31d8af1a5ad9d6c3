"""Clients over TLS: connections as wire.py has them, and one that says which
encrypted bytes leave and when."""

import contextlib
import socket
import ssl

from bitsd import Bitsd, parse_address
from wire import PATIENCE, Connection


def context(keys, newest=None, oldest=None, protocols=("http/1.1",)):
    """Trusts the tests' authority.  Names are checked by tests that say so."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.load_verify_locations(keys.ca)
    if protocols:
        made.set_alpn_protocols(protocols)
    if newest:
        made.maximum_version = newest
    if oldest:
        made.minimum_version = oldest
    return made


def options(keys, certificate=None, **more):
    """Of `server { }`, for a listener with TLS."""
    certificate = certificate or keys.server
    return {"listen": "127.0.0.1:0 tls", "tls_cert": certificate,
            "tls_key": keys.key(certificate), **more}


@contextlib.contextmanager
def tls_bitsd(keys, uploads=None, **more):
    with Bitsd(server=options(keys, **more), uploads=uploads) as bitsd:
        yield bitsd


def connect(bitsd, keys, name=None, **more):
    """The session of TLS 1.3 is known once an answer has come."""
    return Connection(bitsd.address, tls=context(keys, **more), name=name)


def peer(connection):
    """The subject that the server's certificate names."""
    subject = connection.socket.getpeercert()["subject"]
    return dict(pair for row in subject for pair in row)["commonName"]


class Dribble:
    """A client over TLS whose encrypted bytes the test sends itself."""

    def __init__(self, address, keys, made=None, **more):
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        made = made or context(keys, **more)
        self.tls = made.wrap_bio(self.incoming, self.outgoing)

    def pending(self):
        """What would leave now."""
        return self.outgoing.read()

    def feed(self):
        """Reads from the server; False at the end of the stream."""
        data = self.socket.recv(65536)
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()
        return bool(data)

    def shake_hands(self, send=None):
        send = send or self.socket.sendall
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                send(self.pending())
                self.feed()
        send(self.pending())

    def encrypt(self, data):
        """Its records."""
        self.tls.write(data)
        return self.pending()

    def read(self):
        """Decrypted bytes; b"" when the server has said goodbye."""
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                if not self.feed():
                    raise AssertionError("cut off without a goodbye") from None

    def read_to(self, end):
        """All up to this text."""
        text = b""
        while end not in text:
            more = self.read()
            assert more, text
            text += more
        return text

    def goodbye(self):
        """The record that says so."""
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLSyscallError):
            self.tls.unwrap()
        return self.pending()

    def close(self):
        self.socket.close()


def both(bitsd):
    """The addresses of the first listeners without and with TLS."""
    plain = [a for a in bitsd.addresses if a.startswith("http:")]
    secure = [a for a in bitsd.addresses if a.startswith("https:")]
    return parse_address(plain[0]), parse_address(secure[0])
