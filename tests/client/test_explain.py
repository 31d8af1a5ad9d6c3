"""bits explain: codes in words."""

import re

import pytest

from bitsd import ROOT


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


def causes():
    """Name and sentence of every cause in the tables."""
    rows = {}
    for path in ("include/openbits/cause.def", "src/cause/cause.def"):
        text = re.sub(r'"\s*"', "", (ROOT / path).read_text())
        rows.update(re.findall(r'^(?:BITS_)?CAUSE\((\w+), .*?"([^"]*)"\)', text,
                               re.M | re.S))
    # What bitsd says in place of libopenbits, which does not know its options.
    rows.update(re.findall(r'== BITS_CAUSE_(\w+)\) \{[^}]*?return "([^"]*)"',
                           (ROOT / "src/cause/cause.c").read_text()))
    return rows


def test_every_cause_of_bitsds_log_is_known(client):
    table = causes()
    assert {"FILE_EXISTS", "PLACE_AWAY", "RANGE_GAP"} <= set(table)
    done = client.run("explain", "--json", *table)
    assert done.code == 0, done
    assert {row["name"]: row["meaning"] for row in done.json()} == table


def test_a_cause_is_explained_as_the_log_writes_it(client):
    done = client.run("explain", "cause=FILE_EXISTS")
    assert done.code == 0 and done.err == "", done
    assert done.out == (
        "FILE_EXISTS\n"
        "  meaning  the destination exists; remove it, or set on_exists = "
        "replace or\n"
        "           keep-both\n"
        "  answer   HTTP 403, 0x80070005\n")
