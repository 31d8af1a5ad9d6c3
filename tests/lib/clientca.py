"""Authorities for the certificates of clients, with subordinate ones, lists of
revoked certificates (CRLs) and dates of any kind."""

import datetime
import os
import shutil
import ssl
import subprocess

import pytest

CONFIG = """
[ca]
default_ca = it
[it]
database = index
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
default_md = sha256
unique_subject = no
preserve = yes
policy = any
string_mask = utf8only
[any]
commonName = optional
[req]
distinguished_name = name
[name]
"""

CLIENT = ("basicConstraints=critical,CA:FALSE\n"
          "keyUsage=critical,digitalSignature\n")
AUTHORITY = ("basicConstraints=critical,CA:TRUE\n"
             "keyUsage=critical,keyCertSign,cRLSign\n")


def stamp(days):
    """Days from now, as openssl ca wants it."""
    then = datetime.datetime.now(datetime.timezone.utc)
    then += datetime.timedelta(days=days)
    return then.strftime("%Y%m%d%H%M%SZ")


class Certificate:
    """A file with certificate, chain and key."""

    def __init__(self, path, key, own):
        self.path, self.key, self.own = path, key, own

    def context(self, keys, newest=None):
        """Of a client of tlskeys' server that presents it."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname = False
        made.load_verify_locations(keys.ca)
        made.load_cert_chain(self.path, self.key)
        if newest:
            made.maximum_version = newest
        return made


class Authority:
    def __init__(self, folder, name, above=None, days=(-1, 365)):
        if not shutil.which("openssl"):
            pytest.skip("openssl is not installed")
        self.folder, self.name, self.above = folder / name, name, above
        self.folder.mkdir()
        (self.folder / "conf").write_text(CONFIG)
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "crlnumber").write_text("1000\n")
        self._key("ca")
        self._request("ca", f"/CN={name}")
        (above or self)._sign(self.folder / "ca", AUTHORITY, days,
                              () if above else ("-selfsign",))
        self.path = self.folder / "ca.pem"
        self.key = self.folder / "ca.key"

    def _run(self, *arguments, code=0):
        done = subprocess.run(
            ["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, cwd=self.folder, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    def _key(self, name, kind="EC"):
        option = ("ec_paramgen_curve:P-256" if kind == "EC"
                  else "rsa_keygen_bits:4096")
        self._run("genpkey", "-algorithm", kind, "-pkeyopt", option, "-out",
                  f"{name}.key")

    def _request(self, name, subject):
        self._run("req", "-new", "-config", "conf", "-utf8", "-key",
                  f"{name}.key", "-subj", subject, "-out", f"{name}.csr")

    def _sign(self, base, extensions, days, more=()):
        """`base`.csr to `base`.pem."""
        base.with_suffix(".ext").write_text(extensions)
        self._run("ca", "-config", "conf", "-batch", "-notext", "-utf8", "-in",
                  base.with_suffix(".csr"), "-out", base.with_suffix(".pem"),
                  "-extfile", base.with_suffix(".ext"), "-startdate",
                  stamp(days[0]), "-enddate", stamp(days[1]), *more,
                  *(("-keyfile", base.with_suffix(".key")) if more else ()))

    def chain(self):
        """Of the authorities between a client and the root, without it."""
        return (self.path.read_text() + self.above.chain()
                if self.above else "")

    def issue(self, name, subject=None, san=None, days=(-1, 90), usage="client",
              key="EC"):
        """A client's certificate.  san: as in openssl-x509v3_config(5)."""
        base = self.folder / name
        extensions = CLIENT
        if usage:
            extensions += f"extendedKeyUsage={usage}Auth\n"
        if san:
            extensions += f"subjectAltName={san}\n"
        self._key(name, key)
        self._request(name, subject or f"/CN={name}")
        self._sign(base, extensions, days)
        path = base.with_suffix(".chain")
        path.write_text(base.with_suffix(".pem").read_text() + self.chain())
        return Certificate(path, base.with_suffix(".key"),
                           base.with_suffix(".pem"))

    def revoke(self, certificate):
        self._run("ca", "-config", "conf", "-revoke", certificate)

    def crl(self, days=(-1, 30), name="crl.pem"):
        """A list of those that were revoked so far."""
        path = self.folder / name
        new = path.with_suffix(".new")
        self._run("ca", "-config", "conf", "-gencrl", "-crl_lastupdate",
                  stamp(days[0]), "-crl_nextupdate", stamp(days[1]), "-out",
                  new)
        os.replace(new, path)
        return path

    def der(self, path, kind):
        """The same in DER; kind: x509 or crl."""
        out = path.with_suffix(".der")
        self._run(kind, "-in", path, "-outform", "der", "-out", out)
        return out
