"""Who gets credentials, which ones, and whom bits trusts."""

import base64
import hashlib
import re
import ssl
import struct

import pytest

from scripted import Scripted, ack, http
from tlskeys import Keys
from uploads import DISTRUST, DONE, MIB, USAGE, noise

PASSWORD = "open sesame"


def secret(client, name, text, mode=0o600):
    path = client.file(name, text.encode())
    path.chmod(mode)
    return path


def needs(way, check):
    """Answers 401 with this challenge until the check is content."""
    def order(request):
        if check(request):
            return None
        return http(401, "Who?", [("WWW-Authenticate", way)])
    return order


def protect(server, way, check):
    for verb in ("ping", "create", "fragment", "close", "cancel"):
        server.always(verb, needs(way, check))


def basic(user="ann", password=PASSWORD):
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return lambda request: request.get("Authorization") == f"Basic {text}"


def upload(client, server, *arguments, **environment):
    if not (client.home / "a").exists():
        client.file("a", b"x" * 100)
    return client.run("upload", "--retry-time", "0", *arguments, "a",
                      server.url, **environment)


def with_password(client, *arguments):
    return ("-u", "ann", "--password-file",
            secret(client, "pw", PASSWORD + "\n"), *arguments)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


# --- passwords --------------------------------------------------------------


def test_basic_goes_over_tls(client, keys):
    with Scripted(keys.context(keys.server)) as server:
        protect(server, "Basic realm=x", basic())
        done = upload(client, server, *with_password(client), "--cacert",
                      keys.ca)
        assert done.code == DONE, done
        assert server.delivered == [b"x" * 100]
        # Nothing goes along before it was asked for.
        assert server.requests[0].get("Authorization") is None


def test_auto_never_sends_basic_without_tls(client):
    with Scripted() as server:
        protect(server, "Basic realm=x", basic())
        done = upload(client, server, *with_password(client))
        assert done.code == DISTRUST, done
        assert not [r for r in server.requests if r.get("Authorization")]
        assert "--auth basic" in done.err


def test_basic_without_tls_when_the_user_says_so(client):
    with Scripted() as server:
        protect(server, "Basic realm=x", basic())
        done = upload(client, server, *with_password(client, "--auth", "basic"))
        assert done.code == DONE, done
        assert server.requests[0].get("Authorization") is None


def digest_check(nonce):
    def check(request):
        given = request.get("Authorization") or ""
        part = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        if part.get("nonce") != nonce:
            return False
        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        a1 = md5(f"ann:there:{PASSWORD}")
        a2 = md5(f"{request.method}:{request.target}")
        return part["response"] == md5(
            f"{a1}:{nonce}:{part['nc']}:{part['cnonce']}:{part['qop']}:{a2}")
    return check


@pytest.mark.parametrize("method", ["bits", "post"])
def test_digest_is_computed_with_the_method_that_is_sent(client, method):
    with Scripted() as server:
        protect(server, 'Digest realm="there", nonce="n1", qop="auth"',
                digest_check("n1"))
        client.file("a", noise(3 * MIB))
        done = client.run("upload", *with_password(client), "--method", method,
                          "--fragment-size", "1M", "a", server.url)
        assert done.code == DONE, done
        assert server.delivered == [(client.home / "a").read_bytes()]
        # The bytes went once: no fragment was only there to ask for a nonce.
        assert sum(len(r.body) for r in server.requests) == 3 * MIB


def test_a_digest_nonce_that_grew_old_is_replaced(client):
    nonces = ["n1"]

    def order(request):
        if digest_check(nonces[-1])(request):
            if request.verb == "fragment" and len(nonces) == 1:
                nonces.append("n2")
            return None
        return http(401, "Who?", [("WWW-Authenticate",
                    f'Digest realm="there", nonce="{nonces[-1]}", qop="auth",'
                    f' stale=true')])
    with Scripted() as server:
        for verb in ("ping", "create", "fragment", "close"):
            server.always(verb, order)
        client.file("a", noise(3 * MIB))
        done = client.run("upload", *with_password(client), "--fragment-size",
                          "1M", "a", server.url)
        assert done.code == DONE, done
        assert server.delivered == [(client.home / "a").read_bytes()]


