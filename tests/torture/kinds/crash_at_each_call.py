"""SIGKILL on entering each system call of a whole session, one after another.

strace shows what a session calls, from Create to Close; then it kills the
server at each of these calls in turn, and the client comes back.
"""

import re
import threading

from client import Client
from tracer import Tracer
from world import world

# Waiting and looking changes nothing on the disk or on the wire.
HARMLESS = re.compile("futex|epoll|poll|clock|get|madvise|mmap|munmap|mprotect"
                      "|sched|stat|rt_sig|restart_syscall|recv|fcntl|brk"
                      "|set_robust|rseq|clone|exit|sysinfo|newfstatat")


class Straight(Client):
    """Two fragments, never cut by the client itself."""

    def cut(self, request):
        self.exchange(request)

    def session(self, name):
        upload = self.begin(name, 70001)
        self.finish(upload)
        self.end(upload, "close")


def find_steps(turn):
    """What an undisturbed session calls."""
    steps = []
    with world(turn) as made:
        tracer = Tracer(made.bitsd)
        Straight(made, "", turn.chance).session("dry")
        tracer.end(False)
        steps = [s for s in tracer.calls() if not HARMLESS.match(s[0])]
    return steps


def kill_at(turn, name, count):
    with world(turn) as made:
        client = Straight(made, "", turn.chance)
        tracer = Tracer(made.bitsd, "-e", f"trace={name}", "-e",
                        f"inject={name}:signal=KILL:when={count}")
        made.bitsd.ending = True  # it may die at any moment
        problem = []

        def work():
            try:
                client.session(f"{name}-{count}")
            except Exception as error:
                problem.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        while thread.is_alive() and made.bitsd.process.poll() is None:
            thread.join(0.005)
        dead = made.bitsd.process.poll() is not None
        tracer.end(dead)
        if dead:
            made.died()
            made.start()
        made.bitsd.ending = False
        thread.join(60)
        client.hang_up()
        if problem:
            raise AssertionError(f"killed at call {count} of {name}: "
                                 f"{problem[0]}")


def run(turn):
    if not turn.memory.get("steps"):
        turn.memory["steps"] = find_steps(turn)
    for name, count in turn.cases(turn.memory["steps"]):
        kill_at(turn, name, count)
