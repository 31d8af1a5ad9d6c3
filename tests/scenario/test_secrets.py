"""Keys are in memory that is locked, cleared, and in no core dump or child."""

import base64
import os
import re
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from bitsd import Bitsd, binary
from overtls import connect, options, tls_bitsd
from packets import Request
from passwords import ask_as, write as write_passwords
from talk import ask, expect
from tlskeys import Keys
from watched import is_watched

NAME_SIZE = 16  # of a ticket's key: the ticket begins with it
TICKET_KEYS = 64

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0,
                       reason="the memory of such a process needs root"),
    pytest.mark.skipif(is_watched(binary()),
                       reason="a sanitizer has its own memory"),
]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


class Memory:
    """The memory of a process: what a core dump would have, and the rest."""

    def __init__(self, pid):
        self.dumped, self.hidden, self.flags = [], [], []
        with open(f"/proc/{pid}/smaps", encoding="ascii") as smaps, \
                open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in smaps:
                if re.match("[0-9a-f]+-", line):
                    first, last = (int(n, 16)
                                   for n in line.split()[0].split("-"))
                elif line.startswith("VmFlags:"):
                    self.add(memory, first, last, set(line.split()[1:]))

    def add(self, memory, first, last, flags):
        if "rd" not in flags or "io" in flags or "pf" in flags:
            return
        memory.seek(first)
        try:
            content = memory.read(last - first)
        except OSError:  # the kernel's own page
            return
        if "dd" in flags:
            self.flags.append(flags)
        (self.hidden if "dd" in flags else self.dumped).append(content)

    def is_dumped(self, needle):
        return any(needle in content for content in self.dumped)

    def is_hidden(self, needle):
        return any(needle in content for content in self.hidden)

    def behind(self, needle, size):
        """What follows in the hidden memory."""
        for content in self.hidden:
            at = content.find(needle)
            if at >= 0:
                return content[at + len(needle):][:size]
        raise AssertionError("not there")


def numbers(pem):
    """The secret numbers of a private key."""
    text = subprocess.run(["openssl", "pkey", "-in", pem, "-noout", "-text"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for name, digits in re.findall(r"^(\w+):\s*\n((?:\s+[0-9a-f:]+\n)+)", text,
                                   re.MULTILINE):
        found[name] = bytes.fromhex(re.sub(r"[\s:]", "", digits)).lstrip(b"\0")
    secret = {"privateExponent", "prime1", "prime2", "exponent1", "exponent2",
              "coefficient", "priv"}
    assert secret & set(found), text
    return [found[name] for name in secret & set(found)]


def traces(number):
    """Parts of a number, in each order, as bytes and as hex."""
    for start in range(0, len(number) - 15, 16):
        part = number[start:start + 16]
        for form in (part, part[::-1]):
            yield form
            yield form.hex().encode()
            yield form.hex().upper().encode()


def base64_lines(pem):
    lines = Path(pem).read_text().splitlines()
    return [line.encode() for line in lines if not line.startswith("-")]


def ticket_name(bitsd, keys):
    """The name of the key in a ticket, which is at its begin."""
    host, port = bitsd.address
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True).stdout
    return bytes.fromhex(re.search(r"^ +0000 - ([0-9a-f -]{47})", said,
                                   re.MULTILINE)[1].replace("-", ""))


@pytest.mark.parametrize("kind", [
    ["-newkey", "rsa:2048"],
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ["-newkey", "ed25519"],
], ids=["rsa", "ec", "ed25519"])
def test_no_dump_has_a_private_key(keys, kind):
    pair = keys.make("dump-" + kind[1].partition(":")[0], "localhost",
                     "DNS:localhost,IP:127.0.0.1", key=kind)
    pem = keys.key(pair)
    with Bitsd(server=options(keys, pair)) as bitsd:
        for _ in range(3):
            subprocess.run(
                ["curl", "-ks", f"https://{bitsd.address[0]}:{bitsd.address[1]}/"],
                check=True, stdout=subprocess.DEVNULL)
        bitsd.reload()
        memory = Memory(bitsd.pid)
        certificate = base64.b64decode(b"".join(base64_lines(pair)))
        assert memory.is_dumped(certificate[64:128])
        assert any(memory.is_hidden(t) for n in numbers(pem) for t in traces(n))
        for number in numbers(pem):
            for trace in traces(number):
                assert not memory.is_dumped(trace)
        for line in base64_lines(pem):
            assert not memory.is_dumped(line)
        for flags in memory.flags:
            assert {"lo", "wf"} <= flags


def test_no_dump_has_a_key_of_tickets(keys):
    with tls_bitsd(keys) as bitsd:
        name = ticket_name(bitsd, keys)
        memory = Memory(bitsd.pid)
        key = memory.behind(name, TICKET_KEYS)
        assert len(set(key)) > 16
        for trace in traces(key):
            assert not memory.is_dumped(trace)


def crash(command, folder):
    """Returns the wait status of a program that got SIGSEGV."""
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
    with process.stdout:
        while b"listening on" not in process.stdout.readline():
            pass
        os.kill(process.pid, signal.SIGSEGV)
        said = process.stdout.read()
    _, status = os.waitpid(process.pid, 0)
    process.returncode = 0
    return status, said


def test_a_crash_leaves_no_core(tmp_path):
    shell = ["sh", "-c", "echo listening on nothing; exec sleep 60"]
    status, _ = crash(shell, tmp_path)
    if not os.WCOREDUMP(status):
        pytest.skip("this machine makes no cores")
    (tmp_path / "inbox").mkdir()
    status, _ = crash([binary(), "-l", "127.0.0.1:0", tmp_path / "inbox"],
                      tmp_path)
    assert os.WTERMSIG(status) == signal.SIGSEGV
    assert not os.WCOREDUMP(status)


@pytest.mark.skipif(not shutil.which("setpriv"), reason="no setpriv")
def test_keys_that_cannot_be_locked_are_told(keys):
    wrapper = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock",
               "prlimit", "--memlock=0:0"]
    with Bitsd(server=options(keys), wrapper=wrapper) as bitsd:
        bitsd.log.wait(["warning", "secrets", "LimitMEMLOCK"])
        connection = connect(bitsd, keys)
        expect(ask(connection, Request("ping", "/")), 200)
        connection.close()


def test_credentials_of_systemd(keys, tmp_path):
    """LoadCredential=key and =passwords in the unit."""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    shutil.copy(keys.key(keys.server), folder / "key")
    write_passwords(folder / "passwords", {"ann": "Passw0rd"})
    for path in folder.iterdir():
        path.chmod(0o400)
    server = {**options(keys), "tls_key": "${CREDENTIALS_DIRECTORY}/key"}
    uploads = {"/": {"access": "basic", "password_file":
                     "${CREDENTIALS_DIRECTORY}/passwords"}}
    with Bitsd(server=server, uploads=uploads,
               environment={"CREDENTIALS_DIRECTORY": str(folder)}) as bitsd:
        connection = connect(bitsd, keys)
        response = ask_as(connection, Request("ping", "/"), "ann", "wrong")
        assert response.status == 401
        response = ask_as(connection, Request("ping", "/"), "ann", "Passw0rd")
        expect(response, 200)
        connection.close()
