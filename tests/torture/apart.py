"""Runs the torture as a process apart, and removes what it leaves.

However the child ends, and whatever but SIGKILL ends us, it is killed with its
orphans, who come to us; its mounts go with the last of them, since they are in
a mount namespace of its own; its files lie in one folder.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What is kept lies beside that folder.
OUTSIDE = tempfile.gettempdir()

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_CLONE_NEWNS = 0x00020000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000


def run(work):
    """work() in a child; its exit status, or 128 and the signal that ended
    us.  A signal comes to the child as SIGTERM, once."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    folder = tempfile.mkdtemp(prefix="torture-")
    os.chmod(folder, 0o755)  # proxies run as other users
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    child = os.fork()
    if child == 0:
        _work(work, folder)
    ended = []

    def end(number, _):
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        ended.append(number)

    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        _kill_orphans()
        shutil.rmtree(folder, ignore_errors=True)
    return 128 + ended[0] if ended else status


def _work(work, folder):
    """The child.  A session of its own: Ctrl-C is for the parent alone."""
    os.setsid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    status = 1
    try:
        if os.geteuid() == 0 and _libc.unshare(_CLONE_NEWNS) == 0:
            _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
        status = work()
    except BaseException:  # pylint: disable=broad-exception-caught
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _children():
    """Processes whose parent we are."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = file.read().rsplit(b")", 1)[1].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == os.getpid():
            yield int(name)


def _kill_orphans():
    """The children of one that dies come to us in their turn."""
    while True:
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return
