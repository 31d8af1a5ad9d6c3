#!/usr/bin/env python3
"""Each commit says what it does and why.

    commits_test.py ROOT

Reads the history after FIRST; older commits stay as they are.  The test is
skipped without a repository, and in a shallow one that lacks FIRST.
"""
import pathlib
import re
import shutil
import subprocess
import sys

FIRST = "86fe74eadb8c67777e5a3554a5acac8724ba6c8a"
SUBJECT_MAX = 65
SKIPPED = 77

SUBJECT = re.compile(r"[\w.][\w.,/ -]*: (?P<verb>[a-z][\w-]*)\b.*[^.]")
TRAILER = re.compile(r"[A-Z][A-Za-z-]+-[Bb]y: .*")

# "adds", "added" and "adding", but not "pass", "embed" and "bring".
NOT_IMPERATIVE = re.compile(r"\w+(?:(?<!s)(?<!u)s|(?<!e)ed|ing)")
IMPERATIVE = {"bring", "embed", "focus", "alias", "shed", "spring", "string"}


def git(root, *words):
    """git's answer; None: it failed."""
    result = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", root, *words],
        capture_output=True,
        text=True,
    )
    return result.stdout if result.returncode == 0 else None


def check_subject(subject):
    if len(subject) > SUBJECT_MAX:
        yield f"{len(subject)} characters, the limit is {SUBJECT_MAX}"
    match = SUBJECT.fullmatch(subject)
    if not match:
        yield "the form is `area: imperative`, without a full stop"
    elif (
        match["verb"] not in IMPERATIVE
        and NOT_IMPERATIVE.fullmatch(match["verb"])
    ):
        yield f"'{match['verb']}' is not an imperative"


def check_body(lines):
    if lines and lines[0]:
        yield "a blank line stands between subject and body"
    trailers = [line for line in lines if TRAILER.fullmatch(line)]
    if any(line.lower().startswith("co-authored-by") for line in trailers):
        yield "the message has no Co-Authored-By"
    if not any(line.strip() for line in lines if line not in trailers):
        yield "the body does not say why"


def check_message(message):
    subject, *body = message.rstrip("\n").split("\n")
    yield from (f"{subject}: {fault}" for fault in check_subject(subject))
    yield from (f"{subject}: {fault}" for fault in check_body(body))


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    if not (root / ".git").exists() or not shutil.which("git"):
        print("there is no history here, or no git to read it")
        return SKIPPED
    if git(root, "merge-base", "--is-ancestor", FIRST, "HEAD") is None:
        print(f"the history does not reach back to {FIRST}")
        shallow = git(root, "rev-parse", "--is-shallow-repository")
        return SKIPPED if shallow == "true\n" else 1
    messages = git(root, "log", "-z", "--no-merges", "--format=%B", f"{FIRST}..HEAD")
    faults = [
        fault
        for message in messages.split("\0")
        if message.strip()
        for fault in check_message(message)
    ]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
