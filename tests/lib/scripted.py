"""A server that a test leads by the hand: it plays the answers it is given.

    with Scripted() as server:
        server.play("fragment", ack(416, next=0), Cut())
        ... run a client against server.url ...
        assert server.verbs() == ["create", "fragment", "fragment", ...]

Without orders it is a small, well-behaved BITS server that keeps the bytes of
each session, so that a test only says where it misbehaves.  play() queues
answers for one kind of packet, each of them for one request; always() is for
all of them once the queue is empty.  An order is an Answer, or a function that
is given the request with its body and returns one; at_head() marks those that
are asked before the body is read, so that they can refuse early or break off.
None: behave.

Every request is recorded as it came.  Loopback only, port 0; every wait is
bounded, and leaving the block ends all of it.
"""

import re
import socket
import struct
import threading

PATIENCE = 30.0
SESSION = "{5B0C3C1E-77A4-4E0B-9C2F-0D6D4B1A9E10}"
PACKETS = {
    "ping": "ping", "create-session": "create", "fragment": "fragment",
    "close-session": "close", "cancel-session": "cancel",
}


class Request:
    """What came, untouched."""

    def __init__(self, head, connection):
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.method, self.target, self.version = lines[0].split(" ")
        self.fields = [tuple(l.split(": ", 1)) for l in lines[1:]]
        self.connection = connection
        self.body = b""
        kind = (self.get("BITS-Packet-Type") or "").lower()
        self.verb = PACKETS.get(kind, self.method.lower())
        self.range = None
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)",
                             self.get("Content-Range") or "")
        if match:
            self.range = tuple(map(int, match.groups()))

    def get(self, name):
        values = [v for n, v in self.fields if n.lower() == name.lower()]
        assert len(values) < 2, f"{name} stands twice in {self}"
        return values[0] if values else None

    def __repr__(self):
        return "\n".join([self.line, *map(": ".join, self.fields)])


class Answer:
    """Raw bytes, and how they are sent.

    early: before the body is read; the rest of it is read and dropped.
    then: "keep" the connection, "close" it, "reset" it, or say nothing more
    and "hang" until the client leaves.  body: read so many bytes of it only.
    drip: byte by byte, each in a packet of its own.
    """

    def __init__(self, data, early=False, then="keep", body=None, drip=False):
        self.data = data
        self.drip = drip
        self.early = early
        self.then = then
        self.body = body

    def pieces(self):
        step = 1 if self.drip else max(1, len(self.data))
        return [self.data[i:i + step] for i in range(0, len(self.data), step)]

    def wanted(self, length):
        """Bytes of the request's body that are read."""
        return length if self.body is None else min(length, self.body)


def http(status, reason="Whatever", fields=(), body=b"", **options):
    """An answer with exactly these fields besides Content-Length."""
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{n}: {v}" for n, v in fields]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return Answer("\r\n".join(lines).encode("latin-1") + body, **options)


def ack(status=200, next=None, session=None, code=None, context=None,
        fields=(), **options):
    """An Ack: next is the offset, code and context the error headers."""
    named = [("BITS-Packet-Type", "Ack"), ("BITS-Session-Id", session),
             ("BITS-Received-Content-Range", next), ("BITS-Error-Code", code),
             ("BITS-Error-Context", context)]
    given = [(n, v) for n, v in named if v is not None]
    return http(status, "OK" if status == 200 else "No",
                [*given, *fields], **options)


def lost():
    """The Ack of a server that does not know the session."""
    return ack(500, code="0x8020001F", context="0x5")


def Cut(after=0):
    """No answer: reset once so many bytes of the body were read."""
    return Answer(b"", then="reset", body=after)


def Hang():
    """No answer, and the connection stays open."""
    return Answer(b"", then="hang", body=0)


def at_head(function):
    """An order that does not wait for the body."""
    function.at_head = True
    return function


class Gone(Exception):
    """The client closed the connection."""


