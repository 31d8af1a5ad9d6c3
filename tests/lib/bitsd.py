"""A real bitsd under test: its folders, its process, its log.

Every process is started, stopped and killed by its own id.  One that dies by
itself, does not stop when told to, or leaves a sanitizer's report or a failed
assertion in its log fails the test that started it.
"""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from wire import PATIENCE, Connection

ROOT = Path(__file__).resolve().parents[2]
# The versions of GUIDs that other programs make are others.
SESSION_ID = re.compile(
    r"[0-9A-F]{8}-[0-9A-F]{4}-7[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}",
    re.IGNORECASE)
READY = re.compile(r"^bitsd: listening on (\S+)$")
TROUBLE = re.compile(
    r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:"
    r"|Assertion .* failed|stack smashing detected|malloc\(\): |free\(\): "
    r"|^==[0-9]+== "  # valgrind -q says nothing else
)
_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def binary():
    """The bitsd that is tested: $BITSD, else the build folder's."""
    path = Path(os.environ.get("BITSD", ROOT / "build" / "bitsd"))
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it, or set BITSD")
    return str(path.resolve())


def as_child():
    """In a new process: it ends with us, and hears SIGHUP also where `nohup`
    started us."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def address_of(line):
    """The address that a readiness line names, in either form."""
    if line.startswith("{"):
        return json.loads(line).get("address")
    match = READY.match(line)
    return match[1] if match else None


class Died(AssertionError):
    """bitsd ended, or never began, without being asked."""


class Log:
    """The lines on a process's standard error, as they come."""

    def __init__(self):
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.reading = threading.Event()
        self.reading.set()

    def pause(self):
        """Reads no further; what is written then fills the pipe."""
        self.reading.clear()

    def resume(self):
        self.reading.set()

    def follow(self, stream):
        for line in stream:
            self.reading.wait()
            with self.changed:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def find(self, wanted, start=0):
        """Lines from `start` on with all of the wanted pieces of text."""
        pieces = [wanted] if isinstance(wanted, str) else wanted
        with self.changed:
            lines = self.lines[start:]
        return [l for l in lines if all(piece in l for piece in pieces)]

    def wait(self, wanted, start=0, patience=PATIENCE):
        """The first such line, as soon as there is one."""
        return self.wait_any([wanted], start, patience)

    def wait_any(self, choices, start=0, patience=PATIENCE):
        """The first line that has one of the choices."""
        def found():
            return [l for wanted in choices for l in self.find(wanted, start)]
        with self.changed:
            self.changed.wait_for(lambda: found() or self.ended, patience)
        lines = found()
        if not lines:
            raise AssertionError(f"no line with {choices!r} in:\n{self}")
        return lines[0]

    def __str__(self):
        return "\n".join(self.lines)


def quote(value):
    """A value as it stands in bitsd.conf."""
    if isinstance(value, (list, tuple)):
        return "{" + ", ".join(quote(v) for v in value) + "}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def section(head, options):
    """One section of bitsd.conf."""
    lines = [f"    {name} = {quote(v)}\n" for name, v in options.items()]
    return f"{head} {{\n" + "".join(lines) + "}\n"


