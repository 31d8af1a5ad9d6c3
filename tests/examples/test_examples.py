"""The examples of openbits(3): they speak with each other, with bitsd and with
bits, and need nothing but what is installed."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from bits import Client, check
from bitsd import ROOT, Bitsd, Log, as_child
from packets import Request
from wire import PATIENCE, Connection

BUILT = Path(os.environ.get("EXAMPLES", ROOT / "build" / "examples"))
BUILD = BUILT.parent
COMPILER = os.environ.get("COMPILER", "cc").split()
CONTENT = bytes(range(256)) * 15000  # three fragments, the last one short
SIZES = [len(CONTENT), 1, 0]


class Example:
    """openbits-server in a folder of its own."""

    def __init__(self, folder, program=BUILT / "openbits-server",
                 environment=None):
        self.folder = folder
        self.process = subprocess.Popen(
            [program, "0"], cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=as_child, env=environment)
        self.log = Log()
        self.reader = threading.Thread(target=self.log.follow, daemon=True,
                                       args=[self.process.stdout])
        self.reader.start()
        place = self.log.wait("listening on ").split()[-1]
        host, port = place.split(":")
        self.address = (host, int(port))
        self.url = f"http://{place}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        check(str(self.log))


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "received"
    folder.mkdir()
    with Example(folder) as example:
        yield example


@pytest.fixture
def client(tmp_path):
    with Client(tmp_path) as client:
        yield client


def upload(path, url, program=BUILT / "openbits-client", environment=None):
    done = subprocess.run([program, path, url], capture_output=True, text=True,
                          timeout=PATIENCE, check=False, preexec_fn=as_child,
                          env=environment)
    check(done.stderr)
    return done


def write(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("size", SIZES)
def test_the_client_uploads_to_the_server(tmp_path, server, size):
    content = CONTENT[:size]
    done = upload(write(tmp_path, content), server.url + "/a%20b")
    assert done.returncode == 0, done.stderr
    assert (server.folder / "a b").read_bytes() == content
    assert os.listdir(server.folder) == ["a b"]


def test_the_server_replaces_nothing(tmp_path, server):
    (server.folder / "a").write_bytes(b"old")
    done = upload(write(tmp_path, CONTENT), server.url + "/a")
    assert done.returncode == 1
    assert "HTTP status 403" in done.stderr
    assert (server.folder / "a").read_bytes() == b"old"


def send(server, request):
    """The answer to a request, on a connection of its own."""
    connection = Connection(server.address)
    connection.send(request.data())
    response = connection.read_response()
    connection.close()
    return response


def ask(server, *packet):
    return send(server, Request(*packet))


def test_the_server_refuses_an_unknown_protocol(server):
    request = Request("create", "/a")
    request.set("BITS-Supported-Protocols",
                "{00000000-0000-0000-0000-000000000001}")
    assert send(server, request).status == 400


def test_a_delivery_replaces_nothing_and_is_tried_again(server):
    session = ask(server, "create", "/a").get("BITS-Session-Id")
    (server.folder / "a").write_bytes(b"old")
    last = ask(server, "fragment", "/a", session, "bytes 0-2/3", b"new")
    assert last.status == 403
    assert (server.folder / "a").read_bytes() == b"old"
    (server.folder / "a").unlink()
    assert ask(server, "close", "/a", session).status == 200
    assert (server.folder / "a").read_bytes() == b"new"


def test_a_file_whose_bytes_are_lost_is_not_delivered(server):
    session = ask(server, "create", "/a").get("BITS-Session-Id")
    first = ask(server, "fragment", "/a", session, "bytes 0-3/8", b"abcd")
    assert first.status == 200
    part, = server.folder.iterdir()
    part.unlink()
    last = ask(server, "fragment", "/a", session, "bytes 4-7/8", b"efgh")
    assert last.status == 404
    assert list(server.folder.iterdir()) == []
    assert ask(server, "create", "/a").status == 200


def test_no_name_leaves_the_servers_folder(tmp_path, server):
    done = upload(write(tmp_path, CONTENT), server.url + "/%2e%2e/a")
    assert "HTTP status 403" in done.stderr
    assert os.listdir(server.folder) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_client_uploads_to_bitsd(tmp_path, size):
    content = CONTENT[:size]
    with Bitsd() as bitsd:
        host, port = bitsd.address
        done = upload(write(tmp_path, content), f"http://{host}:{port}/a")
        assert done.returncode == 0, done.stderr
        assert (bitsd.inbox / "a").read_bytes() == content


def test_the_client_says_why_bitsd_refuses(tmp_path):
    with Bitsd() as bitsd:
        host, port = bitsd.address
        (bitsd.inbox / "a").write_bytes(b"old")
        done = upload(write(tmp_path, b"new"), f"http://{host}:{port}/a")
        assert done.returncode == 1
        assert "the destination exists" in done.stderr


@pytest.mark.parametrize("size", SIZES)
def test_bits_uploads_to_the_server(client, server, size):
    content = CONTENT[:size]
    path = client.file("file", content)
    assert client.run("upload", path, server.url + "/a").code == 0
    assert (server.folder / "a").read_bytes() == content


def test_the_doctor_finds_no_fault_with_the_server(client, server):
    """It sends every packet there is, a gap and half a Fragment, and cancels."""
    done = client.run("doctor", server.url + "/")
    assert done.code == 0, done
    assert os.listdir(server.folder) == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What `make install` installs, below another root."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild",
                    "--destdir", root], check=True, capture_output=True,
                   timeout=60)
    [package] = root.rglob("openbits.pc")
    return {"root": root, "library": package.parents[1],
            "environment": {**os.environ,
                            "PKG_CONFIG_LIBDIR": str(package.parent),
                            "PKG_CONFIG_SYSROOT_DIR": str(root),
                            "LD_LIBRARY_PATH": str(package.parents[1])}}


def pkg_config(installed, *arguments):
    return subprocess.run(["pkg-config", *arguments, "openbits"],
                          env=installed["environment"], check=True,
                          capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("kind", ["shared", "static"])
def test_they_are_built_from_what_is_installed(tmp_path, installed, kind):
    [source] = {p.parent for p in installed["root"].rglob("server.c")}
    libraries = pkg_config(installed, "--libs")
    if kind == "static":
        libraries = [installed["library"] / "libopenbits.a"]
    for name in ("server", "client"):
        subprocess.run([*COMPILER, "-Wall", "-Werror", "-o", tmp_path / name,
                        source / f"{name}.c", source / "http.c",
                        *pkg_config(installed, "--cflags"), *libraries],
                       check=True, timeout=60)
    folder = tmp_path / "received"
    folder.mkdir()
    with Example(folder, tmp_path / "server",
                 installed["environment"]) as server:
        done = upload(write(tmp_path, CONTENT), server.url + "/a",
                      tmp_path / "client", installed["environment"])
        assert done.returncode == 0, done.stderr
        assert (folder / "a").read_bytes() == CONTENT
