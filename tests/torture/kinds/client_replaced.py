"""A file that is replaced while it is uploaded, or between the runs of it.

By rename, copy, a new write with the old times, rotation; with kills of the
client and of the server.  The line between the two stalls at a byte, so that
the file changes at a known place.  What arrives is one version that the file
had, of a growing file the start of one; and where --remove-source removed the
file, its last version is at the server.
"""

import os
import shutil

import pytest

import bits
from bits import Client
from cutting import Line
from packets import pattern
from proxies import with_fixed_port
from world import world
from wire import PATIENCE

SIZES = (1, 5000, 300007, 1 << 20)
CODES = (0, 3, -9)
HEAD = 1500  # bytes of a request besides its body, more or less


class File:
    """A file and each version that it had."""

    def __init__(self, turn, path, size, growing):
        self.turn = turn
        self.path = path
        self.size = size
        self.growing = growing
        self.versions = []
        self.times = None
        self.write(self.new_version())
        status = os.stat(path)
        self.times = status.st_atime_ns, status.st_mtime_ns

    @property
    def content(self):
        return self.versions[-1]

    def new_version(self):
        self.versions.append(pattern(f"{self.path.name}/{len(self.versions)}",
                                     0, self.size))
        return self.content

    def write(self, content, place=None):
        """In place, or as another file; with the times of the first."""
        place = place or self.path
        place.write_bytes(content)
        if self.times:
            os.utime(place, ns=self.times)

    # --- what happens to it ---

    def replace(self):
        other = self.path.with_suffix(".new")
        self.write(self.new_version(), other)
        other.replace(self.path)

    def copy(self):
        other = self.path.with_suffix(".new")
        self.write(self.new_version(), other)
        shutil.copy2(other, self.path)
        other.unlink()

    def touch(self):
        self.write(self.new_version())

    def make_again(self):
        self.path.unlink()
        self.write(self.new_version())

    def move_and_back(self):
        other = self.path.with_suffix(".old")
        self.path.rename(other)
        other.rename(self.path)

    def chmod(self):
        self.path.chmod(self.turn.chance.choice((0o600, 0o640, 0o644)))

    def rotate(self):
        """copytruncate: a copy, then the same file from its start."""
        os.truncate(self.path, 0)
        self.path.write_bytes(self.new_version())

    def append(self):
        start = len(self.content)
        number = len(self.versions) - 1
        more = pattern(f"{self.path.name}/{number}", start, 5000)
        with open(self.path, "ab") as file:
            file.write(more)
        self.versions[-1] += more

    def change(self):
        ways = (self.replace, self.copy, self.touch, self.make_again,
                self.move_and_back, self.chmod)
        if self.growing:
            ways = (self.rotate, self.append, self.append, self.replace)
        self.turn.count("faults")
        self.turn.chance.choice(ways)()


class Upload:
    """One file, until it is at the server."""

    def __init__(self, turn, made, client, number):
        self.turn = turn
        self.made = made
        self.client = client
        chance = turn.chance
        self.growing = chance.random() < 0.3
        self.removing = not self.growing and chance.random() < 0.5
        name = f"file-{number}"
        self.file = File(turn, client.home / name, chance.choice(SIZES),
                         self.growing)
        self.target = made.inbox / name
        self.arguments = ["upload", "--fragment-size", "64k",
                          "--retry-time", "60s"]
        self.arguments += ["--growing"] * self.growing
        self.arguments += ["--remove-source"] * self.removing
        self.arguments.append(name)

    def start(self, line):
        return self.client.start(*self.arguments,
                                 f"{line.url}/{self.target.name}")

    def arrived(self):
        try:
            return self.target.read_bytes()
        except FileNotFoundError:
            return None

    def is_version(self, content):
        if self.growing:
            return any(each.startswith(content) for each in self.file.versions)
        return content in self.file.versions

    def is_current(self, content):
        if self.growing:  # what it had when the upload began
            return content is not None and self.file.content.startswith(content)
        return content == self.file.content

    def judge(self, code, err, changed):
        content = self.arrived()
        words = []
        if code not in CODES or (code == 3 and not changed):
            words.append(f"bits ended with {code}")
        if content is not None and not self.is_version(content):
            words.append("another file than each version arrived")
        if not self.file.path.exists() and not (
                self.removing and self.is_current(content)):
            words.append("the last copy is gone")
        if code == 0 and not changed and not self.is_current(content):
            words.append("done, and this version is not at the server")
        if content is not None:
            self.turn.count("bytes verified", len(content))
        for each in words:
            self.turn.violation(
                f"{' '.join(self.arguments)}: {each}; changed {changed}, "
                f"{len(self.file.versions)} versions:\n{err}")

    def interrupted(self, line):
        """One run whose line stalls; False: it came to its end."""
        limit = self.turn.chance.randrange(self.file.size + 3 * HEAD)
        line.stall_after(limit)
        running = self.start(line)
        with line.changed:
            while not line.stalled and running.process.poll() is None:
                line.changed.wait(0.01)
        changed = line.stalled and self.turn.chance.random() < 0.7
        if changed:
            self.file.change()
        if self.turn.chance.random() < 0.2:
            self.made.bitsd.kill()
            self.turn.count("kills")
            self.made.bitsd.start()
        if self.turn.chance.random() < 0.5:
            running.process.kill()
            self.turn.count("kills")
        line.release()
        self.judge(running.wait(), running.err, changed)
        line.cut()

    def to_its_end(self, line):
        running = self.start(line)
        code = running.wait(2 * PATIENCE)
        self.judge(code, running.err, False)
        if code == 0:
            left = os.listdir(self.client.state / "bits" / "uploads")
            if left:
                self.turn.violation(f"the client leaves {left}")
            self.turn.count("uploads delivered")

    def run(self, line):
        self.turn.count("uploads started")
        for _ in range(self.turn.chance.randrange(5)):
            self.interrupted(line)
            if not self.file.path.exists():
                break
            if self.turn.chance.random() < 0.5:
                self.file.change()
        else:
            self.to_its_end(line)
        self.file.path.unlink(missing_ok=True)
        self.target.unlink(missing_ok=True)


def run(turn):
    try:
        bits.binary()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with world(turn, prepare=with_fixed_port,
               options={"on_exists": "replace"}) as made:
        home = made.bitsd.home / "client"
        home.mkdir()
        host, port = made.back.split(":")
        with Client(home) as client, Line((host, int(port))) as line:
            number = 0
            while not turn.over():
                Upload(turn, made, client, number).run(line)
                number += 1
