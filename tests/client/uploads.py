"""What the tests of uploads share."""

import json
import os
from pathlib import Path

DONE, REFUSED, USAGE, LOCAL, DISTRUST, TEMPORARY, SOME_FAILED = range(7)

MIB = 1 << 20

# Waits between attempts are real; these tests have no time for a minute.
PATIENT = ("--retry-time", "60s")


def noise(size):
    """Bytes that are not equal to themselves at another offset."""
    return os.urandom(size)


def packets(done):
    """("create", None, 200), ("fragment", 0, 200)...: name, first byte and
    status of each packet, from --json -v."""
    return [(o["packet"].lower().split("-")[0], o.get("first"),
             o.get("status"))
            for o in done.json() if o["event"] == "packet"]


def begun_at(done):
    """The offset that it resumed at."""
    return [o["offset"] for o in done.json() if o["event"] == "begin"][0]


def records(client):
    """What is remembered, by the name of the file."""
    folder = client.state / "bits" / "uploads"
    found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {Path(record["path"]).name: record for record in found}


def check_idle(client):
    """Nothing is remembered, no lock and no temporary file is left."""
    folder = client.state / "bits" / "uploads"
    assert sorted(p.name for p in folder.iterdir()) == []
