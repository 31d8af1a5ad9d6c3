"""The staging folder from outside: which session's bytes lie where."""

import re


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
