"""A machine of its own for what is installed: this one's files in an overlay,
with its own mounts, network and processes.  Whatever is written there is gone
at the end; root only.
"""

import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest

from bitsd import PATIENCE, ROOT, as_child

# /srv is a plain file system, as uploads have it.
SET_UP = """
set -eu
mount --make-rprivate /
mount -t tmpfs none {base}
mkdir {base}/upper {base}/work {base}/root
mount -t overlay none {base}/root \
    -o lowerdir=/,upperdir={base}/upper,workdir={base}/work
cd {base}/root
mount -t tmpfs none srv
mount -t tmpfs none usr/local
mount -t tmpfs -o mode=1777 none tmp
mount --rbind /dev dev
mount -t proc proc proc
ip link set lo up
# No process may enter before this is its root.
exec chroot . sh -c "echo ready; exec sleep infinity"
"""


class FreshRoot:
    def __init__(self):
        self.base = Path(tempfile.mkdtemp(prefix="bitsd-root-"))
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
             "sh", "-c", SET_UP.format(base=shlex.quote(str(self.base)))],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, preexec_fn=as_child)
        if self.holder.stdout.readline() != "ready\n":
            _, why = self.holder.communicate()
            self.base.rmdir()
            pytest.skip(f"no fresh root here: {why.strip()}")
        self.inside = self.child_of(self.holder.pid)

    @staticmethod
    def child_of(pid):
        path = Path(f"/proc/{pid}/task/{pid}/children")
        return path.read_text().split()[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.communicate()
        self.base.rmdir()

    def within(self, *command):
        """The command line that runs the command in there, as root."""
        return ["nsenter", "--target", self.inside, "--mount", "--net",
                "--pid", "--root", "--wd", "env", "-i",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                "/sbin:/bin", "LANG=C.UTF-8", "HOME=/root",
                *map(str, command)]

    def start(self, *command):
        return subprocess.Popen(
            self.within(*command), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=as_child)

    def ask(self, *command):
        return subprocess.run(
            self.within(*command), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=20 * PATIENCE, check=False)

    def run(self, *command):
        """What the command printed; it must succeed."""
        done = self.ask(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def shell(self, text, user="root"):
        return self.run("su", "-s", "/bin/sh", user, "-c", text)

    def write(self, path, text):
        subprocess.run(self.within("tee", path), input=text, text=True,
                       stdout=subprocess.DEVNULL, check=True)

    def read(self, path):
        return self.run("cat", path)

    def exists(self, path):
        return self.ask("test", "-e", path).returncode == 0

    def clone(self, user, folder):
        """The sources as they are here, owned by a user of that machine."""
        self.run("useradd", "--create-home", user)
        self.run("mkdir", folder)
        files = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
            stdout=subprocess.PIPE, check=True)
        packed = subprocess.run(
            ["tar", "-C", ROOT, "--null", "-T", "-", "-cf", "-"],
            input=files.stdout, stdout=subprocess.PIPE, check=True)
        subprocess.run(self.within("tar", "-C", folder, "-xf", "-"),
                       input=packed.stdout, check=True)
        self.run("chown", "-R", f"{user}:", folder)
