"""A port of the loopback that stays ours while servers on it come and go."""

import socket


class Port:
    """A number that the kernel gives no other socket until it is closed.

    It is bound and never listened on.  A server that is told the number can
    listen on it, again and again: with SO_REUSEADDR on both, Linux lets
    sockets share a port of which one listens.  Without a server connections
    are refused.
    """

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.number = self.socket.getsockname()[1]
        self.address = ("127.0.0.1", self.number)
        self.url = f"http://127.0.0.1:{self.number}"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __str__(self):
        return f"127.0.0.1:{self.number}"
