"""bits doctor: what it sends, what it says about what comes back."""

import re

import pytest

from bitsd import Bitsd
from ports import Port
from scripted import Cut, Scripted, ack, at_head, http

PROBES = ["ping", "create", "fragment-small", "fragment-gap", "fragment-cut",
          "fragment-large", "cancel"]


def rows(done):
    return {row["probe"]: row for row in done.json()}


def doctor(client, server, *arguments):
    return client.run("doctor", "--json", *arguments, server.url)


def expect_row(row, verdict, who, status=None):
    assert (row["verdict"], row["who"], row.get("status")) == (
        verdict, who, status), row


def test_a_server_that_is_well_passes_all_probes(client):
    with Bitsd() as bitsd:
        done = client.run("doctor", "--json", bitsd.addresses[0])
        assert done.code == 0, done
        assert [row["probe"] for row in done.json()] == PROBES
        assert {row["verdict"] for row in done.json()} == {"fine"}
        assert rows(done)["fragment-large"]["length"] == 8 << 20
        # Nothing was delivered, and nothing is left.
        assert [p.name for p in bitsd.inbox.iterdir()] == [".bitsd"]
        bitsd.log.wait("cancelled")


def test_the_table_says_what_came_back_and_who_answered(client):
    with Bitsd() as bitsd:
        done = client.run("doctor", bitsd.addresses[0] + "a.bin")
        assert done.code == 0, done
        assert re.search(r"^ok +Fragment after a gap +416 +the BITS server "
                         r"wants byte 1024$", done.out, re.M), done
        assert "uploads work" in done.err


def test_a_tiny_file_is_delivered_when_asked(client):
    with Bitsd() as bitsd:
        done = client.run("doctor", "--deliver", "--json", bitsd.addresses[0])
        assert done.code == 0, done
        names = [p.name for p in bitsd.inbox.iterdir() if p.is_file()]
        assert len(names) == 1 and re.fullmatch("bits-doctor-[0-9a-f]{8}",
                                                names[0])
        assert (bitsd.inbox / names[0]).stat().st_size == 26
        assert names[0] in done.err
        assert [row["probe"] for row in done.json()][-3:] == [
            "whole-create", "whole-fragment", "whole-close"]


def test_the_folder_of_the_url_is_probed_and_the_query_kept(client):
    with Scripted() as server:
        done = client.run("doctor", server.url + "deep/a.bin?key=1/2")
        assert done.code == 0, done
        targets = {request.target for request in server.requests}
        assert len(targets) == 1
        assert re.fullmatch(r"/up/deep/bits-doctor-[0-9a-f]{8}\?key=1/2",
                            targets.pop())


@pytest.mark.parametrize("query", ["", "?key=1/2"])
def test_a_url_without_a_path_keeps_its_host(client, query):
    with Scripted() as server:
        host = server.url.split("/up/")[0]
        done = client.run("doctor", host + query)
        assert done.code == 0, done
        targets = {request.target for request in server.requests}
        assert len(targets) == 1
        assert re.fullmatch(r"/bits-doctor-[0-9a-f]{8}" + re.escape(query),
                            targets.pop())


def test_the_last_byte_is_never_sent(client):
    with Scripted() as server:
        done = doctor(client, server, "--fragment", "64K")
        assert done.code == 0, done
        assert server.of("fragment")
        for request in server.of("fragment"):
            first, last, total = request.range
            assert last < total - 1
        assert server.delivered == []
        assert server.verbs()[-1] == "cancel"


def test_a_server_that_refuses_with_an_ack_is_explained(client):
    with Bitsd(uploads={"/up": {"max_upload_size": "1M"}}) as bitsd:
        done = client.run("doctor", "--json", bitsd.addresses[0] + "up/")
        assert done.code == 1, done
        row = rows(done)["fragment-small"]
        expect_row(row, "failed", "server", 500)
        assert row["code"] == "0x80200020"
        assert "max_upload_size" in row["cause"]
        assert done.json()[-1]["probe"] == "cancel"


