"""A line between client and server: cut at a byte, or stalled at one."""

import socket
import struct
import threading

from wire import PATIENCE


class Line:
    """Passes bytes both ways; what counts are those that clients send.

    `cuts` says for each connection, in order, after how many of its bytes it
    is reset; all further ones are left alone.  `stall` says after how many
    bytes of all connections nothing more is passed until release();
    `stall_each` says the same of the bytes of each connection.
    """

    def __init__(self, server, cuts=(), stall=None, stall_each=None):
        self.server = server
        self.cuts = list(cuts)
        self.limit = stall
        self.limit_each = stall_each
        self.passed = 0
        self.stalled = set()
        self.connections = 0
        self.open = set()
        self.changed = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    # --- what a test does ---

    def wait_stalled(self, count=1, patience=PATIENCE):
        """Until so many connections stall."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(self.stalled) >= count, patience), \
                f"only {self.passed} bytes came"

    def stall_after(self, more):
        """Passes so many bytes more, then stalls again."""
        with self.changed:
            self.limit = self.passed + more
            self.stalled.clear()
            self.changed.notify_all()

    def release(self):
        with self.changed:
            self.limit = self.limit_each = None
            self.stalled.clear()
            self.changed.notify_all()

    def cut(self):
        """Resets everything that is open now."""
        with self.changed:
            for each in self.open:
                reset(each)
            self.open.clear()
            self.changed.notify_all()

    def close(self):
        shut(self.listener)
        self.listener.close()
        self.release()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- how it works ---

    def _accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            number = self.connections
            self.connections += 1
            cut = self.cuts[number] if number < len(self.cuts) else None
            try:
                server = socket.create_connection(self.server, PATIENCE)
            except OSError:
                reset(client)
                continue
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                self.open |= {client, server}
            for target, ends in ((self._up, (client, server, cut)),
                                 (self._down, (server, client))):
                threading.Thread(target=target, args=ends,
                                 daemon=True).start()

    def _room(self, size, passed):
        """How many of so many bytes may pass now on a connection that has
        passed so many."""
        if self.limit is not None:
            size = min(size, self.limit - self.passed)
        if self.limit_each is not None:
            size = min(size, self.limit_each - passed)
        return max(size, 0)

    def _allow(self, size, passed, client):
        """How many of so many bytes may pass; waits for the first one."""
        with self.changed:
            while not (room := self._room(size, passed)):
                self.stalled.add(client)
                self.changed.notify_all()
                self.changed.wait()
                if client not in self.open:
                    raise OSError("it was cut meanwhile")
            self.passed += room
            return room

    def _up(self, client, server, cut):
        left = cut
        passed = 0
        try:
            while left is None or left > 0:
                data = client.recv(65536 if left is None else min(left, 65536))
                if not data:
                    break
                left = left - len(data) if left is not None else None
                while data:
                    size = self._allow(len(data), passed, client)
                    server.sendall(data[:size])
                    data = data[size:]
                    passed += size
        except OSError:
            pass
        if left == 0:
            reset(client)
            reset(server)
        shut(client)
        shut(server)

    def _down(self, server, client):
        try:
            while True:
                data = server.recv(65536)
                if not data:
                    break
                client.sendall(data)
        except OSError:
            pass
        shut(client)
        shut(server)


def reset(connection):
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack("ii", 1, 0))
    except OSError:
        pass
    shut(connection)
    connection.close()


def shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
