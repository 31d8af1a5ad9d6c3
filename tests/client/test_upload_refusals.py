"""What is said, and what is still tried, when many files fail alike."""

import os
import socket
import threading

import pytest

from bitsd import Bitsd
from ports import Port
from scripted import PATIENCE, Scripted, ack, at_head, http
from tlskeys import Keys
from uploads import DISTRUST, REFUSED, SOME_FAILED, TEMPORARY

COUNT = 50
JOBS = [1, 4]
DENIED = ack(403, code="0x80070005", context="0x5")


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def make(client, count=COUNT):
    names = [f"f{i:03d}" for i in range(count)]
    for name in names:
        client.file(f"d/{name}", name.encode())
    return names


def upload(client, url, jobs, *options):
    return client.run("upload", "-r", "--jobs", jobs, *options, "d", url)


def lines_with(done, text):
    return [line for line in done.err.splitlines() if text in line]


# --- what holds for all -----------------------------------------------------

HOPELESS = [
    (http(401, fields=[("WWW-Authenticate", "Basic realm=x")]), DISTRUST,
     "requires credentials"),
    (http(405), REFUSED, "no BITS server answers"),
    (http(501), REFUSED, "no BITS server answers"),
    (http(200), REFUSED, "no BITS server answers"),
]


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("answer, code, words", HOPELESS)
def test_a_reason_that_stops_all_files_is_reported_once(client, jobs, answer, code, words):
    make(client)
    with Scripted() as server:
        server.always("create", answer)
        done = upload(client, server.url, jobs)
        assert done.code == code, done
        assert len(lines_with(done, words)) == 1, done
        assert f"the same reason stops {COUNT - 1} other files" in done.err
        assert f"{COUNT} of {COUNT} files were not sent" in done.err
        # One for each worker, and the rest is left alone.
        assert 1 <= len(server.requests) <= jobs


@pytest.mark.parametrize("jobs", JOBS)
def test_a_password_is_not_tried_for_each_file(client, jobs):
    make(client)
    client.file("pw", b"wrong\n").chmod(0o600)
    with Scripted() as server:
        server.always("create", http(401, fields=[
            ("WWW-Authenticate", "Basic realm=x")]))
        done = upload(client, server.url, jobs, "-u", "ann",
                      "--password-file", "pw", "--auth", "basic")
        assert done.code == DISTRUST, done
        assert len(lines_with(done, "credentials are refused")) == 1
        assert len(server.requests) <= 2 * jobs


@pytest.mark.parametrize("jobs", JOBS)
def test_a_server_that_is_down_is_reported_once(client, jobs):
    make(client)
    with Port() as gone:
        done = upload(client, f"{gone.url}/", jobs, "--retry-time", "0")
    assert done.code == TEMPORARY, done
    assert len(lines_with(done, "0x80072EFD")) == 1, done
    assert len(lines_with(done, "remedy:")) == 1, done
    assert f"the same reason stops {COUNT - 1} other files" in done.err


@pytest.mark.parametrize("jobs", JOBS)
def test_a_tls_failure_is_reported_once(client, tmp_path, jobs):
    make(client)
    keys = Keys(tmp_path)
    with Scripted(tls=keys.context(keys.server)) as server:
        done = upload(client, server.url, jobs)
        assert done.code == DISTRUST, done
        assert len(lines_with(done, "0x80072F8F")) == 1, done
        assert len(server.sockets) <= jobs


