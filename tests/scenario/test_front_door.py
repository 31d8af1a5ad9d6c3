"""tools/serve and tools/upload.sh: what a user types first."""

import base64
import contextlib
import os
import re
import signal
import subprocess

import pytest

import bits
from bitsd import PATIENCE, ROOT, Bitsd, binary
from packets import pattern

UPLOAD = ROOT / "tools" / "upload.sh"
SERVE = ROOT / "tools" / "serve"


def upload(*arguments):
    return subprocess.run([UPLOAD, *map(str, arguments)], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


@pytest.mark.parametrize("name, size", [
    ("a.bin", 10), ("empty", 0), ("large.bin", 3 << 20), ("an 'ä' [1].txt", 7),
])
def test_a_file_arrives_under_its_name(name, size):
    with Bitsd() as bitsd:
        source = bitsd.home / name
        source.write_bytes(pattern("S", 0, size))
        done = upload(source, bitsd.addresses[0])
        assert done.returncode == 0, done.stderr
        assert (bitsd.inbox / name).read_bytes() == pattern("S", 0, size)


def test_the_commands_are_shown_when_asked():
    with Bitsd() as bitsd:
        source = bitsd.home / "a.bin"
        source.write_bytes(b"0123456789")
        done = upload("-v", source, bitsd.addresses[0] + "b.bin")
        assert done.returncode == 0, done.stderr
        shown = [l for l in done.stderr.splitlines() if l.startswith("$ curl")]
        types = ["Create-Session", "Fragment", "Close-Session"]
        assert len(shown) == len(types)
        assert all(t in line for t, line in zip(types, shown))
        assert "Content-Range: bytes 0-9/10" in shown[1]
        # They are commands: another upload, typed by hand.
        (bitsd.inbox / "b.bin").unlink()
        again = subprocess.run(["sh", "-c", shown[0][2:].replace(
            "-o /dev/null", "-f")], timeout=60, capture_output=True, text=True,
            check=False)
        assert again.returncode == 0 and "BITS-Session-Id" in again.stdout


def test_a_refusal_is_shown_and_the_session_cancelled():
    with Bitsd(uploads={"/": {"max_upload_size": "9"}}) as bitsd:
        source = bitsd.home / "a.bin"
        source.write_bytes(b"0123456789")
        done = upload(source, bitsd.addresses[0])
        assert done.returncode == 1
        assert done.stderr == (
            "upload.sh: Fragment: refused with 500 0x80200020: "
            "the file is larger than max_upload_size\n")
        bitsd.log.wait("cancelled")


def test_dot_segments_are_sent_as_they_are():
    with Bitsd() as bitsd:
        source = bitsd.home / "a.bin"
        source.write_bytes(b"0123456789")
        done = upload(source, bitsd.addresses[0] + "a/../b.bin")
        assert done.returncode == 1
        assert "refused with 403 0x80070005: the URL has a . or .. segment" \
            in done.stderr, done.stderr
        assert not (bitsd.inbox / "b.bin").exists()


def test_a_refusal_of_another_server_ends_without_a_blank(tmp_path):
    source = tmp_path / "a.bin"
    source.write_bytes(b"0123456789")
    with Bitsd(uploads={"/up": {}}) as bitsd:
        # Plain 414, without BITS headers.
        done = upload(source, bitsd.addresses[0] + "x" * 9000)
    assert done.returncode == 1
    assert done.stderr == "upload.sh: Create-Session: refused with 414\n"


def test_upload_names_the_fault_of_the_scheme_or_the_certificate(tmp_path):
    source = tmp_path / "a.bin"
    source.write_bytes(b"0123456789")
    with serving(built(tmp_path), "127.0.0.1:0", tmp_path / "in",
                 "tls") as (url, _):
        done = upload(source, url)
        assert done.returncode == 1
        assert "not trusted; if it is self-signed, set CURL_CA_BUNDLE" in done.stderr
        done = upload(source, url.replace("https:", "http:"))
        assert done.returncode == 1
        assert "if the port speaks TLS, write https://" in done.stderr
    with Bitsd() as bitsd:
        done = upload(source, bitsd.addresses[0].replace("http:", "https:"))
        assert done.returncode == 1
        assert "if the port speaks plain HTTP, write http://" in done.stderr


@pytest.mark.parametrize("value", ["YES", "1", "yes please"])
def test_make_serve_rejects_other_values_of_tls(value):
    done = subprocess.run(["make", "-C", ROOT, "-o", "all", "serve",
                           f"TLS={value}", "LISTEN=nowhere:x"], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2
    assert f"TLS={value}: write TLS=yes or TLS=no" in done.stderr, done


def test_a_source_that_is_not_a_file_is_named(tmp_path):
    done = upload(tmp_path / "nofile", "http://127.0.0.1:9/")
    assert done.returncode == 1
    assert done.stderr == f"upload.sh: {tmp_path}/nofile is not a file\n"


def test_serve_says_how_passes_signals_on_and_exits_as_bitsd(tmp_path):
    inbox = tmp_path / "inbox"
    process = subprocess.Popen([SERVE, binary(), "127.0.0.1:0", inbox],
                               stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        ready = next(line.split()[-1] for line in process.stderr
                     if "listening on" in line)
        assert f"upload.sh README.md {ready}README.md" in "".join(
            process.stderr.readline() for _ in range(2))
        assert f"{inbox}/README.md" in process.stderr.readline()
        source = tmp_path / "README.md"
        source.write_text("text")
        assert upload(source, ready).returncode == 0
        assert (inbox / "README.md").read_text() == "text"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=2 * PATIENCE)
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def serving(program, listen, inbox, *more):
    """The URL, what it prints behind that, and the process."""
    process = subprocess.Popen([SERVE, program, listen, inbox, *more],
                               stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        ready = next(line.split()[-1] for line in process.stderr
                     if "listening on" in line)
        said = ""
        while not said.endswith("Ctrl-C stops the server.\n"):
            said += process.stderr.readline()
        yield ready, said
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=2 * PATIENCE)
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()


def built(tmp_path):
    """A build folder whose folder tls is the test's."""
    folder = tmp_path / "a build"
    folder.mkdir()
    for name, program in (("bitsd", binary()), ("bits", bits.binary())):
        (folder / name).symlink_to(program)
    return folder / "bitsd"


def typed(said, word):
    """The command with this word that was printed."""
    return next(line.strip() for line in said.splitlines() if word in line)


def test_serve_with_tls_says_how_clients_trust_it(tmp_path):
    inbox, program = tmp_path / 'in "$x', built(tmp_path)
    with serving(program, "127.0.0.1:0", inbox, "tls") as (url, said):
        assert url.startswith("https://127.0.0.1:"), url
        # Commands of the user, with other names of the file.
        for number, word in enumerate(("CURL_CA_BUNDLE", "--cacert", "-k ")):
            source = tmp_path / f"{number}.txt"
            source.write_text("text")
            command = typed(said, word).replace("README.md", source.name)
            subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True,
                           timeout=60, stdin=subprocess.DEVNULL,
                           env={**os.environ, "HOME": str(tmp_path),
                                "PATH": f"{program.parent}:/usr/bin:/bin"})
            assert (inbox / source.name).read_text() == "text"
        pin = re.search(r"sha256//[A-Za-z0-9+/=]+", said)[0]
        assert "PowerShell" not in said  # Windows does not reach it.
    key = program.parent / "tls" / "key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    # It keeps its certificate: pins stay good.
    with serving(program, "127.0.0.1:0", inbox, "tls") as (_, said):
        assert pin in said


def test_serve_with_tls_has_lines_for_windows(tmp_path):
    with serving(built(tmp_path), "*:0", tmp_path / "inbox",
                 "tls") as (url, said):
        assert url.startswith("https://")
        assert "-Destination https://" in said
        coded = re.search(r"FromBase64String\('([^']+)'\)", said)[1]
        # The certificate itself, valid for the address that is printed.
        host = re.search(r"-Destination https://([0-9.]+):", said)[1]
        subprocess.run(["openssl", "x509", "-inform", "der", "-noout",
                        "-checkip", host], check=True, timeout=60,
                       input=base64.b64decode(coded), capture_output=True)
        assert "Cert:\\LocalMachine\\Root" in said


def test_serve_exits_as_a_bitsd_that_cannot_start(tmp_path):
    done = subprocess.run([SERVE, binary(), "nowhere:x", tmp_path], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 1


def serve(*arguments):
    """Runs it until it gives up."""
    return subprocess.run([SERVE, binary(), *map(str, arguments)], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


def test_serve_says_how_to_run_a_second_server():
    with Bitsd() as bitsd:
        host, port = bitsd.address
        done = serve("127.0.0.1:0", bitsd.inbox)
        assert done.returncode == 1
        assert "\n    make serve LISTEN=127.0.0.1:0 DIR=other\n" in done.stderr
        (bitsd.home / "other").mkdir()
        done = serve(f"{host}:{port}", bitsd.home / "other")
        assert done.returncode == 1
        assert done.stderr.endswith("\n    make serve LISTEN=127.0.0.1:0\n")
