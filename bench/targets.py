"""What the project promised itself, as ratios of figures of one run."""

from typing import NamedTuple


UNSTEADY = 0.25


class Target(NamedTuple):
    what: str
    value: float | None
    relation: str
    limit: float
    unsteady: bool = False


class Medians:
    """median(workload, place, server, figure), or None if not measured."""

    def __init__(self, table):
        self.table = table

    def get(self, workload, place, server, figure):
        row = self.table.get((workload, place, server), {})
        return row[figure]["median"] if figure in row else None

    def best(self, workload, place, servers, figure, pick):
        found = {s: self.get(workload, place, s, figure) for s in servers}
        found = {s: v for s, v in found.items() if v}
        if not found:
            return None, None
        name = pick(found, key=found.get)
        return name, found[name]

    def unsteady(self, workload, place, server, figure):
        """Is one of its rounds so far from the median that the median says
        little?"""
        values = self.table.get((workload, place, server), {}).get(figure)
        if not values:
            return False
        far = UNSTEADY * values["median"]
        return (values["most"] - values["median"] > far
                or values["median"] - values["least"] > far)


PEERS = ["nginx", "Apache", "lighttpd"]


def ratio(mine, other):
    return mine / other if mine is not None and other else None


def cpu_target(m, what, row, other, limit):
    """CPU of bitsd, in a figure of a workload, divided by another server's."""
    workload, place, figure = row
    values = [m.get(workload, place, s, figure) for s in ("bitsd", other)]
    unsteady = any(m.unsteady(workload, place, s, figure)
                   for s in ("bitsd", other))
    return Target(f"{workload} {what}", ratio(*values), "<=", limit, unsteady)


def bulk_targets(m, place):
    for workload, limit in (("bulk-1g", 1.0), ("bulk-4m", 1.0),
                            ("bulk-256k", 1.2)):
        row = (workload, place, "cpu_s_per_gib")
        yield cpu_target(m, "CPU / bare recv", row, "bare recv", limit)
        yield cpu_target(m, "CPU / bare recv, goal for splice", row,
                         "bare recv", 0.8)
    row = ("bulk-1g", place, "cpu_s_per_gib")
    name, _ = m.best("bulk-1g", place, PEERS, "cpu_s_per_gib", min)
    yield cpu_target(m, f"CPU / cheapest peer ({name})", row, name, 0.9)


def small_targets(m, place):
    for connections in (1, 32, 256):
        workload = f"small-none-{connections}"
        mine = m.get(workload, place, "bitsd", "done_per_s")
        name, peer = m.best(workload, place, PEERS, "done_per_s", max)
        # A session is three requests.
        yield Target(f"{workload} requests/s / fastest peer's PUTs/s ({name})",
                     ratio(mine and 3 * mine, peer), ">=", 1.0)
        yield cpu_target(m, f"CPU of a session / PUT ({name})",
                         (workload, place, "cpu_us_each"), name, 2.0)
    yield Target("small-final-32 sessions/s / 32 bare threads",
                 ratio(m.get("small-final-32", place, "bitsd final",
                             "done_per_s"),
                       m.get("small-final-32", place, "32 bare threads",
                             "done_per_s")), ">=", 0.85)


def other_targets(m, place):
    yield Target("Ping p99 under bulk / nginx GET p99 under the same",
                 ratio(m.get("ping", place, "bitsd", "p99_us"),
                       m.get("ping", place, "nginx", "p99_us")), "<=", 2.0)
    for figure, words in (("idle_bytes", "before a Ping"),
                          ("pinged_bytes", "after a Ping")):
        mine = m.get("idle", place, "bitsd", figure)
        yield Target(f"idle connection, {words}, KiB", mine and mine / 1024,
                     "<=", 4.0)


def tls_targets(m, place):
    """Beside nginx with the same cipher and curve."""
    for workload, figure, limit in (("tls-1g", "cpu_s_per_gib", 1.05),
                                    ("tls-handshakes", "cpu_us_each", 1.0)):
        row = (workload, place)
        values = [m.get(*row, s, figure) for s in ("bitsd tls", "nginx tls")]
        unsteady = any(m.unsteady(*row, s, figure)
                       for s in ("bitsd tls", "nginx tls"))
        yield Target(f"{workload} CPU / nginx with TLS", ratio(*values), "<=",
                     limit, unsteady)
    mine = m.get("tls-idle", place, "bitsd tls", "pinged_bytes")
    yield Target("idle TLS connection, after a Ping, KiB", mine and mine / 1024,
                 "<=", 20.0)


def session_targets(m, place):
    def get(figure):
        return m.get("sessions", place, "bitsd final", figure)
    for figure, words in (("start_s_clean", "clean stop"),
                          ("start_s_wal", "kill -9, all rows in the WAL"),
                          ("start_s_killed", "kill -9")):
        yield Target(f"a million sessions: start after {words}, s",
                     get(figure), "<", 1)
    for kind in ("million", "wal"):
        yield Target(f"a million sessions ({kind}): Create p99 / empty index",
                     ratio(get(f"create_p99_us_{kind}"),
                           get("create_p99_us_empty")), "<=", 2.0)
    if get("rss_million"):
        grown = (get("rss_after_million") - get("rss_after_empty")) / 2**20
        yield Target("a million sessions: resident memory more, MiB", grown,
                     "<=", 2.0)


def verdict(target):
    value, limit = target.value, target.limit
    met = {"<=": value <= limit, "<": value < limit,
           ">=": value >= limit}[target.relation]
    return ("met" if met else "MISSED") + (", unsteady" if target.unsteady
                                           else "")


def compare(table, places):
    """Rows of (place, Target that was measured there, verdict)."""
    m = Medians(table)
    for place in places:
        for group in (bulk_targets, tls_targets, small_targets, other_targets,
                      session_targets):
            for target in group(m, place):
                if target.value is not None:
                    yield place, target, verdict(target)
