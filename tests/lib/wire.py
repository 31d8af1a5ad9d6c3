"""The wire, byte by byte: connections, and answers read without mercy.

A test says exactly which bytes leave and when.  What comes back is parsed
strictly: an answer that a tolerant client would forgive fails the test.  What
the packets of the protocol look like is packets.py's affair.
"""

import re
import select
import socket
import struct

# Nothing in the tests depends on how long something takes; this only turns a
# server that hangs into a failure.
PATIENCE = 30.0

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([ -~]*)")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~]*)")


class WireError(AssertionError):
    """The peer sent something that is not an HTTP/1.1 answer, or nothing."""


class Closed(WireError):
    """The peer closed the connection where an answer was due."""


class Response:
    """One answer: status, reason, fields in order, body."""

    def __init__(self, status, reason, fields, body=b""):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = body

    def get(self, name):
        """The value of a field, None without it; twice is an error."""
        values = [v for n, v in self.fields if n.lower() == name.lower()]
        if len(values) > 1:
            raise WireError(f"{name} stands {len(values)} times")
        return values[0] if values else None

    def closes(self):
        return (self.get("Connection") or "").lower() == "close"

    def __str__(self):
        lines = [f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in self.fields]
        if self.body:
            lines += ["", self.body.decode("latin-1")]
        return "\n".join(lines)

    __repr__ = __str__


def parse_head(data):
    """The head of an answer, without the empty line at its end."""
    lines = data.split(b"\r\n")
    match = STATUS_LINE.fullmatch(lines[0])
    if not match:
        raise WireError(f"not a status line: {lines[0]!r}")
    fields = []
    for line in lines[1:]:
        field = FIELD.fullmatch(line)
        if not field or field[2] != field[2].strip():
            raise WireError(f"not a header field: {line!r}")
        fields.append((field[1].decode(), field[2].decode()))
    response = Response(int(match[1]), match[2].decode(), fields)
    if response.reason == "Unknown":
        raise WireError(f"http1/statuses.def lacks {response.status}")
    if response.get("Transfer-Encoding") is not None:
        raise WireError("an answer of bitsd never has a transfer coding")
    return response


class Connection:
    """One connection to a server; address is (host, port) or a path.  source is
    the client's own address, and tls an SSLContext, for (host, port) only;
    name is what a client over TLS calls the server."""

    def __init__(self, address, patience=PATIENCE, source=None, tls=None,
                 name=None):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(patience)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(
                address, patience, (source, 0) if source else None)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=name,
                                          suppress_ragged_eofs=False)
        self.buffer = b""

    def send(self, data):
        """Sends all of it, however long it takes."""
        self.socket.sendall(data)

    def _receive(self):
        """More bytes, b"" at the end of the stream."""
        try:
            data = self.socket.recv(65536)
        except socket.timeout:
            raise WireError("the server says nothing") from None
        except ConnectionError as error:
            raise Closed(f"the connection broke: {error}") from None
        self.buffer += data
        return data

    def read_response(self):
        """The next answer, 100 Continue included."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._receive():
                raise Closed(f"closed after {self.buffer!r}")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        response = parse_head(head)
        if response.status // 100 == 1:
            return response
        length = response.get("Content-Length")
        if length is None or not re.fullmatch("[0-9]+", length):
            raise WireError(f"an answer with Content-Length {length!r}")
        while len(self.buffer) < int(length):
            if not self._receive():
                raise Closed("closed inside a body")
        response.body = self.buffer[: int(length)]
        self.buffer = self.buffer[int(length) :]
        return response

    def expect_end(self):
        """The server closes, by FIN or by RST, and says no more before."""
        try:
            while self._receive():
                pass
        except Closed:
            pass
        if self.buffer:
            raise WireError(f"unexpected bytes: {self.buffer!r}")

    def has_answer(self):
        """Is anything waiting to be read now?"""
        return bool(self.buffer or select.select([self.socket], [], [], 0)[0])

    def expect_silence(self):
        """The connection is open and nothing is under way on it: one more
        request gets its answer, then the end of both sides comes."""
        try:
            self.send(b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n")
        except ConnectionError as error:
            raise Closed(f"the connection broke: {error}") from None
        response = self.read_response()
        if response.get("BITS-Packet-Type") or response.closes():
            raise WireError(f"unexpected:\n{response}")
        self.half_close()
        self.expect_end()

    def half_close(self):
        """No more bytes from here; the answer can still come."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:  # ENOTCONN: it was reset
            raise Closed(f"the connection broke: {error}") from None

    def close(self):
        """The orderly way, FIN."""
        self.socket.close()

    def reset(self):
        """The other way, RST."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()
