"""What one turn of a kind of torture gets, and what the whole run counts.

Violations are collected here and nowhere else; so are the figures that the
run prints at its end.
"""

import collections
import random
import threading
import time
import traceback

FIGURES = ("uploads started", "uploads delivered", "kills", "cuts",
           "power cuts", "faults", "hostile requests", "bytes verified",
           "offsets remembered", "offsets checked")


class Score:
    """The figures and the violations of a run; any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.figures = collections.Counter()
        self.violations = []

    def count(self, figure, number=1):
        assert figure in FIGURES, figure
        with self.lock:
            self.figures[figure] += number

    def violation(self, text):
        with self.lock:
            self.violations.append(text)

    def __str__(self):
        width = max(map(len, FIGURES))
        lines = [f"{name:{width}} {self.figures[name]:>14,}"
                 for name in FIGURES]
        lines.append(f"{'VIOLATIONS':{width}} {len(self.violations):>14,}")
        return "\n".join(lines)


class Turn:
    """One turn of a kind: its chance, its time, its memory of turns before.

    A kind that goes through many cases keeps in `memory` how far it came.
    """

    def __init__(self, score, kind, number, seed, seconds, memory):
        self.score = score
        self.kind = kind
        self.number = number
        self.seed = f"{seed}/{kind}/{number}"
        self.chance = random.Random(self.seed)
        self.end = time.monotonic() + seconds
        self.memory = memory
        self.count = score.count
        self.passes = memory.setdefault("passes", 0)

    def over(self):
        return time.monotonic() >= self.end

    def violation(self, text):
        self.score.violation(f"{self.kind}, turn {self.number}: {text}")

    def cases(self, cases):
        """Resumes where the last turn stopped, until the time is over; begins
        anew behind the last case.  Each case once at most in a turn."""
        place = self.memory.get("place", 0)
        for _ in range(len(cases)):
            if self.over() and self.memory.get("place") != place:
                return
            case = cases[self.memory.get("place", 0) % len(cases)]
            self.memory["place"] = self.memory.get("place", 0) + 1
            yield case
            if self.memory["place"] % len(cases) == 0:
                self.memory["passes"] += 1

    def caught(self, error):
        """Turns what a kind raised into a violation."""
        text = "".join(traceback.format_exception(error))
        self.violation(text.rstrip())
