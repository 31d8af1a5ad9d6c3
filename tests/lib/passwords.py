"""Password files and sign-ins, with hashes that cost next to nothing."""

import base64
import ctypes
import ctypes.util
import os

from packets import Request, check_ack, check_plain
from talk import fragment_request

_LIBRARY = ctypes.CDLL(ctypes.util.find_library("crypt"))
_LIBRARY.crypt.restype = ctypes.c_char_p
_LIBRARY.crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]

CHALLENGE = 'Basic realm="bitsd", charset="UTF-8"'

CHEAP = "$2b$04$abcdefghijklmnopqrstuu"
SLOW = "$2b$16$abcdefghijklmnopqrstuu"  # seconds
SHA256 = "$5$rounds=1000$salt$"
SHA512 = "$6$rounds=1000$salt$"


def hashed(password, setting=CHEAP):
    return _LIBRARY.crypt(password.encode(), setting.encode()).decode()


def lines(users, setting=CHEAP):
    """The text of a file with these names and passwords."""
    return "".join(f"{name}:{hashed(password, setting)}\n"
                   for name, password in users.items())


def write(path, users, setting=CHEAP):
    """Puts a new file into the place of the old one."""
    new = path.with_name(path.name + ".new")
    new.write_text(lines(users, setting))
    os.replace(new, path)


def credentials(name, password):
    text = f"{name}:{password}".encode()
    return "Basic " + base64.b64encode(text).decode()


def signed(request, name, password):
    """The request with a name and a password."""
    request.set("Authorization", credentials(name, password))
    return request


def ask_as(connection, request, name, password):
    connection.send(signed(request, name, password).data())
    return read(connection, request)


def read(connection, request):
    """The answer, checked for form; a 401 is plain HTTP, not an Ack."""
    response = connection.read_response()
    if response.status == 401:
        check_plain(response)
        assert response.get("WWW-Authenticate") == CHALLENGE
    else:
        check_ack(request.verb, request.value("BITS-Session-Id"), response)
    return response


def create_as(connection, path, name, password):
    response = ask_as(connection, Request("create", path), name, password)
    assert response.status == 200, response
    return response.get("BITS-Session-Id")


def upload_as(connection, path, name, password, size=10):
    """A whole upload."""
    identity = create_as(connection, path, name, password)
    for request in (fragment_request(identity, 0, size - 1, size, path),
                    Request("close", path, identity)):
        response = ask_as(connection, request, name, password)
        assert response.status == 200, response
