"""A Kerberos realm of a test: a KDC on loopback, principals, tickets, tokens.

Everything is in one folder; neither /etc/krb5.conf nor a service of the machine
is touched.  The host of all URLs is localhost.
"""

import base64
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

from bitsd import as_child
from wire import PATIENCE

REALM = "TEST.EXAMPLE"
SERVICE = f"HTTP/localhost@{REALM}"
ENVIRONMENT = ("KRB5_CONFIG", "KRB5_KDC_PROFILE", "KRB5CCNAME", "KRB5_KTNAME",
               "KRB5RCACHETYPE", "KRB5RCACHENAME", "KRB5_CLIENT_KTNAME")


def is_installed():
    paths = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return all(shutil.which(name, path=paths)
               for name in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit"))


def free_port():
    """A port that is free for TCP and UDP; krb5kdc cannot tell its own."""
    while True:
        with socket.socket() as tcp, \
                socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


class Realm:
    def __init__(self, folder, name=REALM, options=""):
        self.folder = Path(folder)
        self.name = name
        self.kdc = None
        self.port = free_port()
        self.config = self.write_config("krb5.conf", options)
        self.profile = self.folder / "kdc.conf"
        self.profile.write_text(
            f"[kdcdefaults]\n kdc_listen = 127.0.0.1:{self.port}\n"
            f" kdc_tcp_listen = 127.0.0.1:{self.port}\n"
            f"[realms]\n {name} = {{\n"
            f"  database_name = {self.folder}/principal\n"
            f"  key_stash_file = {self.folder}/stash\n"
            f"  acl_file = {self.folder}/acl\n"
            "  max_life = 10h\n }\n"
            f"[logging]\n kdc = FILE:{self.folder}/kdc.log\n")
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ENVIRONMENT},
            "KRB5_CONFIG": str(self.config),
            "KRB5_KDC_PROFILE": str(self.profile),
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
        }

    def write_config(self, file, options=""):
        """A krb5.conf; options: further lines of libdefaults."""
        path = self.folder / file
        path.write_text(
            f"[libdefaults]\n default_realm = {self.name}\n"
            " dns_lookup_kdc = false\n dns_lookup_realm = false\n"
            " dns_canonicalize_hostname = false\n rdns = false\n"
            " qualify_shortname = \"\"\n udp_preference_limit = 1\n"
            f" {options}\n"
            f"[realms]\n {self.name} = {{\n"
            f"  kdc = 127.0.0.1:{self.port}\n }}\n")
        return path

    # --- the KDC ---

    def run(self, *command, stdin=b"", **environment):
        done = subprocess.run(
            [str(word) for word in command], input=stdin,
            env={**self.environment,
                 **{k: str(v) for k, v in environment.items()}},
            capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout.decode()

    def start(self):
        self.run("kdb5_util", "-r", self.name, "create", "-s", "-P", "master")
        self.kdc = subprocess.Popen(
            ["krb5kdc", "-n", "-r", self.name], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=as_child)
        # "krb5kdc: starting...", after it has bound its sockets.
        lines = iter(self.kdc.stdout.readline, b"")
        assert any(b"starting" in line for line in lines), self.kdc.wait()
        return self

    def stop(self):
        if self.kdc:
            self.kdc.terminate()
            self.kdc.wait(PATIENCE)
            self.kdc.stdout.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # --- principals and tickets ---

    def admin(self, *words):
        return self.run("kadmin.local", "-r", self.name, *words)

    def add(self, principal):
        """Adds one with a random key and returns its keytab."""
        keytab = self.folder / (principal.replace("/", "_") + ".keytab")
        self.admin("addprinc", "-randkey", principal)
        self.admin("ktadd", "-k", keytab, principal)
        keytab.chmod(0o600)
        return keytab

    def sign_in(self, principal, *options):
        """Gets a ticket-granting ticket; the path of the cache."""
        keytab = self.folder / (principal.replace("/", "_") + ".keytab")
        if not keytab.exists():
            self.add(principal)
        cache = self.folder / f"{principal.replace('/', '_')}.cache"
        self.run("kinit", *options, "-k", "-t", keytab, principal,
                 KRB5CCNAME=cache)
        return cache

    # --- tokens, by GSSAPI as a client has it ---

    @contextmanager
    def as_client(self):
        """The environment in which this process may call GSSAPI."""
        before = {name: os.environ.get(name) for name in ENVIRONMENT}
        os.environ["KRB5_CONFIG"] = str(self.config)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value

    def client(self, cache, service="HTTP@localhost", **options):
        """A sign-in that a client begins with the tickets of a cache."""
        import gssapi
        import gssapi.raw
        mechanism = options.pop("mech", SPNEGO)
        with self.as_client():
            krb5 = gssapi.OID.from_int_seq(KERBEROS)
            mech = gssapi.OID.from_int_seq(mechanism)
            store = {b"ccache": f"FILE:{cache}".encode()}
            raw = gssapi.raw.acquire_cred_from(
                store, usage="initiate", mechs=[krb5, mech])
            name = gssapi.Name(service, gssapi.NameType.hostbased_service)
            return gssapi.SecurityContext(
                name=name, creds=gssapi.Credentials(raw.creds), mech=mech,
                usage="initiate", **options)

    def token(self, cache, **options):
        """The first token of such a sign-in."""
        context = self.client(cache, **options)
        with self.as_client():
            return context.step()


SPNEGO = "1.3.6.1.5.5.2"
KERBEROS = "1.2.840.113554.1.2.2"


def field(token):
    """The value of Authorization, or of WWW-Authenticate."""
    return "Negotiate " + base64.b64encode(token).decode()


def token_of(value):
    """The token in such a value."""
    scheme, coded = value.split(" ")
    assert scheme == "Negotiate", value
    return base64.b64decode(coded)
