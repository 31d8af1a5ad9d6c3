"""Uploads through the proxies that stand in front of bitsd."""

import subprocess
import tempfile
from pathlib import Path

import pytest

import passwords
from bitsd import Bitsd
from cutting import Line
from fronts import Front, secured
from overtls import context
from packets import Request
from passwords import ask_as
from ports import Port
from talk import ask
from tlskeys import Keys
from wire import Connection
from uploads import DONE, MIB, PATIENT, begun_at, noise, packets

FRONTS = ["nginx", "haproxy", "apache", "caddy"]
SIZE = 20 * MIB + 3
LOGIN = 4


@pytest.fixture
def bitsd():
    with (Port() as port,
          Bitsd(server={"listen": port}, uploads={"/uploads": {}}) as server):
        yield server


@pytest.fixture(params=FRONTS)
def front(request, tmp_path_factory, bitsd):
    with Front(request.param, tmp_path_factory.mktemp("front"),
               bitsd.address) as front:
        yield front


def test_a_proxy_passes_an_upload(client, bitsd, front):
    content = noise(SIZE)
    client.file("a b+ü", content)
    done = client.run("upload", "--json", "-v", "a b+ü", front.url)
    assert done.code == DONE, done
    assert (bitsd.inbox / "a b+ü").read_bytes() == content
    assert {p[2] for p in packets(done)} == {200}


def test_a_proxy_passes_an_empty_file_and_a_refusal(client, bitsd, front):
    client.file("a", b"")
    assert client.run("upload", "a", front.url).code == DONE
    done = client.run("upload", "a", front.url)
    assert done.code == 1 and "403" in done.err, done
    assert (bitsd.inbox / "a").read_bytes() == b""


