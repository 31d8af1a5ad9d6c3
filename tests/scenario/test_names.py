"""N2a: which names of files a section takes: names, allowed_names and
max_name_length."""

import signal
import subprocess
import urllib.parse

import pytest

from bitsd import Bitsd, binary
from packets import Request, pattern
from talk import ask, create, expect, fragment
from test_head import head

SAFE = {"/": {"names": "windows-safe", "create_folders": "yes"}}


def path_of(name):
    return "/" + urllib.parse.quote(name)


def upload(connection, path, total=10):
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, total - 1, total, path), 200,
           next=total)
    return identity


def refuse(bitsd, path):
    """The refusal's text for the client, and its line in the log."""
    mark = len(bitsd.log.lines)
    connection = bitsd.connect()
    response = ask(connection, Request("create", path))
    connection.close()
    expect(response, 403, "EACCES")
    return (urllib.parse.unquote(response.get("BITS-Error-Text")),
            bitsd.log.wait("refused", mark))


REFUSED = {
    "NAME_NOT_UTF8": "/%FF.bin",
    "NAME_CHARACTER": "/a%3Ab.bin",
    "NAME_INVISIBLE": "/a%E2%80%AEnib.exe",
    "NAME_BEGINNING": "/.profile",
    "NAME_ENDING": "/a.bin%20",
    "NAME_DEVICE": "/logs/com1.log",
}


@pytest.mark.parametrize("cause, path", REFUSED.items(), ids=REFUSED.keys())
def test_a_name_that_windows_cannot_have_is_refused(cause, path):
    with Bitsd(uploads=SAFE) as bitsd:
        text, line = refuse(bitsd, path)
        assert f"cause={cause}" in line and "windows-safe" in line
        assert "windows-safe" in text
        assert not [p for p in bitsd.inbox.iterdir() if p.name != ".bitsd"]


def test_the_refusal_has_the_character():
    with Bitsd(uploads=SAFE) as bitsd:
        text, line = refuse(bitsd, "/a%E2%80%8Bb")
        assert "U+200B" in text and "detail=U+200B" in line
        text, line = refuse(bitsd, "/NUL.txt")
        assert ": NUL;" in text and "detail=NUL" in line


@pytest.mark.parametrize("path", ["/.profile", "/NUL.txt", "/a%3Ab.bin",
                                  "/%FF.bin", "/a.", "/a%E2%80%8Bb"])
def test_by_default_such_names_are_stored(path):
    with Bitsd(uploads={"/": {}}) as bitsd:
        connection = bitsd.connect()
        upload(connection, path)
        connection.close()


def test_a_name_is_stored_in_nfc_and_found_in_both_forms():
    """A Mac may send a name decomposed; the session has the URL's form."""
    apart, whole = "/u%CC%88.bin", "/%C3%BC.bin"
    with Bitsd(uploads={"/": {**SAFE["/"], "head": "yes"}}) as bitsd:
        connection = bitsd.connect()
        identity = upload(connection, apart)
        assert (bitsd.inbox / "\u00fc.bin").read_bytes() == pattern("S", 0, 10)
        expect(ask(connection, Request("close", whole, identity)), 500,
               "ENOSESSION")
        expect(ask(connection, Request("close", apart, identity)), 200)
        for path in (apart, whole):
            assert head(bitsd, path) == (200, "10", None)
            expect(ask(connection, Request("create", path)), 403, "EACCES")
        bitsd.log.wait("cause=FILE_EXISTS")
        connection.close()


def test_head_of_a_refused_name_finds_nothing():
    with Bitsd(uploads={"/": {**SAFE["/"], "head": "yes"}}) as bitsd:
        (bitsd.inbox / ".profile").write_bytes(b"x")
        assert head(bitsd, "/.profile")[0] == 404


def test_only_names_that_match_a_pattern_are_stored():
    with Bitsd(uploads={"/": {"allowed_names": ["*.zip", "*.log"],
                              "create_folders": "yes"}}) as bitsd:
        connection = bitsd.connect()
        for path in ("/a.zip", "/B.ZIP", "/deep/c.log"):
            upload(connection, path)
        connection.close()
        for path in ("/a.exe", "/a.zip.exe", "/a.zip/b"):
            text, line = refuse(bitsd, path)
            assert "cause=NAME_NOT_ALLOWED" in line
            assert "allowed_names" in text and "allowed_names" in line


def test_the_length_of_a_name_is_limited():
    with Bitsd(uploads={"/": {"max_name_length": 10}}) as bitsd:
        connection = bitsd.connect()
        upload(connection, "/" + "x" * 10)
        connection.close()
        text, line = refuse(bitsd, "/" + "x" * 11)
        assert "cause=NAME_TOO_LONG" in line and "max_name_length" in line
        assert ": 11 bytes, 10 allowed;" in text


def test_a_reload_refuses_new_uploads_only():
    with Bitsd(uploads={"/": {}}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection, "/u%CC%88:.")
        bitsd.uploads = {"/": {"names": "windows-safe",
                               "allowed_names": "*.zip",
                               "max_name_length": 2}}
        bitsd.write_config()
        bitsd.signal(signal.SIGHUP)
        bitsd.log.wait("reload done")
        expect(fragment(connection, identity, 0, 9, 10, "/u%CC%88:."), 200,
               next=10)
        assert (bitsd.inbox / "u\u0308:.").exists()
        connection.close()
        refuse(bitsd, "/u%CC%88:.2")


@pytest.mark.parametrize("value, words", [
    ('allowed_names = "a/*.zip"',
     'allowed_names: "a/*.zip" has a slash; a pattern is for the name of the '
     "file, without its folders"),
    ('allowed_names = {"*.zip", ""}',
     'allowed_names: "" matches no name; write "*" for all of them'),
    ("names = windows", "names: "),
    ("max_name_length = 256", "max_name_length: "),
    ("max_name_length = 0", "max_name_length: "),
])
def test_wrong_values_are_errors(tmp_path, value, words):
    path = tmp_path / "bitsd.conf"
    path.write_text(f'upload "/a" {{\n    root = "{tmp_path}"\n'
                    f"    {value}\n}}\n")
    done = subprocess.run([binary(), "-c", path, "--test-config"], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1
    assert f"{path}:3: {words}" in done.stderr