@pytest.mark.parametrize("jobs", JOBS)
def test_a_server_without_tls_is_reported_once(client, jobs):
    make(client)
    taken = []

    def serve(listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            taken.append(connection)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        done = upload(client, f"https://127.0.0.1:{port}/", jobs,
                      "--retry-time", "0")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
    for connection in taken:
        connection.close()
    assert done.code == TEMPORARY, done
    assert len(lines_with(done, "0x80072F7D")) == 1, done
    assert len(taken) <= jobs


def test_a_login_that_ends_stops_the_rest(client):
    make(client)
    refused = http(401, fields=[("WWW-Authenticate", "Bearer")])
    client.file("token", b"t\n").chmod(0o600)
    with Scripted() as server:
        server.play("create", None, None, None)
        server.always("create", refused)
        done = upload(client, server.url, 1, "--insecure-auth", "--token-file", "token")
        assert done.code == SOME_FAILED, done
        assert len(server.delivered) == 3
        assert len(lines_with(done, "credentials are refused")) == 1
        assert f"{COUNT - 3} of {COUNT} files were not sent" in done.err
        assert len(server.of("create")) <= 3 + 2


def test_the_rest_is_tried_when_the_server_takes_one_after_all(client):
    make(client, 6)
    asked, seen = threading.Event(), threading.Event()

    @at_head
    def refused_when_both_have_asked(_):
        assert asked.wait(PATIENCE)
        return http(405)

    @at_head
    def later(_):
        asked.set()
        assert seen.wait(PATIENCE)

    with Scripted() as server:
        server.play("create", refused_when_both_have_asked, later)
        running = client.start("upload", "-r", "--jobs", "2", "d", server.url)
        running.err.wait("no BITS server answers")
        seen.set()
        assert running.wait() == SOME_FAILED, running.err
        assert len(server.delivered) == 5
        assert "1 of 6 files were not sent" in str(running.err)
        assert "the same reason" not in str(running.err)


# --- what may hold for single files -----------------------------------------


@pytest.mark.parametrize("jobs", JOBS)
@pytest.mark.parametrize("answer", [
    DENIED, http(403), http(404), ack(404, code="0x80070003", context="0x5")])
def test_a_refusal_of_every_file_is_reported_once_and_each_is_tried(client, answer,
                                                                jobs):
    make(client)
    with Scripted() as server:
        server.always("create", answer)
        done = upload(client, server.url, jobs, "-q")
        assert done.code == REFUSED, done
        assert len(server.of("create")) == COUNT
        assert len(lines_with(done, "(HTTP 40")) == 1, done
        assert f"the same reason stops {COUNT - 1} other files\n" in done.err
        assert len(lines_with(done, "remedy:")) <= 1


@pytest.mark.parametrize("jobs", JOBS)
def test_existing_files_are_named_and_the_remedy_once(client, bitsd,
                                                                 jobs):
    names = make(client, 20)
    (bitsd.inbox / "d").mkdir()
    there = names[3:9]
    for name in there:
        (bitsd.inbox / "d" / name).write_bytes(b"there")
    done = upload(client, bitsd.addresses[0], jobs)
    assert done.code == SOME_FAILED, done
    refused = lines_with(done, "HTTP 403")
    assert sorted(line.split(": ")[1] for line in refused) == there
    # The server says why (D-55), so that nothing is to be guessed.
    assert all("the destination exists" in line for line in refused)
    assert not lines_with(done, "remedy:")
    assert not lines_with(done, "usual cause:")
    assert "6 of 20 files were not sent" in done.err


def test_files_refused_before_the_first_success_are_named_then(client):
    names = make(client, 6)
    with Scripted() as server:
        server.play("create", DENIED, DENIED, DENIED)
        done = upload(client, server.url, 1)
        assert done.code == SOME_FAILED, done
        refused = lines_with(done, "HTTP 403")
        assert [line.split(": ")[1] for line in refused] == names[:3]
        assert len(lines_with(done, "remedy:")) == 1


def test_another_reason_is_reported_too(client):
    names = make(client, 6)
    with Scripted() as server:
        server.play("create", DENIED, DENIED, http(403))
        server.always("create", DENIED)
        done = upload(client, server.url, 1, "-q")
        assert done.code == REFUSED, done
        named = [line.split(": ")[1] for line in done.err.splitlines()
                 if "(HTTP 403" in line]
        assert named == names[:4]
        assert "the same reason stops 2 other files\n" in done.err


# --- for programs -----------------------------------------------------------


def test_json_has_each_file_that_was_tried_and_how_many_were_not(client):
    make(client)
    with Scripted() as server:
        server.always("create", http(405))
        done = upload(client, server.url, 1, "--json")
    assert done.code == REFUSED, done
    events = done.json()
    ends = [e for e in events if e["event"] == "end"]
    assert [os.path.basename(e["path"]) for e in ends] == ["f000"]
    last = events[-1]
    assert (last["event"], last["count"], last["exit"]) == (
        "untried", COUNT - 1, 1)
    assert last["error"]["status"] == 405


def test_json_has_each_refused_file(client):
    make(client)
    with Scripted() as server:
        server.always("create", DENIED)
        done = upload(client, server.url, 4, "--json")
    ends = [e for e in done.json() if e["event"] == "end"]
    assert len(ends) == COUNT
    assert all(e["error"]["code"] == "0x80070005" for e in ends)
    assert "untried" not in done.out


def test_the_character_that_is_refused_is_named(client, bitsd):
    path = client.file("a.bin", b"1")
    done = client.run("upload", path, bitsd.addresses[0] + "a%5Cb.bin")
    assert done.code == REFUSED, done
    assert "the server says: a name in the URL contains a character" in done.err
    assert ": %5C; rename the file (HTTP 403, 0x80070005)" in done.err
    assert "usual cause" not in done.err


@pytest.mark.parametrize("text, shown", [
    ("gone fishing", "gone fishing"),
    ("x" * 300, "x" * 255 + " (HTTP"),
    ("red \x1b[31mink", None),
    ("caf\xe9", None),
    ("", None),
])
def test_a_text_of_a_server_is_cut_and_never_reaches_the_terminal_raw(client,
                                                                      text,
                                                                      shown):
    """D-55: printable ASCII, 255 bytes; else the usual causes."""
    path = client.file("a.bin", b"1")
    with Scripted() as server:
        server.play("create", ack(403, code="0x80070005", context="0x5",
                                  fields=[("BITS-Error-Text", text)]))
        done = client.run("upload", path, server.url)
    assert done.code == REFUSED, done
    assert "\x1b" not in done.err
    if shown:
        assert "the server says: " + shown in done.err
        assert "usual cause" not in done.err
    else:
        assert "the server says" not in done.err
        assert "usual cause" in done.err


def test_a_text_without_an_ack_is_not_the_servers(client):
    path = client.file("a.bin", b"1")
    with Scripted() as server:
        server.play("create", http(
            403, fields=[("BITS-Error-Text", "trust me")]))
        done = client.run("upload", path, server.url)
    assert done.code == REFUSED and "trust me" not in done.err, done


def test_dot_segments_of_a_url_are_refused_and_not_resolved(client, bitsd):
    path = client.file("a.bin", b"1")
    done = client.run("upload", path, bitsd.addresses[0] + "a/../b.bin")
    assert done.code == REFUSED, done
    assert "the URL has a . or .. segment; remove it" in done.err
    assert not (bitsd.inbox / "b.bin").exists()


def test_each_file_of_a_folder_is_told_its_own_reason(client, bitsd):
    """The same status and code for both, and nothing was accepted before."""
    client.file("d/a.bin", b"1")
    client.file("d/b\\c.bin", b"2")
    (bitsd.inbox / "d").mkdir()
    (bitsd.inbox / "d" / "a.bin").write_bytes(b"0")
    done = client.run("upload", "-r", client.home / "d", bitsd.addresses[0])
    lines = lines_with(done, "HTTP 403")
    assert len(lines) == 2, done
    assert "the destination exists" in next(x for x in lines if "a.bin" in x)
    assert ": %5C" in next(x for x in lines if "c.bin" in x)


NGINX = ("<html>\r\n<head><title>405 Not Allowed</title></head>\r\n"
         "<body><hr><center>nginx/1.22.1</center></body></html>")


@pytest.mark.parametrize("status, fields, page, words", [
    (405, [("Server", "nginx/1.22.1")], NGINX,
     'nginx/1.22.1 answered: "405 Not Allowed"; if it refuses only the method'),
    (403, [("Server", "x"), ("Via", "1.1 squid.example")], "Blocked by policy.",
     '1.1 squid.example answered: "Blocked by policy."'),
    (200, [], "<h1>Please log in</h1>",
     'a server without a name answered: "Please log in"'),
    (403, [("Server", "\x1b[2Jx")], "\x1b[31mred" + "y" * 5000,
     '\\x1b[2Jx answered: "\\x1b[31mredyyy'),
    (404, [("Server", "Apache")], "", "Apache answered"),
])
def test_an_answer_without_an_ack_names_who_answered(client, status, fields,
                                                     page, words):
    path = client.file("a.bin", b"1")
    with Scripted() as server:
        server.always("create", http(status, fields=fields,
                                     body=page.encode()))
        done = client.run("upload", "--retry-time", "0", path, server.url)
    assert done.code in (REFUSED, TEMPORARY), done
    assert words in done.err and "\x1b" not in done.err, done
    assert max(map(len, done.err.splitlines())) < 400, done


@pytest.mark.parametrize("page", [
    "<center>The plain HTTP request was sent to HTTPS port</center>",
    "Reason: You're speaking plain HTTP to an SSL-enabled server port.",
    "Client sent an HTTP request to an HTTPS server.\n",
    "This port speaks TLS: use https:// in the URL.\n",
])
def test_a_web_server_that_wants_tls_is_understood(client, page):
    path = client.file("a.bin", b"1")
    with Scripted() as server:
        server.always("create", http(400, body=page.encode()))
        server.always("ping", http(400, body=page.encode()))
        done = client.run("upload", path, server.url)
        assert "write https:// in the URL" in done.err, done
        assert "BITS_POST" not in done.err and "--method" not in done.err, done
        done = client.run("doctor", server.url)
        assert "write https:// in the URL" in done.out, done


@pytest.mark.parametrize("command", [
    ["upload", "--retry-time", "0", "a.bin"], ["doctor"]])
def test_http_to_a_tls_port_is_suspected(client, tmp_path, command):
    client.file("a.bin", b"1")
    keys = Keys(tmp_path)
    with Scripted(tls=keys.context(keys.server)) as server:
        url = server.url.replace("https://", "http://")
        done = client.run(*command, url)
    assert done.code == TEMPORARY, done
    assert "if the port speaks TLS, write https://" in done.err + done.out, done


def test_a_url_that_names_a_folder_comes_with_the_remedy(client, bitsd):
    path = client.file("a.bin", b"1")
    (bitsd.inbox / "d").mkdir()
    done = client.run("upload", path, bitsd.addresses[0] + "d")
    assert done.code == REFUSED, done
    assert "the URL names a folder" in done.err, done
    assert "end the URL with / or a file name" in done.err, done


# --- the end of a run ---------------------------------------------------------


def ending(done):
    """The lines from the number of files on."""
    lines = done.err.splitlines()
    start = next(i for i, l in enumerate(lines) if "files were not sent" in l)
    return lines[start:]


def test_the_errors_are_summed_up_at_the_end_and_each_remedy_once(client):
    names = make(client, 12)
    text = ack(403, code="0x80070005", context="0x5",
               fields=[("BITS-Error-Text", "no such luck")])
    with Scripted() as server:
        server.play("create", None, DENIED, None, DENIED, DENIED, DENIED, None,
                    http(404), text)
        done = upload(client, server.url, 1)
    assert done.code == SOME_FAILED, done
    lines = ending(done)
    assert lines[0] == "bits: 6 of 12 files were not sent"
    assert lines[1].startswith("bits:   f001, f003, f004 and 1 more: ")
    assert lines[2].startswith("bits:   f007: ")
    assert lines[3] == "bits:   f008: the server says: no such luck"
    remedies = [line for line in lines if line.startswith("bits: remedy: ")]
    assert len(remedies) == len(lines_with(done, "remedy:")) >= 1
    assert len(set(remedies)) == len(remedies)
    assert len(names) == 12


def test_a_single_reason_is_not_repeated_at_the_end(client):
    make(client, 5)
    with Scripted() as server:
        server.always("create", DENIED)
        done = upload(client, server.url, 1)
    assert [line.split(":")[1].strip() for line in ending(done)] == [
        "5 of 5 files were not sent", "usual cause", "remedy"]


def test_the_first_wait_for_a_connection_shows_the_remedy(client):
    path = client.file("a.bin", b"1")
    with Port() as gone:
        run = client.start("upload", path, f"{gone.url}/")
        run.err.wait("remedy: check port and firewall")
        run.err.wait("next try")
        run.terminate()
    assert str(run.err).count("remedy: ") == 1