def test_a_killed_client_resumes(client, bitsd, front):
    content = noise(SIZE)
    client.file("a", content)
    with Line(("127.0.0.1", front.port), stall=SIZE // 2) as line:
        url = f"{line.url}/uploads/a"
        running = client.start("upload", "--fragment-size", "2M", "a", url)
        line.wait_stalled()
        running.kill()
        line.release()
        done = client.run("upload", "--json", "-v", *PATIENT, "a", url)
        assert done.code == DONE, done
        assert begun_at(done) > 0
        assert ("create", None, 200) not in packets(done)
        assert (bitsd.inbox / "a").read_bytes() == content


def test_a_server_behind_it_that_dies_and_returns(client, bitsd, front):
    content = noise(SIZE)
    client.file("a", content)
    with Line(("127.0.0.1", front.port), stall=SIZE // 2) as line:
        running = client.start("upload", "--fragment-size", "2M", *PATIENT,
                               "a", f"{line.url}/uploads/a")
        line.wait_stalled()
        bitsd.kill()
        line.release()
        running.err.wait("next try")
        bitsd.start()
        assert running.wait() == DONE, running.err
        assert (bitsd.inbox / "a").read_bytes() == content


FORGED = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https"),
          ("X-Forwarded-Host", "evil.example"),
          ("Forwarded", "for=192.0.2.1;proto=https")]


def test_a_proxy_names_its_client_and_no_client_another(tmp_path, bitsd,
                                                        front):
    """The client has another address than its proxy; what it says about
    itself counts for nothing."""
    users = tmp_path / "users"
    passwords.write(users, {"ann": "Passw0rd"})
    bitsd.server["trusted_proxies"] = "127.0.0.1"
    bitsd.uploads["/uploads/safe"] = {
        "access": "basic", "password_file": users, "temp_dir": "temp"}
    assert "reload done" in bitsd.reload()
    connection = Connection(("127.0.0.1", front.port), source="127.0.0.2")
    for number, forged in enumerate([[], *([f] for f in FORGED), FORGED]):
        request = Request("create", f"/uploads/{number}")
        for name, value in forged:
            request.add(name, value)
        assert ask(connection, request).status == 200
        bitsd.log.wait([" created:", f"/uploads/{number} ", "peer=127.0.0.2"])
        request = Request("create", "/uploads/safe/a")
        for name, value in forged:
            request.add(name, value)
        assert ask_as(connection, request, "ann", "Passw0rd").status == 403
    assert not bitsd.log.find(" forwarded: ")


@pytest.fixture(name="open_folder")
def folder_that_every_user_can_read():
    """Apache drops to www-data before it reads the passwords."""
    with tempfile.TemporaryDirectory(prefix="bits-front-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("name", ["nginx", "haproxy", "apache"])
def test_a_proxy_names_the_user_whom_it_signed_in(bitsd, tmp_path, open_folder,
                                                  name):
    """access = header; what a client says about itself counts for nothing."""
    keys = Keys(tmp_path)
    hashed = subprocess.run(["openssl", "passwd", "-5", "secret"], check=True,
                            capture_output=True, text=True).stdout.strip()
    users = open_folder / "uploads.htpasswd"
    users.write_text(f"ann:{hashed}\n")
    files = {"certificate": keys.server, "key": keys.key(keys.server),
             "users": users}
    if name == "haproxy":
        files["certificate"] = tmp_path / "both.pem"
        files["certificate"].write_text(
            keys.server.read_text() + files["key"].read_text())
    bitsd.server["trusted_proxies"] = "127.0.0.1"
    bitsd.uploads["/uploads"] = {"access": "header"}
    assert "reload done" in bitsd.reload()
    with Front(name, tmp_path, bitsd.address,
               secured(name, files, hashed)) as front:
        connection = Connection(("127.0.0.1", front.port), tls=context(keys))
        for number, forged in enumerate([None, "bob"]):
            request = Request("create", f"/uploads/{number}")
            if forged:
                request.add("X-Remote-User", forged)
            response = ask_as(connection, request, "ann", "secret")
            assert response.status == 200, response
            bitsd.log.wait([" created:", f"/uploads/{number} ", "user=ann"])


@pytest.mark.parametrize("front", ["nginx", "haproxy", "apache", "caddy"],
                         indirect=True)
def test_a_proxy_without_a_login_passes_no_name(bitsd, front):
    bitsd.server["trusted_proxies"] = "127.0.0.1"
    bitsd.uploads["/uploads"] = {"access": "header"}
    assert "reload done" in bitsd.reload()
    connection = Connection(("127.0.0.1", front.port))
    request = Request("create", "/uploads/a")
    request.add("X-Remote-User", "ann")
    assert ask(connection, request).status == 403
    bitsd.log.wait(["refused", "cause=SIGN_IN_MISSING"])


@pytest.mark.parametrize("name", ["nginx", "haproxy", "apache", "lighttpd"])
def test_tls_and_a_login_of_the_document(client, bitsd, tmp_path, open_folder,
                                         name):
    keys = Keys(tmp_path)
    hashed = subprocess.run(["openssl", "passwd", "-5", "secret"], check=True,
                            capture_output=True, text=True).stdout.strip()
    users = open_folder / "uploads.htpasswd"
    users.write_text(f"ann:{hashed}\n")
    files = {"certificate": keys.server, "key": keys.key(keys.server),
             "users": users}
    if name == "haproxy":
        files["certificate"] = tmp_path / "both.pem"
        files["certificate"].write_text(
            keys.server.read_text() + files["key"].read_text())
    content = noise(MIB)
    client.file("a", content)
    client.file("password", b"secret\n").chmod(0o600)
    client.file("wrong", b"guess\n").chmod(0o600)
    change = secured(name, files, hashed)
    with Front(name, tmp_path, bitsd.address, change) as front:
        url = front.url.replace("http:", "https:")

        def upload(*login):
            return client.run("upload", "--cacert", keys.ca, *login, *(
                ["--method", "post"] if name == "lighttpd" else []), "a", url)
        assert upload().code == LOGIN
        assert upload("-u", "ann", "--password-file", "wrong").code == LOGIN
        assert not (bitsd.inbox / "a").exists()
        done = upload("-u", "ann", "--password-file", "password")
        assert done.code == DONE, done
    assert (bitsd.inbox / "a").read_bytes() == content


def test_lighttpd_passes_post_only(client, bitsd, tmp_path):
    content = noise(2 * MIB)
    client.file("a", content)
    with Front("lighttpd", tmp_path, bitsd.address) as front:
        done = client.run("upload", "a", front.url)
        assert done.code == 1 and "501" in done.err, done
        done = client.run("upload", "--method", "post", "a", front.url)
        assert done.code == DONE, done
    assert (bitsd.inbox / "a").read_bytes() == content


def test_a_node_proxy_passes_post_only(client, bitsd, tmp_path_factory):
    content = noise(2 * MIB)
    client.file("a", content)
    with Front("node", tmp_path_factory.mktemp("front"),
               bitsd.address) as front:
        done = client.run("upload", "a", front.url)
        assert done.code == 1 and "HTTP 400" in done.err, done
        assert "--method post" in done.err
        done = client.run("upload", "--method", "post", "a", front.url)
        assert done.code == DONE, done
        assert (bitsd.inbox / "a").read_bytes() == content


def with_a_check(more=""):
    """nginx asks before each request, in a location of its own."""
    def change(text):
        return (text.replace("proxy_pass", "auth_request /check; proxy_pass", 1)
                + f"location = /check {{ internal; {more} return 204; }}")
    return change


def with_max_size(text):
    return text.replace("reverse_proxy",
                        "request_body {\n max_size 700KiB\n }\n reverse_proxy")


@pytest.mark.parametrize("name, change", [
    ("nginx", with_a_check("client_max_body_size 700k;")),
    ("caddy", with_max_size),
])
def test_a_limit_without_413_is_found(client, bitsd, tmp_path_factory, name,
                                      change):
    content = noise(6 * MIB)
    client.file("a", content)
    with Front(name, tmp_path_factory.mktemp("front"), bitsd.address,
               change) as front:
        done = client.run("upload", "--json", "-v", *PATIENT, "a", front.url)
        assert done.code == DONE, done
        assert (bitsd.inbox / "a").read_bytes() == content
        assert packets(done).count(("create", None, 200)) == 1
        refused = [p[2] for p in packets(done) if p[2] != 200]
        assert refused.count(500 if name == "nginx" else 502) <= 2, refused


def test_the_limit_that_nginx_has_by_default_is_found(client, bitsd,
                                                      tmp_path_factory):
    """Its 413 comes without an Ack, and often in the middle of a body."""
    content = noise(6 * MIB)
    client.file("a", content)

    def change(text):
        return text.replace("client_max_body_size 0;", "")
    with Front("nginx", tmp_path_factory.mktemp("front"), bitsd.address,
               change) as front:
        done = client.run("upload", "--json", "-v", *PATIENT, "a", front.url)
        assert done.code == DONE, done
        assert (bitsd.inbox / "a").read_bytes() == content
        lengths = [o["length"] for o in done.json()
                   if o["event"] == "packet" and o.get("status") == 200
                   and o["packet"] == "Fragment"]
        assert max(lengths) <= MIB, lengths
