"""Starts a program as systemd does with socket activation.

activate.py FD[,FD...] PROGRAM [ARGUMENT...]: the descriptors become 3, 4, ...
and LISTEN_FDS and LISTEN_PID say so.
"""

import fcntl
import os
import sys


def main():
    given = [int(word) for word in sys.argv[1].split(",")]
    # Out of the way first, so that none overwrites another.
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in given]
    for place, number in enumerate(high, 3):
        os.dup2(number, place, inheritable=True)
    os.environ["LISTEN_FDS"] = str(len(high))
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