def test_a_folder_that_is_missing_is_explained(client):
    with Bitsd() as bitsd:
        done = client.run("doctor", "--json", bitsd.addresses[0] + "x/")
        assert done.code == 1, done
        expect_row(rows(done)["create"], "failed", "server", 404)
        assert "create_folders" in rows(done)["create"]["change"]


@pytest.mark.parametrize("status, name, cause, change", [
    (405, "nginx/1.22.1", "no proxy_pass", "proxy_pass"),
    (405, "Apache/2.4.57", "AllowMethods", "RegisterHttpMethod BITS_POST"),
    (501, "Apache/2.4.57", "ProxyPass", "RegisterHttpMethod BITS_POST"),
    (403, "", "firewall", "911100"),
    (403, "Apache", "firewall", "920450"),
    (405, "", "method BITS_POST", "--method post"),
    (404, "Microsoft-IIS/10.0", "not enabled", "BITS Uploads"),
    (404, "", "no BITS server", "check the URL"),
    (502, "nginx", "lost its connection", "proxy_next_upstream off"),
    (504, "nginx", "longer to answer", "proxy_read_timeout"),
    (200, "nginx", "in the server's place", "check the URL"),
    (301, "nginx", "elsewhere", "redirect"),
])
def test_an_answer_without_an_ack_is_not_taken_for_the_servers(client, status,
                                                               name, cause,
                                                               change):
    fields = [("Server", name)] if name else []
    with Scripted() as server:
        for verb in ("ping", "create"):
            server.always(verb, http(status, fields=fields, body=b"<html>"))
        done = doctor(client, server)
        assert done.code == 1, done
        row = rows(done)["ping"]
        expect_row(row, "failed", "stranger", status)
        assert row.get("server", "") == name
        assert cause in row["cause"] and change in row["change"], row


def test_post_is_tried_when_the_method_is_refused(client):
    def only_post(request):
        return None if request.method == "POST" else http(405)

    with Scripted() as server:
        for verb in ("ping", "create", "fragment", "cancel"):
            server.always(verb, only_post)
        done = doctor(client, server)
        assert done.code == 1, done
        expect_row(rows(done)["ping"], "failed", "stranger", 405)
        assert "--method post" in rows(done)["ping"]["change"]
        assert [row["probe"] for row in done.json()] == [
            "ping", "ping-post", *PROBES[1:]]
        expect_row(rows(done)["fragment-large"], "fine", "server", 200)
        override = [r.get("X-HTTP-Method-Override") for r in server.requests]
        assert set(override[1:]) == {"BITS_POST"}


@pytest.mark.parametrize("name, setting", [
    ("nginx/1.22.1", "client_max_body_size 0"),
    ("Apache", "LimitRequestBody 0"),
    ("", "raise its limit"),
])
def test_the_largest_fragment_that_passes_is_found(client, name, setting):
    fields = [("Server", name)] if name else []

    @at_head
    def limit(request):
        small = int(request.get("Content-Length")) <= 1 << 20
        return None if small else http(413, fields=fields)

    with Scripted() as server:
        server.always("fragment", limit)
        done = doctor(client, server)
        assert done.code == 1, done
        row = rows(done)["fragment-large"]
        expect_row(row, "failed", "stranger", 413)
        assert setting in row["change"]
        expect_row(rows(done)["fragment-largest"], "fine", "server", 200)
        assert rows(done)["fragment-largest"]["length"] == 1 << 20
        assert done.json()[-1]["probe"] == "cancel"


def test_the_request_filter_of_iis_is_known(client):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 30000000
        return http(404) if large else None

    with Scripted() as server:
        server.always("fragment", limit)
        done = doctor(client, server, "--fragment", "32M")
        row = rows(done)["fragment-large"]
        expect_row(row, "failed", "stranger", 404)
        assert "30 000 000" in row["cause"]
        assert rows(done)["fragment-largest"]["length"] == 16 << 20


def test_a_connection_that_breaks_in_large_fragments_has_no_answer(client):
    @at_head
    def limit(request):
        return Cut() if int(request.get("Content-Length")) > 5 << 20 else None

    with Scripted() as server:
        server.always("fragment", limit)
        done = doctor(client, server)
        assert done.code == 5, done
        expect_row(rows(done)["fragment-large"], "failed", "nobody")
        expect_row(rows(done)["fragment-largest"], "fine", "server", 200)


