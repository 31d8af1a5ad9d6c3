"""The servers that are compared, each started in a folder of its own.

The files land in `inbox`; everything else a server writes is beside it, on
the same file system.  None of them logs requests unless its name says so.
Each runs on the server's core alone, is stopped by its process id, and dies
with the runner.
"""

import ctypes
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import measure

SERVER_CPU, LOAD_CPU = 1, 0
PATIENCE = 60
DESCRIPTORS = 65536
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def settle(cpu):
    """What a child does before it becomes the program; with None for the CPU
    it may use all that the runner may."""
    def act():
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (DESCRIPTORS, DESCRIPTORS))
        except ValueError:
            pass
    return act


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """What all have in common; a subclass has name, kind and command()."""

    kind = "put"
    tls = 0
    program = None

    def __init__(self, home, build):
        self.home = Path(home)
        self.build = Path(build)
        self.inbox = self.home / "inbox"
        self.process = None
        self.port = 0

    @classmethod
    def missing(cls):
        """What must be installed first, or None."""
        if cls.program and not shutil.which(cls.program, path=cls.path()):
            return f"{cls.program} is not installed"
        return None

    @staticmethod
    def path():
        return os.environ["PATH"] + ":/usr/sbin:/sbin"

    def prepare(self):
        """Folders and configuration, before the first start."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        (self.home / "temporary").mkdir(exist_ok=True)

    def start(self):
        """Returns the seconds until it took connections."""
        begin = time.monotonic()
        with open(self.home / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=settle(SERVER_CPU), cwd=self.home,
                env={**os.environ, "PATH": self.path()})
        self.wait_ready()
        return time.monotonic() - begin

    def wait_ready(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self.log()}")
            if self.is_ready():
                return
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} did not get ready: {self.log()}")

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        return (self.home / "log").read_text(errors="replace")[-2000:]

    def cpu(self):
        return measure.cpu_of(self.process.pid)

    def stop(self, number=signal.SIGTERM):
        if self.process:
            self.process.send_signal(number)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


class Announcing(Server):
    """Prints the address it chose."""

    READY = re.compile(r"listening on https?://127\.0\.0\.1:([0-9]+)/")

    def start(self):
        self.mark = 0
        if (self.home / "log").exists():
            self.mark = (self.home / "log").stat().st_size
        return super().start()

    def is_ready(self):
        text = (self.home / "log").read_bytes()[self.mark:].decode()
        match = self.READY.search(text)
        if match:
            self.port = int(match[1])
        return bool(match)


def make_certificate(home):
    """cert.pem and key.pem there, as the server and its peer get them."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", home / "key.pem",
         "-out", home / "cert.pem", "-days", "90", "-subj", "/CN=localhost"],
        check=True, capture_output=True)


class Bitsd(Announcing):
    name = "bitsd"
    kind = "bits"
    log_level = "error"
    durability = "none"
    listen = '    listen = "127.0.0.1:0"\n'

    def prepare(self):
        super().prepare()
        (self.home / "state").mkdir(exist_ok=True)
        (self.home / "bitsd.conf").write_text(
            "server {\n"
            f"{self.listen}"
            f'    state_dir = "{self.home}/state"\n'
            f"    log_level = {self.log_level}\n"
            "    max_connections = 20000\n"
            "}\n"
            'upload "/" {\n'
            f'    root = "{self.inbox}"\n'
            f"    durability = {self.durability}\n"
            "}\n")

    def command(self):
        return [self.build / "src/bitsd/bitsd", "-c", self.home / "bitsd.conf"]


class BitsdFinal(Bitsd):
    name = "bitsd final"
    durability = "final"


class BitsdLogging(Bitsd):
    name = "bitsd log on"
    log_level = "info"


class BitsdTls(Bitsd):
    name = "bitsd tls"
    tls = 1

    def prepare(self):
        make_certificate(self.home)
        self.listen = ('    listen = "127.0.0.1:0 tls"\n'
                       f'    tls_cert = "{self.home}/cert.pem"\n'
                       f'    tls_key = "{self.home}/key.pem"\n')
        super().prepare()


class BareRecv(Announcing):
    name = "bare recv"

    def command(self):
        return [self.build / "bench/bare", "recv", f"folder={self.inbox}"]


