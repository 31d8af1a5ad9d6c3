"""nginx, HAProxy and Apache in front of a bitsd, as the manual sets them up."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from bitsd import as_child
from ports import Port
from wire import PATIENCE, Closed, Connection, WireError

NGINX = """daemon off; worker_processes 1; pid {home}/pid;
error_log {home}/errors; user root;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {home}/1; proxy_temp_path {home}/2;
    fastcgi_temp_path {home}/3; uwsgi_temp_path {home}/4;
    scgi_temp_path {home}/5;
    upstream back {{ server {back}; {keepalive} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://back;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            proxy_next_upstream off;
            client_max_body_size 0;
        }}
    }}
}}
"""
HAPROXY = """global
    maxconn 500
defaults
    mode http
    timeout client 1m
    timeout server 1m
    timeout connect 3s
frontend front
    bind 127.0.0.1:{port}
    default_backend back
backend back
    {reuse}
    server bitsd {back}
"""
APACHE = """ServerRoot {home}
ServerName proxy.example
PidFile {home}/pid
ErrorLog {home}/errors
Mutex file:{home} default
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
Listen 127.0.0.1:{port}
ProxyPass "/" "http://{back}/" nocanon retry=0 timeout=60
ProxyPreserveHost On
AllowEncodedSlashes NoDecode
LimitRequestBody 0
Timeout 60
"""
MODULES = "/usr/lib/apache2/modules"
PROXIES = [name for name in ("nginx", "haproxy", "apache2")
           if shutil.which(name)]


def with_fixed_port(made):
    """A second port of the world's server, the same after each start."""
    made.back_port = Port()  # held as long as the world
    made.back = str(made.back_port)
    made.bitsd.server["listen"] = ["127.0.0.1:0", made.back]


def need_proxies():
    if not PROXIES:
        pytest.skip("neither nginx nor HAProxy nor Apache is installed")


class Lenient(Connection):
    """Takes what a proxy answers for itself for a cut connection."""

    def read_response(self):
        while b"\r\n\r\n" not in self.buffer:
            if not self._receive():
                raise Closed("closed by the proxy")
        head = self.buffer.split(b"\r\n\r\n", 1)[0]
        if b"bits-packet-type" in head.lower() or head[9:12] == b"100":
            return super().read_response()
        if head[9:12] not in (b"400", b"408", b"500", b"502", b"503", b"504"):
            raise WireError(f"the proxy says {head!r}")
        raise Closed("the proxy's own answer")


class Proxy:
    """One of them before `back`, HOST:PORT, on a port of its own; `reuse`: it
    keeps connections."""

    def __init__(self, kind, back, reuse=True):
        self.kind = kind
        self.home = Path(tempfile.mkdtemp(prefix=f"torture-{kind}-"))
        os.chmod(self.home, 0o755)
        self.port = Port()
        self.address = self.port.address
        text = {"nginx": NGINX, "haproxy": HAPROXY, "apache2": APACHE}[kind]
        config = self.home / "config"
        config.write_text(text.format(
            home=self.home, port=self.port.number, back=back,
            modules=MODULES, keepalive="keepalive 4;" if reuse else "",
            reuse=f"http-reuse {'always' if reuse else 'never'}"))
        command = {"nginx": ["nginx", "-c", config],
                   "haproxy": ["haproxy", "-db", "-f", config],
                   "apache2": ["apache2", "-D", "FOREGROUND", "-f", config],
                   }[kind]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=as_child)
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                socket.create_connection(self.address, 1).close()
                return
            except ConnectionError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        self.close()
        pytest.skip(f"{self.kind} does not start")

    def close(self):
        # It has a session of its own, its workers with it.
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.port.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