@pytest.mark.parametrize("answer, who", [
    (http(500), "stranger"), (http(502), "stranger"), (http(403), "stranger"),
    (Cut(), "nobody"),
], ids=["500", "502", "403", "a reset"])
def test_a_limit_of_body_size_is_named_whatever_the_status(
        client, answer, who):
    @at_head
    def limit(request):
        large = int(request.get("Content-Length")) > 1 << 20
        return answer if large else None

    with Scripted() as server:
        server.always("fragment", limit)
        done = doctor(client, server, "--fragment", "4M")
        row = rows(done)["fragment-large"]
        assert (row["verdict"], row["who"]) == ("failed", who), row
        assert "a limit of body size" in row["cause"]
        assert "client_max_body_size" in row["change"]
        assert rows(done)["fragment-largest"]["length"] == 1 << 20


@pytest.mark.parametrize("status", [500, 502, 403])
def test_no_limit_is_named_where_nothing_smaller_passes(client, status):
    @at_head
    def refuse(request):
        return http(status) if int(request.get("Content-Length")) > 1024 \
            else None

    with Scripted() as server:
        server.always("fragment", refuse)
        row = rows(doctor(client, server))["fragment-large"]
        expect_row(row, "failed", "stranger", status)
        assert "limit of body size" not in row["cause"]


def test_a_larger_offset_after_a_broken_fragment_is_accepted(client):
    """All of the large one was stored before the line broke; what is sent
    again was there already."""
    def keep_and_break(request):
        if len(request.body) <= 1 << 20:
            return None
        server.on_fragment(request)
        return Cut()

    def fragment(request):
        kept = server.sessions[request.get("BITS-Session-Id")]
        if len(request.body) > 1 << 20:
            return keep_and_break(request)
        if request.range[1] < len(kept):
            return ack(next=len(kept))
        return None

    with Scripted() as server:
        server.always("fragment", fragment)
        done = doctor(client, server, "--fragment", "2M")
        expect_row(rows(done)["fragment-large"], "failed", "nobody")
        expect_row(rows(done)["fragment-largest"], "fine", "server", 200)
        assert rows(done)["fragment-largest"]["next"] > 2 << 20


def test_a_larger_offset_without_a_broken_fragment_is_wrong(client):
    with Scripted() as server:
        server.play("fragment", ack(next=2048))
        row = rows(doctor(client, server))["fragment-small"]
        expect_row(row, "failed", "server", 200)
        assert "twice" in row["cause"]


def test_a_proxy_that_collects_fragments_is_noticed(client):
    with Scripted() as server:  # it drops what came of a cut fragment
        done = doctor(client, server)
        assert done.code == 0, done
        row = rows(done)["fragment-cut"]
        expect_row(row, "odd", "server", 416)
        assert "proxy_request_buffering off" in row["change"]


def test_a_proxy_that_replaces_refusals_is_noticed(client):
    def replace(request):
        return http(416) if request.range[0] > 1024 else None

    with Scripted() as server:
        server.always("fragment", replace)
        row = rows(doctor(client, server))["fragment-gap"]
        expect_row(row, "failed", "stranger", 416)
        assert "proxy_intercept_errors off" in row["change"]


def test_a_server_that_takes_a_gap_is_noticed(client):
    with Scripted() as server:
        server.play("fragment", ack(next=1024), ack(next=9999))
        row = rows(doctor(client, server))["fragment-gap"]
        expect_row(row, "failed", "server", 200)
        assert "hole" in row["cause"]


def test_a_balancer_without_affinity_is_noticed(client):
    with Scripted() as server:
        server.play("fragment",
                    ack(500, code="0x8020001F", context="0x5"))
        row = rows(doctor(client, server))["fragment-small"]
        expect_row(row, "failed", "server", 500)
        assert "affinity" in row["change"]


def test_headers_that_a_proxy_drops_are_noticed(client):
    with Scripted() as server:
        server.play("fragment", ack())
        row = rows(doctor(client, server))["fragment-small"]
        expect_row(row, "failed", "server", 200)
        assert "BITS-" in row["change"]
    with Scripted() as server:
        server.play("create", ack())
        row = rows(doctor(client, server))["create"]
        expect_row(row, "failed", "server", 200)
        assert "BITS-" in row["change"]


