"""bits explain: codes in words."""

import re

import pytest


@pytest.mark.parametrize("code", [
    "0x80190194", "80190194", "-2145844844", "404", "bg_e_http_error_404",
])
def test_a_code_is_known_however_it_is_written(client, code):
    done = client.run("explain", code)
    assert done.code == 0, done
    assert done.out.startswith("0x80190194 BG_E_HTTP_ERROR_404\n  meaning  ")
    assert re.search("^  cause    .*\n(           .*\n)*  remedy   ", done.out,
                     re.M)
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.err == ""


def test_a_family_is_shown_with_its_range(client):
    done = client.run("explain", "418")
    assert done.code == 0
    assert done.out.startswith("0x80190190 to 0x801901F3 HTTP 4xx\n")


def test_programs_get_an_object_a_line(client):
    done = client.run("explain", "--json", "404", "E_ACCESSDENIED")
    first, second = done.json()
    assert (first["asked"], first["code"], first["name"]) == (
        "404", "0x80190194", "BG_E_HTTP_ERROR_404")
    assert second["code"] == "0x80070005"
    assert set(second) == {"asked", "code", "name", "meaning", "cause",
                           "remedy"}


def test_an_unknown_code_is_named_and_the_others_are_explained(client):
    done = client.run("explain", "no\x1bnsense", "404")
    assert done.code == 2
    assert done.out.startswith("0x80190194 ")
    assert "no\\x1bnsense" in done.err and "\x1b" not in done.err


def test_without_a_code_the_usage_is_shown(client):
    assert client.run("explain").code == 2
