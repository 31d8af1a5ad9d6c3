"""The notation of scenario files: text to statements.

The grammar is in tests/README.md.  This file knows the form only; what a
statement does is scenario.py's affair.
"""

import re
import shlex
from dataclasses import dataclass, field

from packets import ERRORS

WORDS_OF_PACKETS = ("ping", "create", "fragment", "close", "cancel")
_CLIENT = re.compile(r"([A-Za-z][A-Za-z0-9]*): +(.*)")
_HEADER = re.compile(r"([+]?)([A-Za-z][A-Za-z0-9-]*):(?: (.*))?")
_REMOVED = re.compile(r"-([A-Za-z][A-Za-z0-9-]*)")


class NotationError(Exception):
    """A line that is not in the grammar."""


@dataclass
class Expectation:
    """What stands behind `->`; everything not named must be absent."""

    status: int = 0
    error: str = None
    next: int = None
    session: str = None
    interim: bool = False
    plain: bool = False
    closes: bool = False
    may_close: bool = False
    refused: bool = False
    cut: bool = False
    has: list = field(default_factory=list)
    lacks: list = field(default_factory=list)


@dataclass
class Statement:
    """One line, with the indented lines below it."""

    line: int
    text: str
    client: str = "client"
    words: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    headers: list = field(default_factory=list)
    expectation: Expectation = None


def _split(text):
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.escape = ""
    lexer.quotes = '"'
    lexer.commenters = "#"
    return list(lexer)


def _cut_arrow(text):
    """The parts before and behind ` -> `, which quotes may hide."""
    quoted = False
    for i, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        if not quoted and text.startswith("-> ", i):
            return text[:i], text[i + 3 :]
    return text, None


def parse_expectation(text):
    words = _split(text)
    result = Expectation()
    while words:
        word = words.pop(0)
        if word == "cut":
            result.cut = True
        elif word == "100":
            result.interim = True
        elif re.fullmatch("[2-5][0-9][0-9]", word):
            result.status = int(word)
        elif word in ERRORS:
            result.error = ERRORS[word]
        elif word in ("plain", "closes", "may-close", "refused"):
            setattr(result, word.replace("-", "_"), True)
        elif word == "next":
            result.next = int(words.pop(0))
        elif word == "session":
            result.session = words.pop(0)
        else:
            raise NotationError(f"{word!r} is not an expectation")
    if not (result.cut or result.status or result.interim or result.refused):
        raise NotationError("an expectation needs a status")
    return result


def _read_indented(statement, text):
    """One indented line below a statement."""
    body, arrow = _cut_arrow(text)
    header = _HEADER.fullmatch(text)
    removed = _REMOVED.fullmatch(text)
    if not body.strip() and arrow:
        statement.expectation = parse_expectation(arrow)
    elif text.startswith(("has ", "lacks ")):
        word, rest = text.split(" ", 1)
        name, _, value = rest.partition(": ")
        getattr(statement.expectation, word).append((name, value or None))
    elif header:
        kind = "add" if header[1] else "set"
        statement.headers.append((kind, header[2], header[3] or ""))
    elif removed:
        statement.headers.append(("remove", removed[1], None))
    else:
        words = _split(text)
        statement.options[words[0]] = words[1:]


def _read_statement(number, text):
    body, arrow = _cut_arrow(text)
    statement = Statement(number, text)
    named = _CLIENT.fullmatch(body.strip())
    if named:
        statement.client, body = named[1], named[2]
    statement.words = _split(body)
    if arrow is not None:
        statement.expectation = parse_expectation(arrow)
    return statement


def parse(text):
    """All statements of a scenario."""
    statements = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            if line.startswith("    "):
                _read_indented(statements[-1], stripped)
            else:
                statements.append(_read_statement(number, stripped))
        except (NotationError, IndexError, ValueError, AttributeError) as error:
            raise NotationError(f"line {number}: {error}: {stripped}") from None
    return statements
