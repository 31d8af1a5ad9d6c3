"""Small file systems of their own for tests that spoil them; root only."""

import contextlib
import os
import shutil
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
    """As soon as no process has a file open for writing there."""
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
    """A file system in a file, that can be mounted again and again; `within`:
    the folder of that file."""

    def __init__(self, kind, size, *options, within=None):
        need_mounts()
        self.kind = kind
        self.base = Path(tempfile.mkdtemp(prefix=f"bitsd-{kind}-"))
        self.image = (within or self.base) / "image"
        self.folder = self.base / "mount"
        self.folder.mkdir()
        self.mounted = False
        with self.image.open("wb") as image:
            image.truncate(size)
        quiet = ["-q", "-F"] if kind == "ext4" else ["-q", "-f"]
        make = f"/sbin/mkfs.{kind}"
        if not os.path.exists(make):
            self.close()
            pytest.skip(f"there is no {make}")
        run(make, *quiet, *options, self.image)

    def mount(self):
        run("mount", "-o", "loop", self.image, self.folder)
        self.mounted = True

    def limit_requests(self):
        """To a page, until it is unmounted: where a file has room for a part of
        a request only, a loop device says that it wrote all of it."""
        device = run("losetup", "-n", "-O", "NAME", "-j", self.image).strip()
        limit = Path("/sys/block", Path(device).name, "queue/max_sectors_kb")
        limit.write_text("4")

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


class Mount:
    """What needs no device, and can be mounted again and again."""

    def __init__(self):
        need_mounts()
        self.base = Path(tempfile.mkdtemp(prefix="bitsd-mount-"))
        self.folder = self.base / "mount"
        self.folder.mkdir()
        self.mounted = False

    def mount(self):
        tried = subprocess.run([str(c) for c in self.command()],
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True,
                               check=False)
        if tried.returncode:
            self.close()
            pytest.skip(f"cannot mount it here: {tried.stdout.strip()}")
        self.mounted = True

    def need(self, program):
        if not shutil.which(program):
            self.close()
            pytest.skip(f"{program} is not installed")

    def unmount(self):
        run("umount", self.folder)
        self.mounted = False

    def close(self):
        if self.mounted:
            run("umount", "-l", self.folder)
        shutil.rmtree(self.base, ignore_errors=True)


class Tmpfs(Mount):
    """Empty after each mount."""

    def command(self):
        return ["mount", "-t", "tmpfs", "-o", "size=128m", "none", self.folder]


class Overlay(Mount):
    """Its upper folder is on a tmpfs, which can always be one."""

    def __init__(self):
        super().__init__()
        self.below = self.base / "below"
        self.below.mkdir()
        run("mount", "-t", "tmpfs", "none", self.below)
        for name in ("lower", "upper", "work"):
            (self.below / name).mkdir()

    def command(self):
        folders = ",".join(f"{name}dir={self.below / name}"
                           for name in ("lower", "upper", "work"))
        return ["mount", "-t", "overlay", "-o", folders, "none", self.folder]

    def close(self):
        if self.mounted:
            self.unmount()
        run("umount", "-l", self.below)
        super().close()


class FuseOverlay(Mount):
    """An overlay in user space."""

    def __init__(self):
        super().__init__()
        self.need("fuse-overlayfs")
        for name in ("lower", "upper", "work"):
            (self.base / name).mkdir()

    def command(self):
        folders = ",".join(f"{name}dir={self.base / name}"
                           for name in ("lower", "upper", "work"))
        return ["fuse-overlayfs", "-o", folders, self.folder]


class Bindfs(Mount):
    """Shows another folder; cannot rename without replacing."""

    def __init__(self):
        super().__init__()
        self.need("bindfs")
        (self.base / "below").mkdir()

    def command(self):
        return ["bindfs", self.base / "below", self.folder]
