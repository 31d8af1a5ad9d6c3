"""Runs a program under the filter of systemd's RestrictSUIDSGID=yes.

    restricted.py PROGRAM [ARGUMENT...]

No call may set a setuid or setgid bit, and openat2(2), whose mode a filter
cannot see, does not exist.  Exits with 77 where libseccomp is missing.
"""

import ctypes
import errno
import os
import stat
import sys

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
MASKED_EQUAL = 7
# Name, index of its mode, index of its flags if only O_CREAT uses the mode.
CALLS = [("chmod", 1, None), ("fchmod", 1, None), ("fchmodat", 2, None),
         ("mkdir", 1, None), ("mkdirat", 2, None), ("mknod", 1, None),
         ("mknodat", 2, None), ("creat", 1, None), ("open", 2, 1),
         ("openat", 3, 2)]


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operator", ctypes.c_int),
                ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64)]


def restrict():
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ALLOW))

    def refuse(name, error, *compares):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return  # this machine does not have it
        array = (Compare * len(compares))(*compares)
        done = library.seccomp_rule_add_array(
            context, ERRNO | error, number, len(compares), array)
        assert done == 0, (name, done)

    for name, mode, flags in CALLS:
        for bit in (stat.S_ISUID, stat.S_ISGID):
            compares = [Compare(mode, MASKED_EQUAL, bit, bit)]
            if flags is not None:
                compares.append(
                    Compare(flags, MASKED_EQUAL, os.O_CREAT, os.O_CREAT))
            refuse(name, errno.EPERM, *compares)
    refuse("openat2", errno.ENOSYS)
    done = library.seccomp_load(context)
    assert done == 0, done


if __name__ == "__main__":
    try:
        restrict()
    except OSError as missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
    os.execv(sys.argv[1], sys.argv[1:])
