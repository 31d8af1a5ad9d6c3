"""nginx, HAProxy, Apache, Caddy and lighttpd in front of a bitsd, with the snippets
that docs/operations/proxies.md shows."""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from bitsd import ROOT, as_child
from ports import Port
from talk import until
from wire import PATIENCE

DOCUMENT = ROOT / "docs" / "operations" / "proxies.md"

NGINX = """\
daemon off;
worker_processes 1;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
{listen}
{snippet}
    }}
}}
"""

APACHE = """\
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule reqtimeout_module {modules}/mod_reqtimeout.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
Listen 127.0.0.1:{port}
<VirtualHost *>
{snippet}
</VirtualHost>
"""

HAPROXY = "{snippet}"

LIGHTTPD = """\
server.modules = ("mod_openssl", "mod_auth", "mod_authn_file", "mod_proxy")
server.document-root = "{folder}"
server.upload-dirs = ("{folder}")
server.errorlog = "{folder}/error.log"
server.bind = "127.0.0.1"
server.port = {port}
{snippet}
"""

CADDY = """\
{{
    admin off
    auto_https off
    default_bind 127.0.0.1
    log {{
        output file {folder}/error.log
    }}
}}
{snippet}
"""


# No snippet of the document: node's parser knows no BITS_POST and never will.
NODE = """\
const http = require("http");
http.createServer((request, answer) => {
    const {url: path, method, headers} = request;
    const to = {host: "127.0.0.1", port: 8080, path, method, headers};
    request.pipe(http.request(to, (from) => {
        answer.writeHead(from.statusCode, from.headers);
        from.pipe(answer);
    }));
}).listen(:80, "127.0.0.1");
"""


TITLES = {"nginx": "nginx", "haproxy": "HAProxy", "apache": "Apache",
          "caddy": "Caddy", "lighttpd": "lighttpd"}


def block(text, title):
    """The first block behind that title."""
    return text.split(f" {title}\n", 1)[1].split("```")[1].strip("\n")


def section(name):
    return DOCUMENT.read_text().split(f"\n## {TITLES[name]}\n")[1].split(
        "\n## ")[0]


def snippet(name):
    """The first block of the document's section about it."""
    return section(name).split("```")[1].strip("\n")


def secured(name, files, hashed):
    """Turns the snippet into that with TLS and a login."""
    more = block(section(name), "TLS and a login")
    if name == "haproxy":
        more = more.replace("$5$HASH", hashed)
    for pattern, path in ((r"/\S*files\.pem", files["certificate"]),
                          (r"/\S*files\.key", files["key"]),
                          (r"/\S*uploads\.htpasswd", files["users"])):
        more = re.sub(pattern, str(path), more)
    more = re.sub(r"(listen |bind |== \"):?443", r"\g<1>127.0.0.1:443", more)

    def change(text):
        text = text.replace('X-Remote-User ""', "X-Remote-User $remote_user")
        if name == "haproxy":
            return more + "\n\n" + text[text.index("\nbackend bitsd"):]
        return more + "\n" + text
    return change


def _wants(*programs):
    for program in programs:
        path = shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not path:
            pytest.skip(f"{program} is not installed")
    return path


class Front:
    """One of them, from when it listens until it is left.

    `change` may turn the snippet into another one.
    """

    def __init__(self, name, folder, server, change=lambda text: text):
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.held = Port()
        self.port = self.held.number
        self.url = f"{self.held.url}/uploads/"
        text = change(snippet(name) if name in TITLES else NODE)
        self.text = re.sub(r"127\.0\.0\.1:443\b", f"127.0.0.1:{self.port}",
                           text)
        self.text = self.text.replace("127.0.0.1:8080",
                                      f"127.0.0.1:{server[1]}")
        self.text = re.sub(r"bind :80\b", f"bind 127.0.0.1:{self.port}",
                           self.text)
        for form in ("port: {}", '"port" => {}'):
            self.text = self.text.replace(form.format(8080),
                                          form.format(server[1]))
        self.text = self.text.replace("(:80,", f"({self.port},")
        self.text = re.sub(r"http://:80\b", f"http://:{self.port}", self.text)

    def command(self):
        if self.name == "node":
            return [_wants("node"), "-e", self.text]
        form = {"nginx": NGINX, "haproxy": HAPROXY, "apache": APACHE,
                "caddy": CADDY, "lighttpd": LIGHTTPD}
        path = self.folder / "conf"
        path.write_text(form[self.name].format(
            folder=self.folder, port=self.port, snippet=self.text,
            listen="" if "listen " in self.text else
            f"        listen 127.0.0.1:{self.port};",
            modules="/usr/lib/apache2/modules") + "\n")
        if self.name == "nginx":
            return [_wants("nginx"), "-c", path, "-p", self.folder]
        if self.name == "haproxy":
            return [_wants("haproxy"), "-db", "-f", path]
        if self.name == "lighttpd":
            if not Path("/usr/lib/lighttpd/mod_openssl.so").exists():
                pytest.skip("lighttpd-mod-openssl is not installed")
            return [_wants("lighttpd"), "-D", "-f", path]
        if self.name == "caddy":
            return [_wants("caddy"), "run", "--config", path, "--adapter",
                    "caddyfile"]
        return [_wants("apache2"), "-DFOREGROUND", "-f", path]

    def _environment(self):
        """Nothing is kept outside the folder."""
        return {**os.environ, "HOME": str(self.folder),
                "XDG_CONFIG_HOME": str(self.folder),
                "XDG_DATA_HOME": str(self.folder)}

    def _listens(self):
        assert self.process.poll() is None, self.process.stderr.read()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self):
        self.process = subprocess.Popen(
            list(map(str, self.command())), env=self._environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, preexec_fn=as_child)
        until(self._listens)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        self.held.close()