NTLM_CHALLENGE = base64.b64encode(
    b"NTLMSSP\0" + struct.pack("<IHHIQ8s8xHHI", 2, 0, 0, 48,
                               0x00000201, b"challeng", 0, 0, 48)).decode()


def ntlm(known):
    """A proof counts for its connection; which one it is does not matter."""
    def order(request):
        given = (request.get("Authorization") or "").removeprefix("NTLM ")
        kind = base64.b64decode(given)[8:9]
        if kind == b"\x03":
            known.add(request.connection)
        if request.connection in known:
            return None
        way = f"NTLM {NTLM_CHALLENGE}" if kind == b"\x01" else "NTLM"
        return http(401, "Who?", [("WWW-Authenticate", way)])
    return order


def test_ntlm_proves_each_connection_before_a_fragment(client):
    known = set()
    with Scripted() as server:
        def behave(request):
            answer = Scripted.behave(server, request)
            answer.then = "close" if request.verb == "fragment" else "keep"
            return answer
        server.behave = behave
        for verb in ("ping", "create", "fragment", "close"):
            server.always(verb, ntlm(known))
        client.file("a", noise(3 * MIB))
        done = client.run("upload", *with_password(client), "--fragment-size",
                          "1M", "a", server.url)
        assert done.code == DONE, done
        assert server.delivered == [(client.home / "a").read_bytes()]
        assert len(known) == 4
        # No fragment left only to be refused.
        assert sum(len(r.body) for r in server.requests) == 3 * MIB
        assert len(server.of("fragment")) == 3


def test_a_wrong_password_is_tried_once(client):
    with Scripted() as server:
        protect(server, "Basic realm=x", lambda request: False)
        done = upload(client, server, *with_password(client, "--auth", "basic"))
        assert done.code == DISTRUST, done
        sent = [r for r in server.requests if r.get("Authorization")]
        assert len(sent) == 1
        assert PASSWORD not in done.err


def test_no_credentials_where_some_are_wanted(client):
    with Scripted() as server:
        protect(server, "Basic realm=x", lambda request: False)
        done = upload(client, server)
        assert done.code == DISTRUST, done


def test_netrc(client):
    secret(client, ".netrc",
           "machine elsewhere login bob password no\n"
           f'machine 127.0.0.1 login ann password "{PASSWORD}"\n')
    with Scripted() as server:
        protect(server, "Basic realm=x", basic())
        assert upload(client, server, "--auth", "basic").code == DONE


