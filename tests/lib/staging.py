"""The staging folder from outside: which session's bytes lie where."""

import re

from talk import until


def staged_files(folder):
    """Data files of sessions below a staging folder: named by a GUID."""
    form = re.compile("[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}")
    return sorted(p for p in folder.rglob("*")
                  if p.is_file() and form.search(p.name))


def session_file(folder, identity):
    """The staged file of one session, by its id."""
    plain = identity.strip("{}").replace("-", "").lower()
    for path in staged_files(folder):
        if plain in path.name.replace("-", "").lower():
            return path
    return None


def staged_size(folder, identity):
    """How long the session's file is; -1 without one."""
    path = session_file(folder, identity)
    try:
        return path.stat().st_size if path else -1
    except FileNotFoundError:
        return -1


def wait_staged(folder, identity, size):
    """Looks until the session's file is so long; no packet is sent."""
    until(lambda: staged_size(folder, identity) == size)
