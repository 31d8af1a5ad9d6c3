"""Names and passwords over TLS (V2)."""

import pytest

import passwords
from overtls import connect, options
from packets import Request, pattern
from passwords import ask_as, read, upload_as
from bitsd import Bitsd
from tlskeys import Keys


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def test_over_tls_a_password_is_asked_for_and_taken(keys, tmp_path):
    path = tmp_path / "passwords"
    passwords.write(path, {"ann": "Passw0rd"})
    uploads = {"/": {"access": "basic", "password_file": path}}
    with Bitsd(server=options(keys), uploads=uploads) as server:
        connection = connect(server, keys)
        request = Request("ping", "/")
        connection.send(request.data())
        assert read(connection, request).status == 401
        assert ask_as(connection, request, "ann", "wrong").status == 401
        upload_as(connection, "/a.bin", "ann", "Passw0rd")
        assert (server.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
