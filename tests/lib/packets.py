"""BITS packets as a client writes them, Acks as protocol.md demands them.

The heads have the fields and the order of the recorded Windows client.
check_ack() holds every rule that is the same for all Acks, so that no single
test has to remember them.
"""

import functools
import random
import re

from wire import WireError

PROTOCOL = "{7df0354d-249b-430f-820d-3d2a9bef4931}"
GUID = re.compile(r"\{[0-9A-F]{8}-([0-9A-F]{4}-){3}[0-9A-F]{12}\}")
DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} "
    r"[0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT"
)
# BITS-Error-Code by the names of protocol.md.
ERRORS = {
    "EINVAL": "0x80070057",
    "EACCES": "0x80070005",
    "ENOSESSION": "0x8020001F",
    "ETOOLARGE": "0x80200020",
    "ENOFILE": "0x80070002",
    "ENOPATH": "0x80070003",
    "EDISKFULL": "0x80070070",
    "EFAIL": "0x80004005",
    "EBUSY": "0x801901F7",
}
VERBS = {
    "ping": "Ping",
    "create": "Create-Session",
    "fragment": "Fragment",
    "close": "Close-Session",
    "cancel": "Cancel-Session",
}

# A prime, so that the pattern never lines up with blocks or chunks.
PERIOD = 1000003


@functools.lru_cache(128)
def _block(seed):
    return random.Random(seed).randbytes(PERIOD)


def pattern(seed, offset, length):
    """Bytes of the endless file that belongs to a seed."""
    start = offset % PERIOD
    block = _block(seed)
    if start + length <= PERIOD:
        return block[start : start + length]
    turns = (start + length) // PERIOD + 1
    return (block * turns)[start : start + length]


class Request:
    """A request in parts, so that a test can bend each of them."""

    def __init__(self, verb, target, session=None, content_range=None,
                 body=b""):
        self.method = "BITS_POST"
        self.target = target
        self.version = "HTTP/1.1"
        self.verb = verb
        self.session = session
        self.body = body
        self.chunks = None
        self.line_end = "\r\n"
        self.fields = [("Accept", "*/*"), ("BITS-Packet-Type", VERBS[verb])]
        if verb == "create":
            self.fields.append(("BITS-Supported-Protocols", PROTOCOL))
        if session is not None:
            self.fields.append(("BITS-Session-Id", session))
        if content_range is not None:
            self.fields.append(("Content-Range", content_range))
        self.fields += [
            ("User-Agent", "Microsoft BITS/7.8"),
            ("Host", "server.example"),
            ("Content-Length", str(len(body))),
            ("Connection", "Keep-Alive"),
        ]

    def set(self, name, value):
        """Replaces a field where it stands, or adds it at the end."""
        for i, (known, _) in enumerate(self.fields):
            if known.lower() == name.lower():
                self.fields[i] = (name, value)
                return
        self.fields.append((name, value))

    def add(self, name, value):
        self.fields.append((name, value))

    def remove(self, name):
        self.fields = [f for f in self.fields if f[0].lower() != name.lower()]

    def value(self, name):
        found = [v for n, v in self.fields if n.lower() == name.lower()]
        return found[0] if found else None

    def head(self):
        lines = [f"{self.method} {self.target} {self.version}"]
        lines += [f"{name}: {value}" for name, value in self.fields]
        return (self.line_end.join(lines) + 2 * self.line_end).encode("latin-1")

    def content(self):
        """The body as it goes over the wire."""
        if self.chunks is None:
            return self.body
        return chunked(self.body, self.chunks)

    def data(self):
        return self.head() + self.content()


def chunked(body, size):
    """The body in chunks of a size, with a last chunk."""
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    coded = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"".join(coded) + b"0\r\n\r\n"


def _require(condition, words, response):
    if not condition:
        raise WireError(f"{words}\n{response}")


def _check_error(response):
    code = response.get("BITS-Error-Code")
    context = response.get("BITS-Error-Context")
    text = response.get("BITS-Error-Text")
    if code is None:
        _require(context is None, "a context without an error code", response)
        _require(text is None, "a text without an error code", response)
        _require(
            response.status in (200, 413, 416), "no BITS-Error-Code", response
        )
        return
    _require(re.fullmatch("0x[0-9A-F]{8}", code), "form of the code", response)
    _require(context == "0x5", "BITS-Error-Context is not 0x5", response)
    # D-55: a sentence for people, in which nothing of the server stands.
    _require(re.fullmatch("[ -~]{10,255}", text or ""), "form of the text",
             response)
    _require("/tmp" not in text and "inbox" not in text, "a path in the text",
             response)
    _require(
        response.status not in (200, 201, 413, 416),
        "an error code where none belongs",
        response,
    )


def _check_session(verb, session, response):
    ours = response.get("BITS-Session-Id")
    good = response.status == 200
    if verb == "create":
        _require((ours is not None) == good, "BITS-Session-Id", response)
        if good:
            _require(GUID.fullmatch(ours), "the id is not a GUID", response)
    elif verb != "ping":
        _require(ours is not None or not good, "no BITS-Session-Id", response)
        _require(ours in (None, session), "another BITS-Session-Id", response)


def _check_create(verb, response):
    made = verb == "create" and response.status == 200
    _require(
        (response.get("BITS-Protocol") == PROTOCOL) == made
        and (response.get("BITS-Protocol") is not None) == made,
        "BITS-Protocol",
        response,
    )
    if made:
        _require(
            response.get("Accept-Encoding") == "identity",
            "Accept-Encoding",
            response,
        )
    for name in ("BITS-Host-Id", "BITS-Host-Id-Fallback-Timeout"):
        _require(made or response.get(name) is None, name, response)


def check_ack(verb, session, response):
    """Everything that holds for each Ack; verb None: the type is unknown."""
    _require(response.get("BITS-Packet-Type") == "Ack", "not an Ack", response)
    _require(response.get("Content-Length") == "0", "Content-Length", response)
    _require(response.body == b"", "an Ack with a body", response)
    _require(response.get("Pragma") == "no-cache", "Pragma", response)
    _require(response.get("Cache-Control") == "no-store", "Cache-Control",
             response)
    _require(DATE.fullmatch(response.get("Date") or ""), "Date", response)
    _require(response.get("BITS-Reply-URL") is None, "a reply URL", response)
    _check_error(response)
    received = response.get("BITS-Received-Content-Range")
    if received is not None:
        _require(verb == "fragment", "an offset without a fragment", response)
        _require(re.fullmatch("0|[1-9][0-9]*", received), "offset", response)
    if verb == "fragment" and response.status in (200, 413, 416):
        _require(received is not None, "no offset", response)
    if verb is not None:
        _check_session(verb, session, response)
        _check_create(verb, response)


def check_plain(response):
    """An HTTP answer that is not an Ack has no field of BITS."""
    for name, _ in response.fields:
        _require(not name.lower().startswith("bits-"), name, response)
    _require(DATE.fullmatch(response.get("Date") or ""), "Date", response)


def offset(response):
    """BITS-Received-Content-Range as a number, None without it."""
    value = response.get("BITS-Received-Content-Range")
    return None if value is None else int(value)
