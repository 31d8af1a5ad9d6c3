"""A file system over a folder that refuses some names, as ZFS with utf8only,
vfat and eCryptfs do, and may refuse to change groups, as vfat does; FUSE, root
only.

    picky.py BACKING MOUNT LONGEST [fixed-groups]
"""

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import pyfuse3
    import trio
except ImportError:
    pyfuse3 = None

REFUSED = b':*?"<>|'


def judge(name, longest):
    """errno of a name that the file system does not take, or 0."""
    if len(name) > longest:
        return errno.ENAMETOOLONG
    try:
        name.decode()
    except UnicodeDecodeError:
        return errno.EILSEQ
    return errno.EINVAL if any(byte in REFUSED for byte in name) else 0


def serve(backing, mount, longest, fixed_groups):
    """Until it is unmounted."""

    @contextlib.contextmanager
    def errors():
        try:
            yield
        except OSError as error:
            raise pyfuse3.FUSEError(error.errno) from None

    class Files(pyfuse3.Operations):
        def __init__(self):
            super().__init__()
            self.paths = {pyfuse3.ROOT_INODE: os.fsencode(backing)}

        def below(self, parent, name):
            return os.path.join(self.paths[parent], name)

        def describe(self, where):
            info = os.lstat(where) if isinstance(where, bytes) \
                else os.fstat(where)
            entry = pyfuse3.EntryAttributes()
            for field in ("st_ino", "st_mode", "st_nlink", "st_uid", "st_gid",
                          "st_rdev", "st_size", "st_atime_ns", "st_mtime_ns",
                          "st_ctime_ns"):
                setattr(entry, field, getattr(info, field))
            if where == self.paths[pyfuse3.ROOT_INODE]:
                entry.st_ino = pyfuse3.ROOT_INODE
            entry.st_blksize = 4096
            entry.st_blocks = info.st_blocks
            entry.entry_timeout = entry.attr_timeout = 0
            return entry

        def enter(self, path):
            entry = self.describe(path)
            self.paths[entry.st_ino] = path
            return entry

        def new_path(self, parent, name):
            error = judge(name, longest)
            if error:
                raise OSError(error, "")
            return self.below(parent, name)

        async def lookup(self, parent, name, ctx=None):
            """Says ENOENT of every name that is not there, as vfat does."""
            with errors():
                return self.enter(self.below(parent, name))

        async def getattr(self, inode, ctx=None):
            with errors():
                return self.describe(self.paths[inode])

        async def setattr(self, inode, attr, fields, fh, ctx):
            path = self.paths[inode]
            with errors():
                if fields.update_size:
                    os.truncate(path, attr.st_size)
                if fields.update_mode:
                    os.chmod(path, attr.st_mode & 0o7777)
                if fields.update_gid and fixed_groups:
                    raise OSError(errno.EPERM, "")
                if fields.update_uid or fields.update_gid:
                    os.chown(path, attr.st_uid if fields.update_uid else -1,
                             attr.st_gid if fields.update_gid else -1)
                return self.describe(path)

        async def mkdir(self, parent, name, mode, ctx):
            with errors():
                path = self.new_path(parent, name)
                os.mkdir(path, mode & 0o7777)
                return self.enter(path)

        async def create(self, parent, name, mode, flags, ctx):
            with errors():
                path = self.new_path(parent, name)
                fd = os.open(path, flags | os.O_CREAT, mode & 0o7777)
                return pyfuse3.FileInfo(fh=fd), self.enter(path)

        async def open(self, inode, flags, ctx):
            with errors():
                return pyfuse3.FileInfo(fh=os.open(self.paths[inode], flags))

        async def opendir(self, inode, ctx):
            return inode

        async def readdir(self, fh, start, token):
            names = sorted(os.listdir(self.paths[fh]))
            for number, name in enumerate(names[start:], start + 1):
                entry = self.enter(self.below(fh, name))
                if not pyfuse3.readdir_reply(token, name, entry, number):
                    break

        async def read(self, fh, offset, length):
            return os.pread(fh, length, offset)

        async def write(self, fh, offset, data):
            with errors():
                return os.pwrite(fh, data, offset)

        async def fsync(self, fh, datasync):
            os.fsync(fh)

        async def fsyncdir(self, fh, datasync):
            pass

        async def flush(self, fh):
            pass

        async def release(self, fh):
            os.close(fh)

        async def unlink(self, parent, name, ctx):
            with errors():
                os.unlink(self.below(parent, name))

        async def rmdir(self, parent, name, ctx):
            with errors():
                os.rmdir(self.below(parent, name))

        async def rename(self, old, old_name, new, new_name, flags, ctx):
            with errors():
                target = self.new_path(new, new_name)
                if flags and os.path.lexists(target):
                    raise OSError(errno.EEXIST, "")
                os.rename(self.below(old, old_name), target)
                self.enter(target)

        async def statfs(self, ctx):
            info = os.statvfs(backing)
            result = pyfuse3.StatvfsData()
            for field in ("f_bsize", "f_frsize", "f_blocks", "f_bfree",
                          "f_bavail", "f_files", "f_ffree", "f_favail"):
                setattr(result, field, getattr(info, field))
            result.f_namemax = longest
            return result

    pyfuse3.init(Files(), mount, {"fsname=picky", "default_permissions"})
    try:
        trio.run(pyfuse3.main)
    finally:
        pyfuse3.close(unmount=False)


@contextlib.contextmanager
def picky(longest=100, *flags):
    """Yields the mounted folder."""
    import pytest  # pylint: disable=import-outside-toplevel
    from mounts import need_mounts, run
    need_mounts()
    if not pyfuse3:
        pytest.skip("python3-pyfuse3 is not installed")
    if not os.path.exists("/dev/fuse"):
        pytest.skip("no FUSE in this kernel")
    base = Path(tempfile.mkdtemp(prefix="bitsd-picky-"))
    backing, folder = base / "backing", base / "mount"
    backing.mkdir()
    folder.mkdir()
    command = [sys.executable, __file__, str(backing), str(folder),
               str(longest), *flags]
    with subprocess.Popen(command) as process:
        try:
            end = time.monotonic() + 60
            while not os.path.ismount(folder):
                assert process.poll() is None and time.monotonic() < end, \
                    "the file system was not mounted"
                time.sleep(0.01)
            yield folder
        finally:
            # Killed first: a process that is late cannot mount any more.
            process.kill()
            process.wait()
            subprocess.run(["umount", "-l", folder], check=False,
                           stderr=subprocess.DEVNULL)
            run("rm", "-r", base)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]),
          "fixed-groups" in sys.argv[4:])
