"""Invitations: servers that take them, and requests that carry them."""

import hashlib
import hmac
import re
import secrets
import time

from bitsctl import run
from bitsd import Bitsd
from packets import Request, check_ack
from talk import fragment_request

PARAMETER = "bits-invite"


class Server(Bitsd):
    """A server whose sections take invitations."""

    def __init__(self, options=None, prefixes=("/",), server=None):
        super().__init__(server=server or {})
        self.keys = self.home / "invite-keys"
        section = {"access": "invite", "basic_without_tls": "yes",
                   "invite_key_file": self.keys, **(options or {})}
        self.uploads = {prefix: section for prefix in prefixes}
        self.add_key()

    def add_key(self):
        old = self.keys.read_text() if self.keys.exists() else ""
        self.keys.write_text(secrets.token_hex(32) + "\n" + old)

    def invite(self, path, *options):
        """The value of the parameter, as bitsctl makes it."""
        done = run("invite", "--config", self.config_path, *options, path)
        assert done.returncode == 0, done.stderr
        return re.search(rf"\?{PARAMETER}=(\S+)\n", done.stdout)[1]

    def sign(self, path, expires=None, flags="", size="", user="", key=0):
        """The same, made here."""
        when = int(time.time()) + 3600 if expires is None else expires
        words = f"{secrets.token_hex(8)}.{when}.{flags}.{size}.{user}"
        bytes_ = bytes.fromhex(self.keys.read_text().split()[key])
        sign = hmac.new(bytes_, f"{path}\n{words}".encode(), hashlib.sha256)
        return f"{words}.{sign.hexdigest()}"


def carrying(path, invitation):
    """The target with the invitation."""
    return f"{path}{'&' if '?' in path else '?'}{PARAMETER}={invitation}"


def ask_with(connection, request, invitation):
    request.target = carrying(request.target, invitation)
    connection.send(request.data())
    response = connection.read_response()
    check_ack(request.verb, request.value("BITS-Session-Id"), response)
    return response


def create_with(connection, path, invitation):
    response = ask_with(connection, Request("create", path), invitation)
    assert response.status == 200, response
    return response.get("BITS-Session-Id")


def upload_with(connection, path, invitation, size=10):
    identity = create_with(connection, path, invitation)
    for request in (fragment_request(identity, 0, size - 1, size, path),
                    Request("close", path, identity)):
        response = ask_with(connection, request, invitation)
        assert response.status == 200, response
    return identity