def test_credentials_are_asked_for_once_and_then_sent(client):
    netrc = client.file("netrc", b"machine 127.0.0.1 login me password pw\n")
    netrc.chmod(0o600)

    def guard(request):
        if request.get("Authorization") == "Basic bWU6cHc=":
            return None
        return http(401, fields=[("WWW-Authenticate", 'Basic realm="x"')])

    with Scripted() as server:
        for verb in ("ping", "create", "fragment", "cancel"):
            server.always(verb, guard)
        done = doctor(client, server, "--netrc-file", netrc, "--auth", "basic")
        assert done.code == 0, done
        assert [row["probe"] for row in done.json()][:3] == [
            "ping", "ping-login", "create"]
        refused = [r for r in server.requests if not r.get("Authorization")]
        assert len(refused) == 1


def test_missing_credentials_end_it(client):
    with Scripted() as server:
        server.always("ping", http(401, fields=[
            ("WWW-Authenticate", 'Basic realm="x"')]))
        done = doctor(client, server)
        assert done.code == 4, done
        assert [row["probe"] for row in done.json()] == ["ping"]
        assert "--user" in rows(done)["ping"]["change"]
        assert len(server.requests) == 1


@pytest.mark.parametrize("auth, cause", [
    ("basic", "refuses the credentials"),
    ("auto", "were not sent"),  # Basic over http goes only when asked for
])
def test_a_wrong_password_is_not_a_missing_one(client, auth, cause):
    netrc = client.file("netrc", b"machine 127.0.0.1 login me password no\n")
    netrc.chmod(0o600)
    with Scripted() as server:
        server.always("ping", http(401, fields=[
            ("WWW-Authenticate", 'Basic realm="x"')]))
        done = doctor(client, server, "--netrc-file", netrc, "--auth", auth)
        assert done.code == 4, done
        assert [row["probe"] for row in done.json()] == ["ping", "ping-login"]
        assert cause in rows(done)["ping-login"]["cause"]


def test_a_refused_connection_is_temporary(client):
    with Port() as closed:
        done = client.run("doctor", "--json", closed.url)
    assert done.code == 5, done
    expect_row(rows(done)["ping"], "failed", "nobody")


def test_text_of_the_server_reaches_no_terminal_raw(client):
    with Scripted() as server:
        server.always("ping", http(403, fields=[("Server", "\x1b[2Jx\x07")]))
        server.always("create", http(403))
        done = client.run("doctor", server.url)
        assert "\x1b" not in done.out + done.err
        assert "\\x1b[2Jx\\x07" in done.out


@pytest.mark.parametrize("arguments", [
    (), ("ftp://server/",), ("nonsense",), ("http://a/", "http://b/"),
])
def test_a_wrong_command_line_is_refused(client, arguments):
    done = client.run("doctor", *arguments)
    assert done.code == 2 and done.out == "", done


def test_the_page_of_a_stranger_is_shown(client):
    page = b"<html><title>Blocked\n by \x1b[1mpolicy</title>"
    with Scripted() as server:
        server.always("ping", http(403, body=page))
        server.always("create", http(403, body=page))
        done = client.run("doctor", server.url)
        assert "      says     Blocked by \\x1b[1mpolicy\n" in done.out, done
        first = client.run("doctor", "--json", server.url).json()[0]
        assert first["words"] == "Blocked by \x1b[1mpolicy"


@pytest.mark.parametrize("code", ["0x80070005", "0x80070050"])
def test_a_random_name_is_never_called_taken(client, code):
    with Scripted() as server:
        server.always("create", ack(403, code=code, context="0x5"))
        done = client.run("doctor", server.url)
    assert done.code != 0 and "exists" not in done.out + done.err, done
    assert "rights" in done.out, done


def test_the_words_of_the_server_are_shown(client):
    with Bitsd() as bitsd:
        done = client.run("doctor", bitsd.addresses[0] + "x/")
        assert "the destination folder does not exist" in done.out, done
