"""Where bitsd listens: addresses, sockets, systemd."""

import os
import socket
import sys
from pathlib import Path

import pytest

from bitsd import Bitsd, parse_address
from packets import Request, pattern
from talk import ask, create, expect, fragment
from wire import Connection

ACTIVATE = Path(__file__).parents[1] / "lib" / "activate.py"


def upload(bitsd, address, path):
    """A whole upload at an address."""
    connection = Connection(address)
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, 9, 10, path), 200, next=10)
    expect(ask(connection, Request("close", path, identity)), 200)
    connection.close()
    assert (bitsd.inbox / path[1:]).read_bytes() == pattern("S", 0, 10)


def test_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with Bitsd(server={"listen": "[::1]:0"}) as bitsd:
        assert bitsd.addresses[0].startswith("http://[::1]:")
        upload(bitsd, bitsd.address, "/a.bin")
        create(bitsd.connect(), "/b.bin")
        bitsd.log.wait(["created", "/b.bin", "::1"])


def test_unix_socket():
    bitsd = Bitsd()
    path = str(bitsd.home / "socket")
    bitsd.server = {"listen": f"unix:{path}"}
    with bitsd:
        upload(bitsd, path, "/a.bin")
        # The socket of an earlier process is replaced.
        bitsd.kill()
        bitsd.start()
        upload(bitsd, path, "/b.bin")


def test_several_listeners():
    bitsd = Bitsd()
    path = str(bitsd.home / "socket")
    bitsd.server = {"listen": ["127.0.0.1:0", "127.0.0.2:0", f"unix:{path}"]}
    with bitsd:
        bitsd.log.wait(f"bitsd: listening on unix:{path}")
        lines = bitsd.log.find("bitsd: listening on ")
        assert len(lines) == 3
        for count, line in enumerate(lines):
            upload(bitsd, parse_address(line.split()[-1]), f"/{count}.bin")


def test_listeners_on_the_command_line():
    bitsd = Bitsd()
    bitsd.arguments = ["-l", "127.0.0.1:0", "-l", "127.0.0.2:0",
                       "-s", str(bitsd.home / "state"), str(bitsd.inbox)]
    (bitsd.home / "state").mkdir()
    with bitsd:
        bitsd.log.wait("bitsd: listening on http://127.0.0.1:")
        bitsd.log.wait("bitsd: listening on http://127.0.0.2:")
        upload(bitsd, bitsd.address, "/a.bin")
        assert list((bitsd.home / "state").iterdir())


def test_socket_activation():
    """The sockets that systemd hands over are used instead of `listen`."""
    with socket.create_server(("127.0.0.1", 0)) as given:
        number = given.fileno()
        wrapper = [sys.executable, str(ACTIVATE), str(number)]
        bitsd = Bitsd(server={"listen": "127.0.0.1:1"}, wrapper=wrapper,
                      descriptors=(number,))
        with bitsd:
            port = given.getsockname()[1]
            assert bitsd.address == ("127.0.0.1", port)
            upload(bitsd, ("127.0.0.1", port), "/a.bin")


def test_sockets_for_another_process_are_left_alone():
    """LISTEN_PID names another process: `listen` counts."""
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    with Bitsd(environment=environment) as bitsd:
        upload(bitsd, bitsd.address, "/a.bin")


def test_readiness_is_told_to_systemd():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        bitsd = Bitsd()
        path = str(bitsd.home / "notify")
        notify.bind(path)
        notify.settimeout(30)
        bitsd.environment = {"NOTIFY_SOCKET": path}
        with bitsd:
            assert b"READY=1" in notify.recv(4096).split(b"\n")
            upload(bitsd, bitsd.address, "/a.bin")


def test_readiness_through_an_abstract_socket():
    name = f"bitsd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("\0" + name)
        notify.settimeout(30)
        with Bitsd(environment={"NOTIFY_SOCKET": "@" + name}):
            assert b"READY=1" in notify.recv(4096).split(b"\n")
