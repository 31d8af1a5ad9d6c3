"""bits upload against a real bitsd, when nothing goes wrong, and what it says
when something does."""

import json
import os
import signal
import stat

import pytest

from bitsd import Bitsd
from talk import until
from uploads import (DONE, LOCAL, MIB, REFUSED, SOME_FAILED, TEMPORARY, USAGE,
                     check_idle, noise, packets, records)


@pytest.fixture
def bitsd():
    with Bitsd() as server:
        yield server


def delivered(bitsd, name):
    return (bitsd.inbox / name).read_bytes()


def url_of(bitsd, path=""):
    return bitsd.addresses[0] + path


# --- one file ---------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 5 * 1024, MIB, MIB + 1, 20 * MIB + 7])
def test_a_file_arrives_whole(client, bitsd, size):
    content = noise(size)
    done = client.run("upload", client.file("a.bin", content), url_of(bitsd))
    assert (done.code, done.out) == (DONE, ""), done
    assert delivered(bitsd, "a.bin") == content
    check_idle(client)


def test_a_url_without_a_slash_at_its_end_is_the_destination(client, bitsd):
    done = client.run("upload", client.file("a", b"x"), url_of(bitsd, "b c%64"))
    assert done.code == DONE, done
    assert delivered(bitsd, "b cd") == b"x"


def test_the_name_of_a_file_is_encoded(client, bitsd):
    name = "für 100% & [x]#?.txt"
    done = client.run("upload", client.file(name, b"x"), url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, name) == b"x"


def test_name_takes_the_place_of_the_files_own(client, bitsd):
    done = client.run("upload", "--name", "other", client.file("a", b"x"),
                      url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, "other") == b"x"


def test_the_packets_are_those_of_the_protocol(client, bitsd):
    path = client.file("a.bin", noise(4 * MIB))
    done = client.run("upload", "--json", "-v", "--fragment-size", "1M", path,
                      url_of(bitsd))
    assert packets(done) == [
        ("create", None, 200), ("fragment", 0, 200),
        ("fragment", MIB, 200), ("fragment", 2 * MIB, 200),
        ("fragment", 3 * MIB, 200), ("close", None, 200)]
    assert [o["event"] for o in done.json()][-1] == "end"
    assert done.json()[-1]["exit"] == 0


def test_a_method_that_passes_everywhere(client, bitsd):
    done = client.run("upload", "--method", "post", client.file("a", b"x"),
                      url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, "a") == b"x"


def test_quiet_says_nothing(client, bitsd):
    done = client.run("upload", "-q", client.file("a", b"x"), url_of(bitsd))
    assert (done.code, done.out, done.err) == (DONE, "", "")


def test_the_rate_is_kept(client, bitsd):
    path = client.file("a", noise(3 * MIB))
    done = client.run("upload", "--json", "--limit-rate", "2M", path,
                      url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, "a") == path.read_bytes()
    done = client.run("upload", "--json", "-v", "--limit-rate", "2M", path,
                      url_of(bitsd, "again"))
    fragments = [o for o in done.json()
                 if o["event"] == "packet" and o["packet"] == "Fragment"]
    # A quarter of a second may be ahead.
    assert sum(o["ms"] for o in fragments) >= 1200


# --- several files ----------------------------------------------------------


def test_several_files_and_a_folder(client, bitsd):
    (bitsd.inbox / "d" / "sub").mkdir(parents=True)
    client.file("d/x", b"1")
    client.file("d/sub/y z", b"2")
    client.file("a", b"3")
    done = client.run("upload", "-r", "a", "d", url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, "a") == b"3"
    assert delivered(bitsd, "d/x") == b"1"
    assert delivered(bitsd, "d/sub/y z") == b"2"


def test_links_in_folders_are_not_followed(client, bitsd):
    (bitsd.inbox / "d").mkdir()
    client.file("d/x", b"1")
    (client.home / "d" / "link").symlink_to("/etc/passwd")
    done = client.run("upload", "-r", "d", url_of(bitsd))
    assert done.code == DONE
    assert "d/link" in done.err
    assert not os.path.lexists(bitsd.inbox / "d" / "link")


def test_a_link_to_a_folder_is_followed_where_the_user_names_it(client, bitsd):
    (bitsd.inbox / "link").mkdir()
    client.file("d/x", b"1")
    (client.home / "link").symlink_to("d")
    done = client.run("upload", "-r", "link", url_of(bitsd))
    assert done.code == DONE, done
    assert delivered(bitsd, "link/x") == b"1"


def test_the_files_of_this_folder_have_no_folder_in_front(client, bitsd):
    work = client.file("d/x", b"1").parent
    for name in (".", "./", "../d/.", "../d/./"):
        done = client.run("upload", "-r", "--dry-run", f"{work}/{name}",
                          "http://h/")
        assert "http://h/x" in done.out, done


def test_an_empty_folder_is_nothing_to_send(client):
    (client.home / "d").mkdir()
    done = client.run("upload", "-r", "d", "http://127.0.0.1:1/")
    assert done.code == DONE and "no file to send" in done.err


