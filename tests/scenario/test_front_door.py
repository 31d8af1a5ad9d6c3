"""tools/serve and tools/upload.sh: what a user types first."""

import signal
import subprocess

import pytest

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
