"""The indented lines of a scenario's packet: how they bend the request."""

import re

from packets import PROTOCOL, pattern


class Session:
    def __init__(self, name, identity, path):
        self.name = name
        self.id = identity
        self.path = path
        self.total = None


def offers(count):
    """A list of protocols with ours at the end."""
    other = "{%08x-0000-0000-0000-000000000000}"
    return " ".join([other % i for i in range(count - 1)] + [PROTOCOL])


def body_of(session, content_range):
    """The bytes that belong to a range; nothing if it is malformed."""
    match = re.match(r"(?:bytes +)?([0-9]+)-([0-9]+)/", content_range,
                     re.IGNORECASE)
    if not match or int(match[2]) < int(match[1]):
        return b""
    first, last = int(match[1]), int(match[2])
    if last - first >= 1 << 28:
        return b""
    return pattern(session.name, first, last - first + 1)


def bend(request, statement, session):
    options = statement.options
    if "body" in options:
        word = options["body"][0]
        name = session.name if session else "client"
        size = int(word) if word.isdigit() else None
        request.body = (word.encode() if size is None
                        else pattern(name, 0, size))
        request.set("Content-Length", str(len(request.body)))
    if "chunked" in options:
        request.chunks = int(options["chunked"][0])
        request.remove("Content-Length")
        request.add("Transfer-Encoding", "chunked")
    for name in ("method", "version", "target"):
        if name in options:
            setattr(request, name, options[name][0])
    if "line-end" in options:
        request.line_end = {"LF": "\n", "CR": "\r"}[options["line-end"][0]]
    if "long" in options:
        name, size = options["long"]
        request.set(name, "a" * int(size))
    if "offers" in options:
        request.set("BITS-Supported-Protocols",
                    offers(int(options["offers"][0])))
    if "id" in options:
        change = getattr(str, options["id"][0])
        request.set("BITS-Session-Id", change(session.id))
    for kind, name, value in statement.headers:
        arguments = (name,) if kind == "remove" else (name, value)
        getattr(request, kind)(*arguments)
    if "re-cased" in options:
        request.fields = [(n.lower(), v) for n, v in request.fields]
    return request