def test_the_others_are_sent_when_one_is_refused(client, bitsd):
    (bitsd.inbox / "b").write_bytes(b"there")
    for name in "abc":
        client.file(name, name.encode())
    done = client.run("upload", "a", "b", "c", "missing", url_of(bitsd))
    assert done.code == SOME_FAILED, done
    assert delivered(bitsd, "a") == b"a" and delivered(bitsd, "c") == b"c"
    assert delivered(bitsd, "b") == b"there"
    assert "2 of 4" in done.err


# --- what it says -----------------------------------------------------------


def test_a_refusal_is_final_and_says_why(client, bitsd):
    (bitsd.inbox / "a").write_bytes(b"there")
    done = client.run("upload", client.file("a", b"x"), url_of(bitsd))
    assert done.code == REFUSED, done
    assert "403" in done.err
    check_idle(client)


def test_no_server_is_temporary(client):
    done = client.run("upload", "--retry-time", "0", client.file("a", b"x"),
                      "http://127.0.0.1:1/")
    assert done.code == TEMPORARY, done


@pytest.mark.parametrize("name, words", [
    ("missing", "No such file"), (".", "-r sends what is in it"),
    ("/dev/null", "not a regular file")])
def test_a_source_that_is_not_a_file_is_named_with_the_reason(client, bitsd,
                                                              name, words):
    done = client.run("upload", name, url_of(bitsd))
    assert done.code == LOCAL, done
    assert words in done.err


CONTRADICTIONS = [
    (["--growing", "--remove-source", "a"], "/", "--growing"),
    (["a", "b"], "/x", "slash"),
    (["-r", "a"], "/x", "slash"),
    (["--name", "n", "a", "b"], "/", "--name"),
    (["--reply", "r", "a", "b"], "/", "--reply"),
    (["-"], "/", "--name"),
    (["-", "a"], "/", "alone"),
    (["--once", "-"], "/x", "--once"),
]


@pytest.mark.parametrize("arguments, path, word", CONTRADICTIONS)
def test_contradictions_are_refused(client, arguments, path, word):
    client.file("a", b"x")
    client.file("b", b"x")
    done = client.run("upload", *arguments, "http://127.0.0.1:1" + path)
    assert done.code == USAGE, done
    assert word in done.err


BAD_OPTIONS = [
    ["--no-such-option"], ["--user"], ["--growing=yes"], ["-u", "me:secret"],
    ["--auth", "magic"], ["--limit-rate", "fast"], ["--limit-rate", "0"],
    ["--retry-time", "soon"], ["--fragment-size", "big"], ["--method", "put"],
    ["--name", "a/b"], ["-x", "http://me:secret@proxy/"],
    ["-x", "ftp://proxy/"], ["-H", "no header"], ["-H", "Content-Length: 3"],
    ["-H", "BITS-Packet-Type: Ping"], ["-H", "Authorization: Basic x"],
    ["-H", "Cookie: a=b"], ["--key", "/etc/passwd"], ["--cacert", "/none"],
    ["--token-file", "/none"], ["--netrc-file", "/none"], ["-u", "me"],
    ["--password-file", "/none"],
]


@pytest.mark.parametrize("arguments", BAD_OPTIONS)
def test_bad_options_are_refused_in_words(client, arguments):
    path = client.file("a", b"x")
    done = client.run("upload", *arguments, path, "http://127.0.0.1:1/")
    assert done.code == USAGE, done
    assert done.err.strip() and "secret" not in done.err.replace(
        "holds a secret", "").replace("a secret here", "")


@pytest.mark.parametrize("url", [
    "ftp://h/", "h/a", "http:///a", "http://me@h/", "http://me:secret@h/",
    "https://h/a#b"])
def test_bad_urls_are_refused(client, url):
    done = client.run("upload", client.file("a", b"x"), url)
    assert done.code == USAGE, done
    assert "secret" not in done.err


def test_names_that_iis_refuses_are_warned_about(client, bitsd):
    done = client.run("upload", client.file("web.config", b"x"), url_of(bitsd))
    assert done.code == DONE
    assert "warning" in done.err and "IIS" in done.err


# --- options of the upload --------------------------------------------------


def test_once_skips_what_was_sent(client, bitsd):
    path = client.file("a", b"x")
    target = url_of(bitsd, "a")
    assert client.run("upload", "--once", path, target).code == DONE
    again = client.run("upload", "--once", "--json", "-v", path, target)
    assert again.code == DONE and packets(again) == [], again
    (bitsd.inbox / "a").unlink()
    path.write_bytes(b"other")
    assert client.run("upload", "--once", path, target).code == DONE
    assert delivered(bitsd, "a") == b"other"
    # Another URL is another transfer.
    other = client.run("upload", "--once", path, url_of(bitsd, "b"))
    assert other.code == DONE and delivered(bitsd, "b") == b"other"


def test_remove_source_removes_what_was_sent(client, bitsd):
    path = client.file("a", b"x")
    assert client.run("upload", "--remove-source", path,
                      url_of(bitsd)).code == DONE
    assert not path.exists() and delivered(bitsd, "a") == b"x"