class BareSplice(Announcing):
    name = "bare splice"

    def command(self):
        return [self.build / "bench/bare", "splice", f"folder={self.inbox}"]


class Configured(Server):
    """Has a configuration file with a port that was free a moment ago."""

    def prepare(self):
        super().prepare()
        self.port = free_port()
        (self.home / "server.conf").write_text(self.configuration())


class Nginx(Configured):
    name = "nginx"
    program = "nginx"
    listen = "backlog=4096;"

    def configuration(self):
        user = "user root;\n" if os.geteuid() == 0 else ""
        return user + f"""
daemon off;
worker_processes 1;
worker_rlimit_nofile {DESCRIPTORS};
pid {self.home}/nginx.pid;
error_log {self.home}/log error;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    default_type application/octet-stream;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    client_body_buffer_size 1m;
    client_body_temp_path {self.home}/temporary;
    proxy_temp_path {self.home}/temporary/p;
    fastcgi_temp_path {self.home}/temporary/f;
    uwsgi_temp_path {self.home}/temporary/u;
    scgi_temp_path {self.home}/temporary/s;
    server {{
        listen 127.0.0.1:{self.port} {self.listen}
        location / {{ root {self.inbox}; dav_methods PUT; }}
    }}
}}
"""

    def command(self):
        return ["nginx", "-e", self.home / "log", "-c",
                self.home / "server.conf"]


class NginxTls(Nginx):
    """The same certificate, cipher (the client's first choice) and versions."""

    name = "nginx tls"
    tls = 1

    def prepare(self):
        make_certificate(self.home)
        self.listen = (
            "ssl backlog=4096; ssl_protocols TLSv1.2 TLSv1.3; "
            f"ssl_certificate {self.home}/cert.pem; "
            f"ssl_certificate_key {self.home}/key.pem;")
        super().prepare()


class Apache(Configured):
    name = "Apache"
    program = "apache2"

    def configuration(self):
        modules = "".join(
            f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n"
            for m in ("mpm_event", "authz_core", "dav", "dav_fs"))
        user = ""
        if os.geteuid() == 0:
            user = "User www-data\nGroup www-data\n"
        return modules + user + f"""
ServerName localhost
ServerRoot {self.home}
PidFile {self.home}/apache.pid
DefaultRuntimeDir {self.home}
Mutex file:{self.home} default
ErrorLog {self.home}/log
LogLevel error
Listen 127.0.0.1:{self.port}
StartServers 1
ServerLimit 1
ThreadLimit 400
ThreadsPerChild 400
MaxRequestWorkers 400
MaxSpareThreads 400
MaxConnectionsPerChild 0
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
LimitRequestBody 0
DavLockDB {self.home}/temporary/locks
DocumentRoot {self.inbox}
<Directory {self.inbox}>
    Require all granted
    Dav On
</Directory>
"""

    def prepare(self):
        super().prepare()
        if os.geteuid() == 0:
            for folder in (self.home, self.inbox, self.home / "temporary"):
                shutil.chown(folder, "www-data", "www-data")

    def command(self):
        return ["apache2", "-D", "FOREGROUND", "-f", self.home / "server.conf"]


class Lighttpd(Configured):
    name = "lighttpd"
    program = "lighttpd"

    @classmethod
    def missing(cls):
        if not Path("/usr/lib/lighttpd/mod_webdav.so").exists():
            return "lighttpd-mod-webdav is not installed"
        return super().missing()

    def configuration(self):
        return f"""
server.modules = ("mod_webdav")
server.document-root = "{self.inbox}"
server.bind = "127.0.0.1"
server.port = {self.port}
server.errorlog = "{self.home}/log"
server.upload-dirs = ("{self.home}/temporary")
server.max-fds = {DESCRIPTORS}
server.max-connections = 20000
server.max-keep-alive-requests = 1000000000
server.max-keep-alive-idle = 600
server.max-request-size = 0
server.listen-backlog = 4096
webdav.activate = "enable"
webdav.is-readonly = "disable"
"""

    def command(self):
        return ["lighttpd", "-D", "-f", self.home / "server.conf"]


PEERS = [Nginx, Apache, Lighttpd]
