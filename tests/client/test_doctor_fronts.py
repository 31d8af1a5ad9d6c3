"""bits doctor before real proxies, right and wrong: the setting to change is
named."""

import re

import pytest

from bitsd import Bitsd
from fronts import Front
from ports import Port

LARGEST_DEFAULT = 1 << 20


@pytest.fixture
def bitsd():
    with (Port() as port,
          Bitsd(server={"listen": port}, uploads={"/uploads": {}}) as server):
        yield server


def visit(client, bitsd, tmp_path, name, change=lambda text: text, gone=False):
    """The rows of the table by their probes."""
    with Front(name, tmp_path, bitsd.address, change) as front:
        if gone:
            bitsd.stop()
        done = client.run("doctor", "--json", front.url)
        if gone:
            bitsd.start()
    return done, {row["probe"]: row for row in done.json()}


def without(pattern):
    """Drops the lines that match."""
    def change(text):
        kept = [l for l in text.splitlines() if not re.search(pattern, l)]
        assert len(kept) < len(text.splitlines())
        return "\n".join(kept)
    return change


def with_line(line, before=r"^\s*(proxy_pass|ProxyPass|default_backend)"):
    """Adds a line before the first that matches."""
    def change(text):
        place = re.search(before, text, re.M).start()
        return text[:place] + line + "\n" + text[place:]
    return change


def with_a_check():
    """nginx asks before each request, in a location of its own."""
    add = with_line("auth_request /check;")

    def change(text):
        return add(text) + "location = /check { internal; return 204; }"
    return change


@pytest.mark.parametrize("name", ["nginx", "haproxy", "apache", "caddy"])
def test_the_snippets_of_the_document_pass(client, bitsd, tmp_path, name):
    done, rows = visit(client, bitsd, tmp_path, name)
    assert done.code == 0, done
    # How much of a cut fragment comes through, is a matter of moments.
    del rows["fragment-cut"]
    assert {row["verdict"] for row in rows.values()} == {"fine"}, done


@pytest.mark.parametrize("name, change, probe, who, status, setting", [
    ("nginx", without("client_max_body_size"), "fragment-large", "stranger",
     413, "client_max_body_size 0"),
    ("nginx", with_a_check(), "fragment-large", "stranger", 500,
     "client_max_body_size 0 in that location"),
    ("caddy", with_line("request_body {\nmax_size 1MiB\n}",
                        before=r"^\s*reverse_proxy"),
     "fragment-large", "stranger", 502, "max_size of Caddy"),
    ("nginx", without("proxy_pass"), "ping", "stranger", 405, "proxy_pass"),
    ("apache", without("ProxyPass "), "ping", "stranger", None,
     "RegisterHttpMethod BITS_POST"),
    ("haproxy", with_line("    http-request deny if !{ method GET POST }"),
     "ping", "stranger", 403, "http-request deny"),
    ("nginx", with_line("limit_except GET POST { deny all; }"), "ping",
     "stranger", 403, "--method post"),
    ("nginx", with_line("proxy_intercept_errors on; error_page 416 /x.html;"),
     "fragment-gap", "stranger", None, "proxy_intercept_errors off"),
    ("apache", with_line("ProxyErrorOverride On"), "fragment-gap", "stranger",
     416, "ProxyErrorOverride Off"),
    ("nginx", without("proxy_request_buffering"), "fragment-cut", "server",
     416, "proxy_request_buffering off"),
])
def test_the_wrong_setting_of_the_proxy_is_named(client, bitsd, tmp_path, name,
                                                 change, probe, who, status,
                                                 setting):
    done, rows = visit(client, bitsd, tmp_path, name, change)
    row = rows[probe]
    assert row["who"] == who, done
    assert status in (None, row["status"]), done
    assert setting in row["change"], done
    assert row["verdict"] == ("odd" if probe == "fragment-cut" else "failed")
    if probe == "fragment-large":
        largest = rows["fragment-largest"]
        assert largest["verdict"] == "fine"
        assert LARGEST_DEFAULT // 2 < largest["length"] <= LARGEST_DEFAULT


@pytest.mark.parametrize("name, status", [
    ("nginx", 502), ("haproxy", 503), ("apache", 503),
])
def test_a_server_that_does_not_run_is_suspected(client, bitsd, tmp_path, name,
                                                 status):
    done, rows = visit(client, bitsd, tmp_path, name, gone=True)
    assert (rows["ping"]["who"], rows["ping"]["status"]) == (
        "stranger", status), done
    assert "is the server running" in rows["ping"]["change"]


def test_post_goes_where_a_list_of_methods_refuses(client, bitsd, tmp_path):
    """And uploads go the way that the doctor showed."""
    change = with_line("    http-request deny if !{ method GET POST }")
    with Front("haproxy", tmp_path, bitsd.address, change) as front:
        rows = {row["probe"]: row for row in
                client.run("doctor", "--json", front.url).json()}
        assert rows["ping-post"]["verdict"] == "fine"
        assert rows["fragment-large"]["verdict"] == "fine"
        path = client.file("a.bin", b"12345")
        assert client.run("upload", path, front.url).code == 1
        done = client.run("upload", "--method", "post", path, front.url)
        assert done.code == 0, done
        assert (bitsd.inbox / "a.bin").read_bytes() == b"12345"