class Bitsd:
    """A server on folders of its own.

    Without `server` and `uploads` it is started as `bitsd -l ... inbox`;
    with them a bitsd.conf is written: `server` holds its options, `uploads`
    those of each prefix.  A relative root or temp_dir is below `home`.
    """

    def __init__(self, server=None, uploads=None, home=None, environment=None,
                 wrapper=(), arguments=None, descriptors=()):
        self.own_home = home is None
        self.home = Path(home or tempfile.mkdtemp(prefix="bitsd-"))
        self.inbox = self.home / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self.server = server
        self.uploads = uploads
        self.environment = environment or {}
        self.wrapper = list(wrapper)
        self.arguments = arguments
        self.descriptors = descriptors
        self.log = Log()
        self.process = None
        self.addresses = []
        self.ending = False

    # --- configuration ---

    @property
    def config_path(self):
        return self.home / "bitsd.conf"

    def write_config(self):
        server = {"listen": "127.0.0.1:0", "state_dir": self.home / "state"}
        server.update(self.server or {})
        text = section("server", server)
        for prefix, given in (self.uploads or {"/": {}}).items():
            options = {"root": self.inbox, **given}
            for name in ("root", "temp_dir"):
                if name in options:
                    options[name] = self.home / options[name]
            text += section(f"upload {quote(prefix)}", options)
        (self.home / "state").mkdir(exist_ok=True)
        self.config_path.write_text(text)

    def command(self):
        if self.arguments is not None:
            return [binary(), *self.arguments]
        if self.server is None and self.uploads is None:
            return [binary(), "-l", "127.0.0.1:0", str(self.inbox)]
        self.write_config()
        return [binary(), "-c", str(self.config_path)]

    # --- the process ---

    def start(self, wait=True):
        """Starts it and waits until it is ready."""
        environment = {**os.environ, **self.environment}
        mark = len(self.log.lines)
        self.ending = self.log.ended = False
        self.process = subprocess.Popen(
            [*self.wrapper, *self.command()], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment, preexec_fn=as_child,
            pass_fds=self.descriptors,
        )
        self.reader = threading.Thread(
            target=self.log.follow, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        if wait:
            self.wait_ready(mark)
        return self

    def wait_ready(self, mark=0):
        try:
            self.log.wait("listening on ", mark)
        except AssertionError as error:
            raise Died(f"bitsd did not get ready: {error}") from None
        self.addresses = [a for a in map(address_of, self.log.lines[mark:])
                          if a]

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        """(host, port) or the path of the first listener."""
        return parse_address(self.addresses[0])

    def connect(self, patience=PATIENCE, source=None):
        return Connection(self.address, patience, source)

    def check_alive(self):
        if self.process and not self.ending and self.process.poll() is not None:
            raise Died(f"bitsd ended with {self.process.returncode}:"
                       f"\n{self.log}")

    def signal(self, number):
        self.check_alive()
        self.process.send_signal(number)

    def kill(self):
        """Like a power cut for the process alone."""
        self.check_alive()
        self.ending = True
        self.process.kill()
        self._reap()

    def terminate(self):
        """Asks it to stop; wait_stopped() then waits for the end."""
        self.signal(signal.SIGTERM)
        self.ending = True

    def wait_stopped(self, code=0):
        self.ending = True
        got = self._reap()
        if got != code:
            raise Died(f"exit {got} instead of {code}:\n{self.log}")

    def stop(self):
        self.terminate()
        self.wait_stopped()

    def _expect_no_session_id(self):
        """An id is a credential; the log shows its end only.  A client may
        send what it knows as a path."""
        shown = [line for line in self.log.lines
                 if SESSION_ID.search(re.sub(r" path=\S+", "", line))]
        if shown:
            raise AssertionError("the log shows the id of a session:\n"
                                 + "\n".join(shown))

    def _reap(self):
        try:
            code = self.process.wait(2 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Died(f"bitsd did not end:\n{self.log}") from None
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        self._expect_no_session_id()
        self.process = None
        self.addresses = []
        return code

    def reload(self):
        """Writes the configuration anew and waits until it was read."""
        self.write_config()
        mark = len(self.log.lines)
        self.signal(signal.SIGHUP)
        return self.log.wait_any(["reload done", "reload failed"], mark)

    # --- the end ---

    def check_log(self):
        trouble = [l for l in self.log.lines if TROUBLE.search(l)]
        if trouble:
            raise Died("\n".join(trouble) + f"\n\nin:\n{self.log}")

    def close(self):
        """Stops what runs, looks at the log, removes the folders."""
        try:
            if self.process and not self.ending:
                self.check_alive()
                self.stop()
            self.check_log()
        finally:
            if self.process:
                self.process.kill()
                self._reap()
            if self.own_home:
                shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
            return
        try:
            self.close()
        except AssertionError:
            # The first failure is the one to read.
            pass


def parse_address(url):
    """http://HOST:PORT/ or unix:PATH as Connection takes it."""
    match = re.fullmatch(r"https?://\[?([^\]/]+?)\]?:([0-9]+)/", url)
    if match:
        return match[1], int(match[2])
    match = re.fullmatch(r"(?:http\+)?unix:(?://)?(/.*)", url)
    if match:
        return match[1]
    raise AssertionError(f"not an address: {url}")
