"""Users whom a trusted proxy has signed in (V2, V13): access = header."""

import pytest

import passwords
from bitsd import Bitsd, Died
from packets import Request
from passwords import ask_as
from talk import ask, fragment_request, until

LOCAL = "127.0.0.1"


def server_with(access="header", trusted=LOCAL, **options):
    return Bitsd(server={"trusted_proxies": trusted},
                 uploads={"/": {"access": access, **options}})


def as_user(request, *names, header="X-Remote-User"):
    for name in names:
        request.add(header, name)
    return request


def create(connection, path, *names, **more):
    return ask(connection, as_user(Request("create", path), *names, **more))


def wait_refused(server, count):
    until(lambda: len(server.log.find(
        ["refused", "cause=USER_HEADER_FORGED"])) == count)


def test_the_proxy_names_the_user():
    with server_with() as server:
        connection = server.connect()
        for number, name in enumerate(["ann", "ann@EXAMPLE", "DOM\\ann",
                                       "ä b", "x" * 255]):
            path = f"/{number}"
            made = Request("create", path)
            made.add("x-remote-USER", name.encode().decode("latin-1"))
            assert ask(connection, made).status == 200
            server.log.wait([" created:", f"path={path} "])
        server.log.wait([" created:", "user=ann@EXAMPLE"])


def test_without_proxies_it_is_an_error():
    with pytest.raises(Died, match='"/": access has header, and '
                                   "trusted_proxies is not set"):
        with Bitsd(uploads={"/": {"access": "header"}}):
            pass


def test_a_session_belongs_to_its_user():
    with server_with() as server:
        connection = server.connect()
        identity = create(connection, "/a", "ann").get("BITS-Session-Id")
        made = fragment_request(identity, 0, 9, 10, "/a")
        assert ask(connection, as_user(made, "bob")).status == 403
        made = fragment_request(identity, 0, 9, 10, "/a")
        assert ask(connection, as_user(made, "ann")).status == 200


@pytest.mark.parametrize("names", [
    ["ann", "bob"], ["ann", "ann"], ["ann, bob"], ["ann,"], [""], ["a\tb"],
    ["invite:1"], ["x" * 256],
])
def test_more_or_less_than_one_name_is_refused(names):
    with server_with() as server:
        assert create(server.connect(), "/a", *names).status == 403
        server.log.wait(["refused", "cause=USER_HEADER_MALFORMED"])


@pytest.mark.parametrize("access", ["header", ["header", "anonymous"]])
@pytest.mark.parametrize("trusted", ["10.0.0.0/8", "unix"])
def test_a_client_that_is_not_a_proxy_is_refused(access, trusted):
    with server_with(access, trusted) as server:
        connection = server.connect()
        for _ in range(3):
            assert create(connection, "/a", "ann").status == 403
        wait_refused(server, 3)
        assert len(server.log.find([" user-header: ", f"peer={LOCAL}:"])) == 1


def test_each_address_that_forges_is_logged():
    with server_with(trusted="10.0.0.0/8") as server:
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.2"):
            connection = server.connect(source=source)
            assert create(connection, "/a", "ann").status == 403
        wait_refused(server, 3)
        assert len(server.log.find(" user-header: ")) == 2


def test_a_header_that_the_section_does_not_use_is_ignored():
    with server_with("anonymous") as server:
        assert create(server.connect(), "/a", "ann").status == 200
        assert "user=" not in server.log.wait([" created:", "path=/a "])
        assert not server.log.find(" user-header: ")


def test_without_the_header_other_ways_count(tmp_path):
    path = tmp_path / "passwords"
    passwords.write(path, {"bob": "Passw0rd"})
    with server_with(["header", "basic"], password_file=path,
                     basic_without_tls="yes") as server:
        connection = server.connect()
        assert ask_as(connection, Request("create", "/a"), "bob",
                      "Passw0rd").status == 200
        server.log.wait([" created:", "path=/a ", "user=bob"])
        made = as_user(Request("create", "/b"), "ann")
        assert ask_as(connection, made, "bob", "wrong").status == 200
        server.log.wait([" created:", "path=/b ", "user=ann"])


def test_without_the_header_there_is_no_user():
    with server_with() as server:
        assert create(server.connect(), "/a").status == 403
        server.log.wait(["refused", "cause=SIGN_IN_MISSING"])


def test_the_header_may_have_another_name():
    with server_with(user_header="X-User") as server:
        connection = server.connect()
        assert create(connection, "/a", "ann").status == 403
        assert create(connection, "/b", "ann", header="x-user").status == 200
        server.log.wait([" created:", "user=ann"])
