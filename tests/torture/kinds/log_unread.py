"""An unread log: the service continues, and lost lines are counted.

Standard error is a pipe that is full for a while and then drained.  While it is
full every request is answered.  Numbered requests leave a line each: these come
in order, and where some are missing a line between them has at least as many.
"""

import re
import time

from client import Crowd
from packets import Request
from talk import ask, expect
from world import world

MISSING = re.compile(r"lines are missing lines=([0-9]+)")
NUMBERED = re.compile(r" path=/numbered/([0-9]+)/x")
CROWD = 3
MOST = 1500  # lines of one flood; pipe and logger take fewer


class Numbers:
    """Refused requests, and whether the log accounts for each of them."""

    def __init__(self, turn, made):
        self.turn = turn
        self.made = made
        self.sent = 0
        self.mark = 0  # lines of the log that were judged
        self.first = 0  # the first number of this process

    def flood(self, count):
        connection = self.made.connect()
        for _ in range(count):
            path = f"/numbered/{self.sent}/" + "x" * 250
            self.sent += 1
            expect(ask(connection, Request("cancel", path, "unknown")), 500,
                   "ENOSESSION")
            self.turn.count("hostile requests")
        connection.close()

    def judge(self, whole):
        """The lines of a process that has ended; whole: not by a kill."""
        expected, missing = self.first, 0
        lines = self.made.bitsd.log.lines[self.mark:]
        self.mark += len(lines)
        for line in lines:
            lost, number = MISSING.search(line), NUMBERED.search(line)
            if lost:
                missing += int(lost[1])
            if number:
                self.compare(expected, int(number[1]), missing)
                expected, missing = int(number[1]) + 1, 0
        if whole:
            self.compare(expected, self.sent, missing)
        self.first = self.sent

    def compare(self, expected, number, missing):
        if not expected <= number <= expected + missing:
            self.turn.violation(
                f"the log has number {number} where {expected} was due, and "
                f"counts {missing} lines as missing")


def kill(made):
    """Without reading; what is in the pipe is read afterwards."""
    made.up.clear()
    made.bitsd.ending = True
    made.bitsd.process.kill()
    made.bitsd.process.wait()
    made.bitsd.log.resume()
    made.died()


def one_round(turn, made, numbers):
    log = made.bitsd.log
    log.pause()
    # They are answered before anybody reads on.
    numbers.flood(turn.chance.choice((1, 200, MOST)))
    if turn.chance.random() < 0.2:
        kill(made)
        numbers.judge(whole=False)
        made.start()
        return
    for _ in range(turn.chance.randrange(4)):
        log.resume()
        time.sleep(turn.chance.random() * 0.01)
        log.pause()
        numbers.flood(turn.chance.randrange(200))
    log.resume()


def run(turn):
    with world(turn) as made:
        numbers = Numbers(turn, made)
        try:
            with Crowd(made, CROWD) as crowd:
                while not turn.over() and crowd.alive():
                    one_round(turn, made, numbers)
        finally:
            made.bitsd.log.resume()
        made.stop()
        numbers.judge(whole=True)
