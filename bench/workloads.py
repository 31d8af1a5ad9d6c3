"""What is measured: each workload is a function that measures one server once.

A function takes a started or prepared server and a Bench, and returns a
dictionary of figures.  WORKLOADS says which servers run it and where.
"""

import json
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import measure
from servers import (LOAD_CPU, PEERS, SERVER_CPU, BareRecv, BareSplice, Bitsd,
                     BitsdFinal, BitsdLogging, BitsdTls, Nginx, NginxTls,
                     settle)

GIB = 2**30
SMALL = 10240


class Failed(Exception):
    """A round that counts for nothing."""


class Bench:
    """Where things are, and how much is done."""

    def __init__(self, build, quick):
        self.build = Path(build)
        self.scale = 0.02 if quick else 1
        self.children = []

    def times(self, count):
        return max(1, int(count * self.scale))

    def popen(self, mode, cpu=LOAD_CPU, **values):
        words = [f"{name}={value}" for name, value in values.items()]
        return self.spawn(cpu, "bench/load", mode, *words)

    def spawn(self, cpu, program, *words):
        child = subprocess.Popen(
            [self.build / program, *words], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=settle(cpu))
        self.children.append(child)
        return child

    def stop(self):
        """Ends what is still at work in a round that was broken off."""
        while self.children:
            child = self.children.pop()
            child.kill()
            child.wait()

    @staticmethod
    def result(process, end=""):
        out, error = process.communicate(end)
        if process.returncode != 0:
            raise Failed(error.strip() or out.strip())
        return json.loads(out.splitlines()[-1])

    def load(self, mode, **values):
        return self.result(self.popen(mode, **values))

    def verify(self, server, **values):
        # On either core: nothing is measured now.
        self.result(self.popen("verify", cpu=None, folder=server.inbox,
                               **values))


def figures(server, result, cpu, size):
    """The figures of a load that is over.  A GiB is one of files: what was
    sent again after a cut counts as cost, not as work."""
    seconds = result["seconds"]
    found = {
        "cpu_s": cpu,
        "done_per_s": result["done"] / seconds,
        "mib_per_s": result["bytes"] / seconds / 2**20,
        "p50_us": result["p50_us"],
        "p99_us": result["p99_us"],
        "peak_rss": measure.peak_rss(server.process.pid),
        "load_cpu_s": result["load_cpu_s"],
        "seconds": seconds,
    }
    if size > 2**20:
        found["cpu_s_per_gib"] = cpu / (result["done"] * size / GIB)
    found["cpu_us_each"] = cpu * 1e6 / result["done"]
    if result["cuts"]:
        found["cuts"] = result["cuts"]
    return found


def upload(server, bench, **values):
    server.start()
    before = server.cpu()
    result = bench.load(server.kind, port=server.port, tls=server.tls,
                        **values)
    found = figures(server, result, server.cpu() - before, values["size"])
    given = {name: values[name] for name in ("count", "size", "name")}
    bench.verify(server, **given)
    return found


def bulk(fragment):
    def run(server, bench):
        size = bench.times(GIB)
        return upload(server, bench, connections=4, count=4, size=size,
                      fragment=fragment or size, name="bulk")
    return run


def small(connections, count):
    def run(server, bench):
        return upload(server, bench, connections=connections,
                      count=bench.times(count), size=SMALL, name="small")
    return run


class BareThreads:
    """Stands in the place of a server: the system calls and nothing else."""

    name = "32 bare threads"

    def __init__(self, home, build):
        self.home = Path(home)
        self.build = build

    missing = classmethod(lambda cls: None)

    def prepare(self):
        pass

    def stop(self):
        pass


def durable(connections, count):
    def run(server, bench):
        if server.name != BareThreads.name:
            return small(connections, count)(server, bench)
        process = bench.spawn(
            SERVER_CPU, "bench/bare", "durable", f"folder={server.home}",
            "connections=32", f"count={bench.times(count)}", f"size={SMALL}",
            "name=small")
        begin = os.times()
        result = bench.result(process)
        end = os.times()
        cpu = (end.children_user + end.children_system
               - begin.children_user - begin.children_system)
        return {"cpu_s": cpu, "cpu_us_each": cpu * 1e6 / result["done"],
                "done_per_s": result["done"] / result["seconds"],
                "p50_us": result["p50_us"], "p99_us": result["p99_us"]}
    return run


