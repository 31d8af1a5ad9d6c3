"""A real bits under test: its home, its processes, what it said.

Whatever the machine's user has configured is kept away.  Processes are started
and stopped by their own ids; one that is left when the test ends is killed, and
a sanitizer's report or a failed assertion in what it said fails the test.
"""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

from bitsd import ROOT, TROUBLE, Log, as_child
from wire import PATIENCE


def binary():
    """The bits that is tested: $BITS, else the build folder's."""
    path = Path(os.environ.get("BITS", ROOT / "build" / "bits"))
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it, or set BITS")
    return str(path.resolve())


class Done:
    """How a command ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments = arguments
        self.code = code
        self.out = out
        self.err = err

    def json(self):
        """The objects on standard output, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return (f"bits {' '.join(map(str, self.arguments))}: {self.code}\n"
                f"--- out\n{self.out}--- err\n{self.err}")


class Running:
    """A running command; its lines on both streams are followed."""

    def __init__(self, process):
        self.process = process
        self.out, self.err = Log(), Log()
        self.readers = [
            threading.Thread(target=log.follow, args=(stream,), daemon=True)
            for log, stream in ((self.out, process.stdout),
                                (self.err, process.stderr))]
        for reader in self.readers:
            reader.start()

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        return self.wait()

    def terminate(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self, patience=2 * PATIENCE):
        """Its exit status; negative: the signal that ended it."""
        code = self.process.wait(patience)
        for reader in self.readers:
            reader.join(PATIENCE)
        check(str(self.err))
        return code


def check(err):
    trouble = [l for l in err.splitlines() if TROUBLE.search(l)]
    assert not trouble, err


class Client:
    def __init__(self, home):
        self.home = Path(home)
        self.state = self.home / "state"
        self.running = []
        self.environment = {
            "HOME": str(self.home), "XDG_STATE_HOME": str(self.state),
            "PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C.UTF-8",
        }
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.environment[name] = value

    def file(self, name, content):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def _environment(self, more):
        return {**self.environment, **{k: str(v) for k, v in more.items()}}

    def run(self, *arguments, stdin=b"", patience=2 * PATIENCE, **environment):
        """Runs it to its end."""
        done = subprocess.run(
            [binary(), *map(str, arguments)], input=stdin, cwd=self.home,
            env=self._environment(environment), capture_output=True,
            timeout=patience, check=False, preexec_fn=as_child)
        result = Done(arguments, done.returncode, done.stdout.decode(),
                      done.stderr.decode())
        check(result.err)
        return result

    def start(self, *arguments, stdin=subprocess.DEVNULL, **environment):
        """Starts it and lets it run."""
        process = subprocess.Popen(
            [binary(), *map(str, arguments)], stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.home,
            env=self._environment(environment), preexec_fn=as_child)
        self.running.append(Running(process))
        return self.running[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for running in self.running:
            if running.process.poll() is None:
                running.kill()
