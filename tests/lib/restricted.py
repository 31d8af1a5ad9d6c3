"""Runs a program under the system-call filters of packaging/bitsd.service.

    restricted.py [--openat2] PROGRAM [ARGUMENT...]

SystemCallFilter, SystemCallErrorNumber and RestrictAddressFamilies are read
from the unit.  RestrictSUIDSGID=yes means: no call may set a setuid or setgid
bit, and openat2(2), whose mode a filter cannot see, does not exist.  With
--openat2 that call does not exist, and there is no other filter.  Exits with 77
where libseccomp or systemd-analyze is missing.
"""

import ctypes
import errno
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

UNIT = Path(__file__).resolve().parents[2] / "packaging" / "bitsd.service"
ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EQUAL, MASKED_EQUAL = 4, 7
# Name, index of its mode, index of its flags if only O_CREAT uses the mode.
CALLS = [("chmod", 1, None), ("fchmod", 1, None), ("fchmodat", 2, None),
         ("mkdir", 1, None), ("mkdirat", 2, None), ("mknod", 1, None),
         ("mknodat", 2, None), ("creat", 1, None), ("open", 2, 1),
         ("openat", 3, 2)]


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int),
                ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64)]


class Filter:
    """One filter of libseccomp; a process may have several."""

    def __init__(self, default):
        self.library = ctypes.CDLL("libseccomp.so.2")
        self.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.seccomp_init(default))

    def add(self, action, name, *compares):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this machine does not have it
        array = (Compare * len(compares))(*compares)
        done = self.library.seccomp_rule_add_array(
            self.context, action, number, len(compares), array)
        assert done == 0, (name, done)

    def load(self):
        done = self.library.seccomp_load(self.context)
        assert done == 0, done


def unit_lines(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def members(word):
    """The system calls of a word, which may be a group of groups."""
    if not word.startswith("@"):
        return {word}
    listed = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", word], check=True,
        stdout=subprocess.PIPE, text=True).stdout.splitlines()[1:]
    names = [l.strip() for l in listed if l.strip()]
    return set().union(*(members(n) for n in names if not n.startswith("#")))


def allowed_calls():
    """Like systemd: the list of the unit, line by line, and @default."""
    calls = members("@default")
    for line in unit_lines("SystemCallFilter"):
        named = set().union(*(members(w) for w in line.lstrip("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def restrict_calls():
    [error] = unit_lines("SystemCallErrorNumber")
    allowed = Filter(ERRNO | getattr(errno, error))
    for name in sorted(allowed_calls()):
        allowed.add(ALLOW, name)
    allowed.load()


def restrict_families():
    [line] = unit_lines("RestrictAddressFamilies")
    families = sorted(getattr(socket, name) for name in line.split())
    others = Filter(ALLOW)
    for family in range(socket.AF_UNIX, 64):
        if family not in families:
            others.add(ERRNO | errno.EAFNOSUPPORT, "socket",
                       Compare(0, EQUAL, family, 0))
    others.load()


def refuse_openat2():
    no_openat2 = Filter(ALLOW)
    no_openat2.add(ERRNO | errno.ENOSYS, "openat2")
    no_openat2.load()


def restrict_bits():
    assert unit_lines("RestrictSUIDSGID") == ["yes"]
    bits = Filter(ALLOW)
    for name, mode, flags in CALLS:
        for bit in (stat.S_ISUID, stat.S_ISGID):
            compares = [Compare(mode, MASKED_EQUAL, bit, bit)]
            if flags is not None:
                compares.append(
                    Compare(flags, MASKED_EQUAL, os.O_CREAT, os.O_CREAT))
            bits.add(ERRNO | errno.EPERM, name, *compares)
    bits.load()
    refuse_openat2()


def leave_leaks():
    """The address sanitizer looks for leaks with ptrace(2), which the unit
    forbids."""
    options = os.environ.get("ASAN_OPTIONS", "")
    os.environ["ASAN_OPTIONS"] = f"{options}:detect_leaks=0".lstrip(":")


def main(arguments):
    try:
        if arguments[0] == "--openat2":
            arguments = arguments[1:]
            refuse_openat2()
        else:
            restrict_families()
            restrict_bits()
            restrict_calls()
            leave_leaks()
    except OSError as missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