def test_an_option_is_not_the_beginning_of_another(client):
    client.file("a", b"x")
    done = client.run("upload", "-u", "ann", "--password", PASSWORD, "a",
                      "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert "no option --password; there is --password-file" in done.err
    assert PASSWORD not in done.err


def test_credentials_of_the_service_manager(client):
    secret(client, "credentials/password", PASSWORD)
    with Scripted() as server:
        protect(server, "Basic realm=x", basic())
        done = upload(client, server, "--auth", "basic", "-u", "ann",
                      CREDENTIALS_DIRECTORY=client.home / "credentials")
        assert done.code == DONE, done


CLEAR = {
    "token": lambda path: (("--token-file", path), {}),
    "service": lambda path: ((), {"CREDENTIALS_DIRECTORY": path.parent}),
    "header": lambda path: (("-H", f"@{path}"), {}),
}


@pytest.mark.parametrize("line", ["Authorization: Bearer t", "cookie: a=b",
                                  "Proxy-Authorization: Basic t"])
@pytest.mark.parametrize("how", CLEAR)
def test_a_secret_does_not_go_without_tls_unless_the_user_says_so(client, how,
                                                                  line):
    path = secret(client, "credentials/token", line + "\n")
    options, environment = CLEAR[how](path)
    with Scripted() as server:
        done = upload(client, server, *options, **environment)
        assert done.code == USAGE, done
        assert "http://" in done.err and "--insecure-auth" in done.err
        assert server.requests == []
        done = upload(client, server, "--insecure-auth", *options,
                      **environment)
        assert done.code == DONE, done
        if how == "header":
            name, value = line.split(": ")
            assert server.requests[-1].get(name) == value
    # The doctor asks no server either.
    with Scripted() as server:
        done = client.run("doctor", *options, server.url, **environment)
        assert done.code == USAGE and server.requests == [], done


def test_a_queued_upload_keeps_its_token_without_tls(client):
    path = secret(client, "token", "t")
    client.file("a", b"x")
    with Scripted() as server:
        client.run("queue", "add", "--token-file", path, "a", server.url)
        done = client.run("queue", "run")
        assert "--insecure-auth" in done.err and server.requests == [], done


def test_a_token_goes_over_tls(client, keys):
    path = secret(client, "token", "t")
    with Scripted(tls=keys.context(keys.server)) as server:
        protect(server, "Bearer",
                lambda r: r.get("Authorization") == "Bearer t")
        done = upload(client, server, "--token-file", path, "--cacert",
                      keys.ca)
        assert done.code == DONE, done


def test_insecure_auth_lets_auto_send_a_password(client):
    with Scripted() as server:
        protect(server, "Basic realm=x", basic())
        done = upload(client, server, *with_password(client),
                      "--insecure-auth")
        assert done.code == DONE, done


def test_a_token_is_read_again_when_it_is_refused(client):
    path = secret(client, "token", "old")

    def check(request):
        given = request.get("Authorization")
        if given == "Bearer old":
            path.write_text("new")
        return given == "Bearer new"
    with Scripted() as server:
        server.always("create", needs("Bearer", lambda r: r.get(
            "Authorization") == "Bearer old"))
        server.always("fragment", needs("Bearer", check))
        server.always("close", needs("Bearer", check))
        server.always("ping", needs("Bearer", check))
        done = upload(client, server, "--insecure-auth", "--token-file",
                      path)
        assert done.code == DONE, done
        assert server.of("close")[-1].get("Authorization") == "Bearer new"


@pytest.mark.parametrize("option", ["--password-file", "--token-file",
                                    "--netrc-file", "-H"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_reach_is_refused(client, option, mode):
    path = secret(client, "secret", "X-Key: value", mode)
    value = [f"@{path}"] if option == "-H" else [path, "-u", "ann"]
    client.file("a", b"x")
    done = client.run("upload", option, *value, "a", "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert "chmod 600" in done.err


def test_a_fragment_never_leaves_on_a_connection_that_was_not_tried(client):
    """With credentials: the connection ends after each fragment."""
    with Scripted() as server:
        def behave(request):
            answer = Scripted.behave(server, request)
            answer.then = "close" if request.verb == "fragment" else "keep"
            return answer
        server.behave = behave
        protect(server, "Basic realm=x", basic())
        client.file("a", noise(3 * MIB))
        done = client.run("upload", *with_password(client, "--auth", "basic"),
                          "--fragment-size", "1M", "a", server.url)
        assert done.code == DONE, done
        seen = set()
        for request in server.requests:
            if request.verb == "fragment":
                assert request.connection in seen, server.verbs()
            seen.add(request.connection)


# --- headers, cookies, hosts ------------------------------------------------


def test_headers_go_along_with_every_packet(client):
    path = secret(client, "headers", "X-Key: one\n\nCookie: a=b\n")
    with Scripted() as server:
        done = upload(client, server, "--insecure-auth", "-H", "X-More: two",
                      "-H", f"@{path}")
        assert done.code == DONE, done
        for request in server.requests:
            assert request.get("X-Key") == "one"
            assert request.get("X-More") == "two"
            assert request.get("Cookie") == "a=b"
            assert request.get("Content-Type") is None


def other_host(server, other):
    """The first server sends the session to the second one."""
    def created(request):
        answer = Scripted.on_create(server, request)
        other.sessions.update(server.sessions)
        return ack(session=list(server.sessions)[-1], fields=[
            ("BITS-Host-Id", "127.0.0.2"),
            ("BITS-Host-Id-Fallback-Timeout", "3600")]) if answer else None
    server.always("create", created)


@pytest.mark.parametrize("trusted", [False, True])
def test_secrets_go_to_another_host_only_if_it_is_trusted(client, trusted):
    with Scripted() as server, \
            Scripted(host="127.0.0.2", port=server.port) as other:
        other_host(server, other)
        path = secret(client, "headers", "X-Key: one\n")
        trust = ("--trust-host", "127.0.0.2") if trusted else ()
        done = upload(client, server, "-H", f"@{path}", *trust)
        assert done.code == DONE, done
        assert other.verbs()[-1] == "close"
        for request in server.requests:
            assert request.get("X-Key") == "one"
        for request in other.requests:
            assert request.get("X-Key") == ("one" if trusted else None)


def test_cookies_stay_with_the_session_and_survive_the_process(client):
    with Scripted() as server:
        def created(request):
            answer = Scripted.on_create(server, request)
            answer.data = answer.data.replace(
                b"Content-Length", b"Set-Cookie: node=7; Path=/\r\n"
                b"Content-Length")
            return answer
        server.always("create", created)
        server.play("fragment", http(503, "Later"))
        done = upload(client, server)
        assert done.code == 5, done
        assert [r.get("Cookie") for r in server.of("fragment")] == ["node=7"]
        done = upload(client, server)
        assert done.code == DONE, done
        assert len(server.of("create")) == 1
        assert {r.get("Cookie") for r in server.requests[1:]} == {"node=7"}


# --- certificates -----------------------------------------------------------


def test_an_unknown_authority_is_not_trusted(client, keys):
    with Scripted(keys.context(keys.server)) as server:
        done = upload(client, server)
        assert done.code == DISTRUST, done
        assert server.requests == []
        assert upload(client, server, "-k").code == DONE


def test_a_certificate_for_another_host_is_not_trusted(client, keys):
    with Scripted(keys.context(keys.other)) as server:
        done = upload(client, server, "--cacert", keys.ca)
        assert done.code == DISTRUST, done
        assert server.requests == []


def test_a_pinned_key(client, keys):
    with Scripted(keys.context(keys.server)) as server:
        good, bad = keys.pin(keys.server), keys.pin(keys.other)
        done = upload(client, server, "--cacert", keys.ca, "--pinnedpubkey",
                      bad)
        assert done.code == DISTRUST and server.requests == []
        done = upload(client, server, "--cacert", keys.ca, "--pinnedpubkey",
                      good)
        assert done.code == DONE, done


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2,
                                    ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate(client, keys, newest):
    context = keys.context(keys.server, wants_client=True, newest=newest)
    with Scripted(context) as server:
        done = upload(client, server, "--cacert", keys.ca)
        assert done.code == DISTRUST, done
        assert server.requests == []
        done = upload(client, server, "--cacert", keys.ca, "--cert",
                      keys.client, "--key", keys.key(keys.client))
        assert done.code == DONE, done


# --- configuration ----------------------------------------------------------


def test_the_section_with_the_longest_prefix_wins(client):
    token = secret(client, "token", "t")
    with Scripted() as server:
        protect(server, "Bearer",
                lambda r: r.get("Authorization") == "Bearer t")
        base = server.url.removesuffix("up/")
        client.file(".config/bits/config", f'''
            # Comments are fine.
            url "{base}" {{ method = "post"  header = {{"X-A: 1", "X-B: 2"}}
                           insecure-auth = yes }}
            url "{base}up" {{ token-file = "{token}"
                              header = {{"X-A: 3"}} }}
            url "{base}u" {{ method = "bits" }}
            url "http://127.0.0.1" {{ insecure = yes  cacert = "/none" }}
            '''.encode())
        done = upload(client, server)
        assert done.code == DONE, done
        last = server.requests[-1]
        assert (last.method, last.get("X-A"), last.get("X-B")) == (
            "POST", "3", None)
        # The command line goes before the files.
        done = upload(client, server, "--method", "bits", "--name", "b")
        assert server.requests[-1].method == "BITS_POST"


@pytest.mark.parametrize("line, words", [
    ('colour = "red"', "colour"),
    ('limit-rate = "fast"', "limit-rate"),
    ('password-file = "relative"', "folder in front"),
    ('header = {"Authorization: x"}', "secret"),
    ('once = "yes"', "once"),
    ('user = "a:b"', "colon"),
])
def test_a_mistake_in_the_configuration_is_named_with_its_line(client, line,
                                                               words):
    path = client.file(".config/bits/config",
                       f'\nurl "http://h/" {{\n{line}\n}}\n'.encode())
    client.file("a", b"x")
    done = client.run("upload", "a", "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert f"{path}:3:" in done.err and words in done.err


def upload_to_a_closed_port(client):
    return client.run("upload", "--retry-time", "0", "a",
                      "http://127.0.0.1:1/")


# What stands before the mistake, and how many lines that is.
BEFORE = {
    "hash": ("# one\n# two\n# three\n# four\n# five\n", 5),
    "others": ("// one\n\n/* three\n   four\n   five */\n", 5),
    "behind": ('url "http://a/" { # one\nuser = ann // two\n} /* three */\n', 3),
    "strings": (
        'url "http://a/" {\ncacert = "/etc/a\\\nb"\nkey = "/c\nd"\n}\n', 6),
    "empty": ("\n" * 200, 200),
    "many": ("# comment\n" * 200, 200),
    "none": ("", 0),
}


@pytest.mark.parametrize("before", BEFORE)
def test_comments_and_strings_do_not_move_the_line_of_a_mistake(
        client, before):
    text, lines = BEFORE[before]
    path = client.file(".config/bits/config", (
        text + 'url "http://h/" { # a section\nlimit-rate = "fast"\n}\n'
        ).encode())
    client.file("a", b"x")
    done = upload_to_a_closed_port(client)
    assert done.code == USAGE, done
    assert f"{path}:{lines + 2}: limit-rate:" in done.err, done


SENSELESS = {
    "comment": ('\nurl "http://h/" {\n# }\n/* no end\n}\n',
                ":4: the comment that begins here has no end"),
    "string": ('\nurl "http://h/" {\nuser = "no end\n}\n',
               ":3: the string that begins here has no end"),
    "section": ('\nurl "http://h/" {\nuser = ann\n',
                ":4: the file ends inside a section; close it with }"),
    "ours": ("\nend-of-file = here\n", ":2: no such section 'end-of-file'"),
    "nul": ("\0", ": cannot read it: it has a NUL byte"),
    "size": ("#" * (1 << 20) + "\n",
             ": cannot read it: it has more than 1 MiB"),
}


@pytest.mark.parametrize("how", SENSELESS)
def test_a_malformed_configuration_is_refused(client, how):
    text, words = SENSELESS[how]
    path = client.file(".config/bits/config", text.encode())
    client.file("a", b"x")
    done = upload_to_a_closed_port(client)
    assert done.code == USAGE, done
    assert f"{path}{words}" in done.err, done


@pytest.mark.parametrize("first, second, key", [
    ('user = "ann"', 'user = "bob"', "user"),
    ('user = "ann"', 'user = "ann"', "user"),
    ('header = {"A: 1", "B: 2"}', 'header = {"C: 3"}', "header"),
])
def test_a_repeated_key_is_named_with_both_lines(client, first, second, key):
    path = client.file(".config/bits/config",
                       f'url "http://h/" {{\n{first}\nmethod = bits\n'
                       f'{second}\n}}\n'.encode())
    client.file("a", b"x")
    done = client.run("upload", "a", "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert (f"{path}:4: {key} is set a second time; the first is on line 2"
            in done.err)


def test_all_errors_of_the_configuration_are_reported_at_once(client):
    path = client.file(".config/bits/config", b"""
url "ftp://h/" {
    user = ann
    header = {
        "A: 1",
        "Host: x"
    }
    limit-rate = fast
}
url "http://h/" { }
url "http://h/" {
    colour = red
}
""")
    client.file("a", b"x")
    done = upload_to_a_closed_port(client)
    assert done.code == USAGE, done
    lines = [line.removeprefix(f"bits: {path}:").split(" ", 1)
             for line in done.err.splitlines()]
    assert [line for line, _ in lines] == ["2:", "6:", "8:", "11:", "12:"]
    for (_, words), named in zip(lines, [
            'url "ftp://h/": the URL must begin', "header: this header is set",
            'limit-rate: "fast"', 'a second section url "http://h/"',
            "a section url has no option 'colour'"]):
        assert words.startswith(named), words


def test_a_list_in_the_configuration_may_grow(client):
    with Scripted() as server:
        client.file(".config/bits/config",
                    f'''
                    url "{server.url}" {{
                        header = {{"X-A: 1"}}
                        header += {{"X-B: 2"}}
                    }}
                    url "{server.url}x" {{ header = {{"X-A: 3"}} }}
                    '''.encode())
        done = upload(client, server)
        assert done.code == DONE, done
        last = server.requests[-1]
        assert (last.get("X-A"), last.get("X-B")) == ("1", "2")


def test_a_configuration_that_is_a_folder_is_an_error(client):
    path = client.file(".config/bits/config/x", b"").parent
    client.file("a", b"x")
    done = client.run("upload", "a", "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert str(path) in done.err and "folder" in done.err