def ping(server, bench):
    """One request at a time, at most one a millisecond, while four
    connections upload."""
    server.start()
    (server.inbox / "page").write_bytes(b"x" * 100)
    count = 4 * (2 if bench.scale == 1 else 1)
    size = bench.times(GIB // 2)
    asker = bench.popen("ping" if server.kind == "bits" else "get",
                        port=server.port, interval=1000, name="page")
    before = server.cpu()
    uploads = bench.load(server.kind, port=server.port, connections=4,
                         count=count, size=size, name="bulk")
    answers = bench.result(asker)
    found = figures(server, uploads, server.cpu() - before, size)
    found.update(p50_us=answers["p50_us"], p99_us=answers["p99_us"],
                 questions=answers["done"])
    return found


def idle(server, bench):
    """Resident memory that a connection takes, before and after a Ping."""
    connections = bench.times(10000)
    server.start()
    (server.inbox / "page").write_bytes(b"x")
    base = measure.rss(server.process.pid)
    holder = bench.popen("idle", port=server.port, connections=connections,
                         name="page", tls=server.tls)
    try:
        if holder.stdout.readline() != "ready\n":
            raise Failed(holder.stderr.read())
        # The kernel accepts for the server: a request through the same queue
        # shows that it has seen all.
        bench.load("ping" if server.kind == "bits" else "get",
                   port=server.port, count=1, name="page", tls=server.tls)
        waiting = measure.rss(server.process.pid)
        holder.stdin.write("\n")
        holder.stdin.flush()
        if holder.stdout.readline() != "pinged\n":
            raise Failed(holder.stderr.read())
        pinged = measure.rss(server.process.pid)
    finally:
        holder.stdin.write("\n")
        holder.communicate()
    return {"idle_bytes": (waiting - base) / connections,
            "pinged_bytes": (pinged - base) / connections,
            "peak_rss": measure.peak_rss(server.process.pid)}


def handshakes(server, bench):
    """Full handshakes of TLS, each on a connection of its own."""
    server.start()
    before = server.cpu()
    result = bench.load("handshakes", port=server.port,
                        count=bench.times(10000))
    return figures(server, result, server.cpu() - before, 0)


def resume(server, bench):
    """Ten clients, 1 GiB each, fragments of 13 MiB, cut every 50 MiB."""
    size, cut = bench.times(GIB), bench.times(50 << 20)
    found = upload(server, bench, connections=10, count=10, size=size,
                   fragment=bench.times(13 << 20), cut=cut, name="resumed")
    if found["cuts"] < 10 * (size // cut - 1):
        raise Failed(f"only {found['cuts']} cuts")
    return found


# --- a million idle sessions -------------------------------------------------

def rows(template, count):
    """Rows like the one of a session that bitsd made, with bytes stored."""
    for number in range(count):
        name = f"idle-{number}"
        yield {**template, "id": os.urandom(16), "name": name,
               "url": f"http://127.0.0.1/{name}", "seen": 1, "total": 1048576,
               "stored_any": 1}


def fill(path, count):
    """Puts sessions into the index of a stopped bitsd, by its own schema."""
    index = sqlite3.connect(path)
    index.row_factory = sqlite3.Row
    template = dict(index.execute("SELECT * FROM session LIMIT 1").fetchone())
    names = ", ".join(template)
    values = ", ".join(":" + name for name in template)
    with index:
        index.executemany(f"INSERT INTO session ({names}) VALUES ({values})",
                          rows(template, count))
    index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    index.close()


def grow_wal(path):
    """Rewrites every row into the WAL and dies as kill -9 would have it."""
    child = os.fork()
    if child == 0:
        try:
            rewrite(path)
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)  # what else is done at an end is the parent's
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        raise Failed("the rows were not rewritten")


def rewrite(path):
    index = sqlite3.connect(path)
    index.execute("PRAGMA wal_autocheckpoint = 0")
    with index:
        index.execute("UPDATE session SET active_at = active_at + 1")


def make_files(server):
    """An empty data file for each tenth session; their bytes are not looked
    at, and a million would take longer to make than all else here."""
    index = sqlite3.connect(server.home / "state/index.db")
    staging = server.inbox / ".bitsd"
    some = index.execute("SELECT id FROM session WHERE name LIKE 'idle-%0'")
    for (guid,) in some:
        (staging / f"{guid[0]:02x}" / staged_name(guid)).touch()
    index.close()


def staged_name(guid):
    text = guid.hex().upper()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20],
                     text[20:]))