def test_remove_source_leaves_a_file_that_was_refused(client, bitsd):
    (bitsd.inbox / "a").write_bytes(b"there")
    path = client.file("a", b"x")
    assert client.run("upload", "--remove-source", path,
                      url_of(bitsd)).code == REFUSED
    assert path.exists()


def test_remove_source_does_not_remove_through_a_link(client, bitsd):
    path = client.file("a", b"x")
    (client.home / "link").symlink_to(path)
    done = client.run("upload", "--remove-source", "link", url_of(bitsd))
    assert done.code == DONE and "not removed" in done.err
    assert path.exists() and delivered(bitsd, "link") == b"x"


def test_dry_run_sends_nothing(client):
    client.file("d/a b", b"xyz")
    done = client.run("upload", "--dry-run", "-r", "d", "http://127.0.0.1:1/u/")
    assert done.code == DONE, done
    assert "http://127.0.0.1:1/u/d/a%20b" in done.out and "3 bytes" in done.out
    done = client.run("upload", "--dry-run", "--json", "d/a b",
                      "http://127.0.0.1:1/u")
    assert done.json() == [{
        "event": "plan", "path": str(client.home / "d/a b"),
        "url": "http://127.0.0.1:1/u", "size": 3, "offset": 0, "done": False}]


# --- standard input ---------------------------------------------------------


def test_standard_input_is_sent(client, bitsd):
    content = noise(3 * MIB)
    done = client.run("upload", "--name", "in", "-", url_of(bitsd),
                      stdin=content)
    assert done.code == DONE, done
    assert delivered(bitsd, "in") == content
    assert list((client.state / "bits" / "spool").iterdir()) == []


def test_standard_input_that_could_not_be_sent_is_kept(client, bitsd):
    done = client.run("upload", "--retry-time", "0", "-",
                      "http://127.0.0.1:1/in", stdin=b"precious")
    assert done.code == TEMPORARY, done
    kept = list((client.state / "bits" / "spool").iterdir())
    assert [p.read_bytes() for p in kept] == [b"precious"]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    assert str(kept[0]) in done.err
    # The line that it printed, but to a server that is there.
    done = client.run("upload", "--remove-source", kept[0],
                      url_of(bitsd, "in"))
    assert done.code == DONE and delivered(bitsd, "in") == b"precious"
    assert not kept[0].exists()


def test_an_interrupted_standard_input_leaves_nothing(client):
    read, write = os.pipe()
    spool = client.state / "bits" / "spool"
    running = client.start("upload", "-", "http://127.0.0.1:1/in", stdin=read)
    os.write(write, b"part")
    until(lambda: [p for p in spool.glob("*") if p.stat().st_size == 4])
    running.signal(signal.SIGTERM)
    assert running.wait() == 128 + signal.SIGTERM
    assert running.err.find("nothing was sent")
    assert list(spool.iterdir()) == []
    os.close(read)
    os.close(write)


# --- state ------------------------------------------------------------------


def test_without_state_it_uploads_and_warns_once(client, bitsd):
    for name in "ab":
        client.file(name, b"x")
    done = client.run("upload", "a", "b", url_of(bitsd),
                      XDG_STATE_HOME="/proc/none")
    assert done.code == DONE, done
    assert done.err.count("warning") == 1
    assert delivered(bitsd, "a") == b"x" and delivered(bitsd, "b") == b"x"


def test_the_state_of_a_service_goes_where_its_manager_says(client, bitsd):
    folder = client.home / "service"
    done = client.run("upload", "--once", client.file("a", b"x"),
                      url_of(bitsd), STATE_DIRECTORY=f"{folder}:/other")
    assert done.code == DONE, done
    assert len(list((folder / "uploads").glob("*.json"))) == 1
    assert stat.S_IMODE((folder / "uploads").stat().st_mode) == 0o700


def test_a_malformed_record_is_ignored(client, bitsd):
    path = client.file("a", b"x")
    client.run("upload", "--once", path, url_of(bitsd, "a"))
    (record,) = (client.state / "bits" / "uploads").glob("*.json")
    for text in ["", "{", "[]", '{"version": 1}',
                 json.dumps({**records(client)["a"], "done": False})]:
        record.write_text(text)
        (bitsd.inbox / "a").unlink()
        done = client.run("upload", "--once", path, url_of(bitsd, "a"))
        assert done.code == DONE, (text, done)
        assert delivered(bitsd, "a") == b"x"


def test_help_names_every_option(client):
    done = client.run("upload", "--help")
    assert done.code == DONE
    for option in ("--recursive", "--growing", "--password-file",
                   "--limit-rate", "--no-resume", "-q", "-v", "--json"):
        assert option in done.out


def test_a_plain_server_where_tls_is_expected(client, bitsd):
    url = url_of(bitsd).replace("http:", "https:")
    done = client.run("upload", "--retry-time", "0", client.file("a", b"x"),
                      url)
    assert done.code == TEMPORARY, done
