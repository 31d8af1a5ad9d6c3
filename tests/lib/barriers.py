"""Folders that rename(2) moves no file into (EXDEV), although they are on the
mount that the file is on; root only."""

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess

import pytest

from mounts import LoopMount, need_mounts, run

MIB = 1 << 20
SET_ENCRYPTION_POLICY = 0x800c6613
ADD_ENCRYPTION_KEY = 0xc0506617


class Subvolume:
    """Btrfs: st_dev differs, the mount does not."""
    kind, size, options = "btrfs", 256 * MIB, ()
    words = "another subvolume"

    def put_up(self, folder):
        run("btrfs", "-q", "subvolume", "create", folder)

    def take_down(self, folder):
        run("btrfs", "-q", "subvolume", "delete", folder)


class Project:
    """XFS: a folder that hands down another project id, without any quota."""
    kind, size, options = "xfs", 320 * MIB, ()
    words = "project id"

    def put_up(self, folder):
        folder.mkdir()
        run("xfs_io", "-c", "chproj 42", "-c", "chattr +P", folder)

    def take_down(self, folder):
        folder.rmdir()


class Encryption:
    """ext4: a folder that is encrypted, which the rest is not."""
    kind, size, options = "ext4", 64 * MIB, ("-O", "encrypt")
    words = "encrypted"

    def put_up(self, folder):
        folder.mkdir()
        key = struct.pack("<II32sII32s64s", 2, 0, b"", 64, 0, b"", b"k" * 64)
        argument = bytearray(key)
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, ADD_ENCRYPTION_KEY, argument)
            policy = struct.pack("<4B4x16s", 2, 1, 4, 0, bytes(argument[8:24]))
            fcntl.ioctl(handle, SET_ENCRYPTION_POLICY, policy)
        finally:
            os.close(handle)

    def take_down(self, folder):
        folder.rmdir()


@contextlib.contextmanager
def mounted(barrier):
    """A new file system of the barrier's kind, which has none yet."""
    need_mounts()
    for tool in (f"mkfs.{barrier.kind}", {"btrfs": "btrfs",
                                          "xfs": "xfs_io"}.get(barrier.kind)):
        if tool and not shutil.which(tool, path=os.environ["PATH"] + ":/sbin"):
            pytest.skip(f"{tool} is not installed")
    disk = LoopMount(barrier.kind, barrier.size, *barrier.options)
    try:
        try:
            disk.mount()
        except AssertionError as error:
            pytest.skip(f"this kernel does not mount it: {error}")
        yield disk.folder
    finally:
        disk.close()


def keeps_files_out(barrier, folder):
    """Does it do what it is here for?  Some kernels are built without it."""
    try:
        barrier.put_up(folder / "tried")
    except (OSError, AssertionError, subprocess.SubprocessError) as error:
        pytest.skip(f"no such folder here: {error}")
    (folder / "file").write_bytes(b"")
    with pytest.raises(OSError, match="cross-device"):
        os.rename(folder / "file", folder / "tried" / "file")
    (folder / "file").unlink()
    barrier.take_down(folder / "tried")
