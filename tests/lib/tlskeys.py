"""Certificates for tests: an authority, a server and a client that it signed."""

import shutil
import ssl
import subprocess

import pytest


EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Keys:
    def __init__(self, folder):
        if not shutil.which("openssl"):
            pytest.skip("openssl is not installed")
        self.folder = folder
        self.ca = self.make("ca", "CA of the tests", None)
        self.server = self.make("server", "localhost", "IP:127.0.0.1")
        self.other = self.make("other", "elsewhere", "DNS:elsewhere.example")
        self.client = self.make("client", "ann", "DNS:ann")

    def _run(self, *arguments):
        return subprocess.run(["openssl", *map(str, arguments)], check=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, cwd=self.folder).stdout

    def make(self, name, subject, alternative, days=90, key=EC):
        """The certificate; its key is beside it, NAME.key."""
        path = self.folder / f"{name}.pem"
        new = (*key, "-nodes", "-keyout", f"{name}.key", "-subj",
               f"/CN={subject}", "-days", days)
        if alternative is None:
            self._run("req", "-x509", *new, "-out", path)
        else:
            self._run("req", "-x509", *new, "-out", path, "-CA", "ca.pem",
                      "-CAkey", "ca.key", "-addext",
                      f"subjectAltName={alternative}", "-addext",
                      "basicConstraints=critical,CA:FALSE")
        return path

    def ocsp(self, certificate, days=7):
        """A response of the authority: the certificate is good."""
        serial = self._run("x509", "-in", certificate, "-noout",
                           "-serial").split("=")[1].strip()
        (self.folder / "index").write_text(
            f"V\t491231000000Z\t\t{serial}\tunknown\t/CN=x\n")
        path = certificate.with_suffix(".der")
        self._run("ocsp", "-index", "index", "-CA", "ca.pem", "-rsigner",
                  "ca.pem", "-rkey", "ca.key", "-issuer", "ca.pem", "-cert",
                  certificate, "-respout", path, "-ndays", days, "-noverify")
        return path

    def protect(self, certificate, passphrase):
        """Another file with its key, which has a passphrase."""
        path = certificate.with_suffix(".protected")
        self._run("pkey", "-in", self.key(certificate), "-out", path, "-aes256",
                  "-passout", f"pass:{passphrase}")
        path.chmod(0o600)
        return path

    def key(self, certificate):
        return certificate.with_suffix(".key")

    def context(self, certificate, wants_client=False, newest=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, self.key(certificate))
        if newest:
            context.maximum_version = newest
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context

    def pin(self, certificate):
        """sha256//... of its public key."""
        command = (f"openssl x509 -in {certificate.name} -pubkey -noout | "
                   "openssl pkey -pubin -outform der | "
                   "openssl dgst -sha256 -binary | openssl base64")
        done = subprocess.run(["sh", "-c", command], check=True,
                              capture_output=True, text=True, cwd=self.folder)
        return "sha256//" + done.stdout.strip()
