"""Small file systems of their own for tests that spoil them; root only."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest


def run(*command):
    """A command that must succeed; its output is in the failure."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stdout}")
    return done.stdout


def remount_read_only(folder):
    """As soon as nobody has a file open for writing there."""
    end = time.monotonic() + 60
    while True:
        try:
            return run("mount", "-o", "remount,ro", folder)
        except AssertionError as error:
            if "busy" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.05)


def need_mounts():
    """Skips where file systems cannot be mounted."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["mount", "-t", "tmpfs", "none", folder],
                               stderr=subprocess.PIPE, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"no mounts here: {tried.stderr.strip()}")
        run("umount", folder)


@contextlib.contextmanager
def tmpfs(size):
    """An empty tmpfs of so many bytes."""
    need_mounts()
    folder = Path(tempfile.mkdtemp(prefix="bitsd-tmpfs-"))
    run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder)
    try:
        yield folder
    finally:
        run("umount", "-l", folder)
        folder.rmdir()


class LoopMount:
    """A file system in a file, that can be mounted again and again."""

    def __init__(self, kind, size, *options):
        need_mounts()
        self.kind = kind
        self.base = Path(tempfile.mkdtemp(prefix=f"bitsd-{kind}-"))
        self.image = self.base / "image"
        self.folder = self.base / "mount"
        self.folder.mkdir()
        with self.image.open("wb") as image:
            image.truncate(size)
        quiet = ["-q", "-F"] if kind == "ext4" else ["-q", "-f"]
        run(f"/sbin/mkfs.{kind}", *quiet, *options, self.image)
        self.mounted = False

    def mount(self):
        run("mount", "-o", "loop", self.image, self.folder)
        self.mounted = True

    def unmount(self):
        """Returns once the loop device let the image go."""
        run("umount", self.folder)
        self.mounted = False
        while run("losetup", "-j", self.image):
            time.sleep(0.01)

    def close(self):
        if self.mounted:
            run("umount", "-l", self.folder)
        self.image.unlink()
        self.folder.rmdir()
        self.base.rmdir()
