"""Which sockets a process holds, as the kernel tells."""

import os


def accepted(connection):
    """The inode of the server's end; None before it is accepted."""
    def form(address):
        return f"0100007F:{address[1]:04X}"
    ends = [form(connection.socket.getpeername()),
            form(connection.socket.getsockname())]
    with open("/proc/net/tcp") as table:
        for line in table:
            columns = line.split()
            if columns[1:3] == ends:
                return int(columns[9]) or None
    return None


def holds(pid, inode):
    """Is a descriptor of that socket open in the process?"""
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            if os.readlink(f"{folder}/{name}") == f"socket:[{inode}]":
                return True
        except FileNotFoundError:  # it was closed meanwhile
            pass
    return False