def creates(server, bench, found, suffix):
    server_rss = measure.rss(server.process.pid)
    result = bench.load("create", port=server.port, connections=1,
                        count=bench.times(3000), name="new" + suffix)
    found["create_p50_us" + suffix] = result["p50_us"]
    found["create_p99_us" + suffix] = result["p99_us"]
    found["rss" + suffix] = server_rss
    found["rss_after" + suffix] = measure.rss(server.process.pid)


def sweep(server, bench, found, suffix, releases):
    out = subprocess.run(
        [bench.build / "bench/sweep", server.home / "state", server.inbox,
         str(releases)],
        stdout=subprocess.PIPE, text=True, check=True,
        preexec_fn=settle(SERVER_CPU)).stdout
    result = json.loads(out)
    found["expiry_p50_us" + suffix] = result["expiry"]["p50_us"]
    found["folders_s" + suffix] = result["folders"]["seconds"]
    if releases:
        released = result["release"]
        found["release_us" + suffix] = (
            released["seconds"] * 1e6 / released["sessions"])


def sessions(server, bench):
    found = {}
    index = server.home / "state/index.db"
    found["start_s_empty"] = server.start()
    creates(server, bench, found, "_empty")
    server.stop()
    sweep(server, bench, found, "_empty", 0)

    fill(index, bench.times(1000000))
    make_files(server)
    found["start_s_clean"] = server.start()
    creates(server, bench, found, "_million")
    server.stop()
    sweep(server, bench, found, "_million", bench.times(20000))
    found["index_mib"] = index.stat().st_size / 2**20

    grow_wal(index)
    found["wal_mib"] = Path(f"{index}-wal").stat().st_size / 2**20
    found["start_s_wal"] = server.start()
    creates(server, bench, found, "_wal")
    found["peak_rss"] = measure.peak_rss(server.process.pid)
    server.stop(signal.SIGKILL)
    found["start_s_killed"] = server.start()
    return found


# --- the list ----------------------------------------------------------------

BULK = [Bitsd, BareRecv, BareSplice]
NONE = [Bitsd, *PEERS]


def both(servers, also_on_disk=()):
    return {"tmpfs": servers, "disk": [*servers, *also_on_disk]}


# name: (function, the servers on each kind of file system)
WORKLOADS = {
    "bulk-1g": (bulk(0), both([*BULK, *PEERS], [BitsdFinal])),
    "tls-1g": (bulk(0), both([BitsdTls, NginxTls])),
    "tls-idle": (idle, {"tmpfs": [BitsdTls, NginxTls]}),
    "tls-handshakes": (handshakes, {"tmpfs": [BitsdTls, NginxTls]}),
    "bulk-4m": (bulk(4 << 20), both(BULK, [BitsdFinal])),
    "bulk-256k": (bulk(256 << 10), both(BULK, [BitsdFinal])),
    "small-none-1": (small(1, 4000), both(NONE)),
    "small-none-32": (small(32, 10000), both([*NONE, BareRecv, BitsdLogging])),
    "small-none-256": (small(256, 10000), both(NONE)),
    "small-final-1": (durable(1, 600), both([BitsdFinal])),
    "small-final-32": (durable(32, 6000), both([BitsdFinal, BareThreads])),
    "small-final-256": (durable(256, 6000), both([BitsdFinal])),
    "ping": (ping, both([Bitsd, Nginx])),
    "idle": (idle, {"tmpfs": [Bitsd, Nginx]}),
    "resume": (resume, {"tmpfs": [Bitsd]}),
    "sessions": (sessions, {"disk": [BitsdFinal]}),
}