class Scripted:
    def __init__(self, tls=None, host="127.0.0.1", port=0):
        self.tls = tls
        self.host = host
        self.requests = []
        self.sessions = {}
        self.created = 0
        self.delivered = []
        self.orders = {}
        self.standing = {}
        self.sockets = {}
        self.threads = []
        self.changed = threading.Condition(threading.RLock())
        self.listener = socket.create_server((host, port))
        self.port = self.listener.getsockname()[1]

    # --- what a test says and asks ---

    @property
    def url(self):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{self.host}:{self.port}/up/"

    def play(self, verb, *answers):
        self.orders.setdefault(verb, []).extend(answers)

    def always(self, verb, answer):
        self.standing[verb] = answer

    def verbs(self):
        return [request.verb for request in self.requests]

    def of(self, verb):
        return [r for r in self.requests if r.verb == verb]

    def wait(self, condition):
        """Waits until it is true; it is looked at after every request."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), PATIENCE), \
                f"it never happened; requests: {self.verbs()}"

    # --- the well-behaved server ---

    def behave(self, request):
        act = getattr(self, "on_" + request.verb, None)
        return act(request) if act else http(405)

    def on_ping(self, _):
        return ack()

    def on_create(self, _):
        name = SESSION[:-5] + f"{self.created % 10000:04d}}}"
        self.created += 1
        self.sessions[name] = bytearray()
        return ack(session=name)

    def on_fragment(self, request):
        kept = self.sessions.get(request.get("BITS-Session-Id"))
        if kept is None:
            return lost()
        first = request.range[0]
        if first > len(kept):
            return ack(416, next=len(kept))
        kept[first:] = request.body
        return ack(next=len(kept))

    def on_close(self, request):
        kept = self.sessions.pop(request.get("BITS-Session-Id"), None)
        if kept is None:
            return lost()
        self.delivered.append(bytes(kept))
        return ack()

    def on_cancel(self, request):
        known = self.sessions.pop(request.get("BITS-Session-Id"), None)
        return ack() if known is not None else lost()

    # --- connections ---

    def decide(self, request):
        with self.changed:
            queue = self.orders.get(request.verb)
            order = queue.pop(0) if queue else self.standing.get(request.verb)
        if getattr(order, "at_head", False):
            return order(request)
        return order

    def serve(self, number):
        connection = self.sockets[number]
        buffer = bytearray()

        def receive():
            data = connection.recv(1 << 16)
            if not data:
                raise Gone
            buffer.extend(data)

        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.sockets[number] = connection
            while self.one(connection, number, buffer, receive):
                pass
        except (Gone, OSError):
            pass
        finally:
            connection.close()

    def one(self, connection, number, buffer, receive):
        while b"\r\n\r\n" not in buffer:
            receive()
        head, rest = bytes(buffer).split(b"\r\n\r\n", 1)
        buffer[:] = rest
        request = Request(head, number)
        order = self.decide(request)
        length = int(request.get("Content-Length") or 0)
        early = isinstance(order, Answer) and order.early
        if early:
            self.record(request)
            connection.sendall(order.data)
        elif (request.get("Expect") or "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        wanted = length
        if isinstance(order, Answer):
            wanted = order.wanted(length)
        while len(buffer) < wanted:
            receive()
        request.body = bytes(buffer[:wanted])
        del buffer[:wanted]
        if early:
            return self.end(connection, order.then, receive)
        with self.changed:
            answer = order(request) if callable(order) else order
            answer = answer or self.behave(request)
            self.record(request)
        for piece in answer.pieces():
            connection.sendall(piece)
        return self.end(connection, answer.then, receive)

    def record(self, request):
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()

    def end(self, connection, then, receive):
        if then == "keep":
            return True
        if then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
        while then == "hang":
            receive()
        return False

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = len(self.threads)
            self.sockets[number] = connection
            self.threads.append(threading.Thread(
                target=self.serve, args=(number,), daemon=True))
            self.threads[-1].start()

    def __enter__(self):
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join(PATIENCE)
        for connection in list(self.sockets.values()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(PATIENCE)
