"""What is installed beside the program: manual, completion, units."""

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from bitsd import PATIENCE, ROOT
from bits import binary

BUILT = Path(binary()).parents[2]
COMPLETION = BUILT / "packaging" / "bits"
MANUAL = BUILT / "docs" / "man" / "bits.1.scd"

pytestmark = pytest.mark.skipif(not COMPLETION.exists(),
                                reason="bits lies in no build folder")


def commands(client):
    help_text = client.run("--help").out
    return re.findall("^  bits ([a-z ]*[a-z])  ", help_text, re.M)


def options(client, command):
    help_text = client.run(*command.split(), "--help").out
    return set(re.findall("(--[a-z-]+)", help_text))


def complete(client, line):
    """What bash offers for the last word of the line."""
    script = f"""
        source {COMPLETION}
        COMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        compopt() {{ :; }}
        _bits_complete
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    folder = client.home / "bin"
    folder.mkdir(exist_ok=True)
    if not (folder / "bits").exists():
        (folder / "bits").symlink_to(binary())
    environment = {**client.environment,
                   "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True,
                          text=True, check=True, cwd=client.home,
                          env=environment)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_the_manual_has_each_command_with_an_example(client):
    page = MANUAL.read_text()
    examples = page[page.index("# EXAMPLES"):]
    for command in commands(client):
        assert f"*bits {command}*" in page, command
        assert re.search(f"bits {command}( |$)", examples, re.M), command


def test_the_manual_has_each_option(client):
    page = MANUAL.read_text()
    for command in commands(client):
        for option in options(client, command):
            assert f"*{option}*" in page, option


def test_the_manual_has_each_default(client):
    page = " ".join(MANUAL.read_text().split())
    seen = set()
    for command in commands(client):
        help_text = " ".join(client.run(*command.split(), "--help").out.split())
        for words in re.findall(r"Default: [^.]*\.", help_text):
            seen.add(words)
            assert words in page, words
    assert len(seen) == 6, seen


def test_the_manual_has_what_goes_without_a_command(client):
    page = MANUAL.read_text()
    for option, words in (("--help", "Usage: bits "), ("--version", "bits ")):
        done = client.run(option)
        assert done.code == 0 and done.out.startswith(words), done
        assert f"*bits {option}*" in page, option


def test_the_manual_has_each_exit_status(client):
    page = MANUAL.read_text()
    header = (ROOT / "src/client/exit.h").read_text()
    numbers = re.findall(r"CLIENT_\w+ = (\d+)", header)
    assert len(numbers) == 8
    for number in numbers:
        assert re.search(rf"^(\[\[|\|) +{number}(\+n)?$", page, re.M), number


def test_commands_are_completed(client):
    assert complete(client, "bits ''") == {
        "upload", "queue", "doctor", "explain", "help", "--help",
        "--version"}
    assert complete(client, "bits qu") == {"queue"}
    assert complete(client, "bits queue re") == {"resume", "retry", "remove"}
    names = {name.split()[0] for name in commands(client)}
    assert names == complete(client, "bits ''") - {
        "help", "--help", "--version"}
    assert names == complete(client, "bits help ''")
    subcommands = {name.split()[1] for name in commands(client)
                   if name.startswith("queue ")}
    assert subcommands == {word for word in complete(client, "bits queue ''")
                           if not word.startswith("-")}


def test_options_are_completed(client):
    for command in commands(client):
        assert complete(client, f"bits {command} --") == options(
            client, command), command


def test_words_and_files_of_options_are_completed(client):
    client.file("secret.txt", b"")
    assert complete(client, "bits upload --auth ''") == {
        "auto", "basic", "digest", "negotiate", "ntlm", "none"}
    assert complete(client, "bits doctor --method p") == {"post"}
    assert complete(client, "bits upload --fragment-size ''") == {"auto"}
    assert complete(client, "bits upload --password-file se") == {"secret.txt"}
    assert complete(client, "bits upload se") == {"secret.txt"}
    assert complete(client, "bits upload --user se") == set()


def test_ids_are_completed(client):
    path = client.file("a.bin", b"1")
    job = client.run("queue", "add", path, "http://127.0.0.1:1/").out.strip()
    assert complete(client, "bits queue pause ''") == {job}
    assert complete(client, "bits queue show nothing") == set()


def shell_environment(client):
    complete(client, "bits ''")  # makes the folder bin
    return {**client.environment, "TERM": "dumb",
            "PATH": f"{client.home}/bin:{os.environ['PATH']}"}


def complete_fish(client, line):
    """What fish offers for the last word of the line."""
    script = f"source {COMPLETION}.fish; complete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", script],
                          capture_output=True, text=True, check=True,
                          cwd=client.home, env=shell_environment(client))
    assert done.stderr == ""
    return {offer.split("\t")[0] for offer in done.stdout.splitlines()}


class Zsh:
    """An interactive zsh, whose screen shows the words that fit."""

    def __init__(self, client):
        self.text = b""
        self.screen, self.end = pty.openpty()
        fcntl.ioctl(self.end, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 200, 80, 0, 0))
        self.process = subprocess.Popen(
            ["zsh", "-f", "-i"], stdin=self.end, stdout=self.end,
            stderr=self.end, cwd=client.home, env=shell_environment(client),
            start_new_session=True)

    def _send(self, keys):
        os.write(self.screen, keys.encode())

    def _read(self, mark):
        """What it shows up to the mark."""
        deadline = time.monotonic() + PATIENCE
        while mark not in self.text:
            assert time.monotonic() < deadline, self.text
            if select.select([self.screen], [], [], 0.1)[0]:
                self.text += os.read(self.screen, 65536)
        shown, _, self.text = self.text.partition(mark)
        return shown.decode(errors="replace")

    def _wait_for_editor(self):
        self._read(b"\x1b[?2004h")

    def __enter__(self):
        self._send(f"fpath=({COMPLETION.parent} $fpath); autoload -U compinit; "
                   "compinit -u -D; LISTMAX=10000; PS1='> '; "
                   "bindkey -e; bindkey '^T' list-choices; print re''ady\n")
        self._read(b"\nready")
        self._wait_for_editor()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.end)
        os.close(self.screen)

    def complete(self, line):
        self._send(f"{line}\x14")
        # Keys are taken one after the other: first it lists.
        self._send("\x15print do''ne\n")
        shown = self._read(b"\ndone")
        self._wait_for_editor()
        return set(re.findall(r"[^\s(),]+", shown))


fish = pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
zsh = pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")


@fish
def test_fish_completes_commands_options_words_and_ids(client):
    top = {name.split()[0] for name in commands(client)}
    assert complete_fish(client, "bits ") == top | {"help"}
    assert complete_fish(client, "bits queue re") == {
        "resume", "retry", "remove"}
    for command in commands(client):
        if command != "queue":
            offers = complete_fish(client, f"bits {command} --")
            assert offers == options(client, command), command
    assert complete_fish(client, "bits doctor --method p") == {"post"}
    client.file("secret.txt", b"")
    assert complete_fish(client, "bits upload se") == {"secret.txt"}
    job = client.run("queue", "add", "secret.txt",
                     "http://127.0.0.1:1/").out.strip()
    assert complete_fish(client, "bits queue pause ") == {job}


@zsh
def test_zsh_completes_commands_options_words_and_ids(client):
    top = {name.split()[0] for name in commands(client)}
    ids = set()
    for name in ("secret.txt", "second.txt"):
        client.file(name, b"")
        ids.add(client.run("queue", "add", name,
                           "http://127.0.0.1:1/").out.strip())
    with Zsh(client) as zsh:
        assert top | {"help"} <= zsh.complete("bits ")
        assert {"resume", "retry", "remove"} <= zsh.complete("bits queue re")
        for command in ("upload", "queue add", "queue run", "doctor",
                        "explain"):
            offers = zsh.complete(f"bits {command} --")
            assert options(client, command) <= offers, command
        assert {"basic", "digest"} <= zsh.complete("bits upload --auth ")
        assert {"secret.txt", "second.txt"} <= zsh.complete("bits upload se")
        assert ids <= zsh.complete("bits queue pause ")


@pytest.mark.skipif(not shutil.which("systemd-analyze"),
                    reason="no systemd-analyze")
@pytest.mark.parametrize("unit, manager", [
    ("bits-queue.service", "--user"), ("bits-queue@.service", "--system"),
])
def test_the_units_are_sound(client, unit, manager):
    text = (BUILT / "packaging" / unit).read_text()
    program = re.search("^ExecStart=(.*)/bits queue run --keep-running$", text,
                        re.M)
    assert program
    copy = client.file(unit.replace("@.", "@root."), text.replace(
        program[1] + "/bits", binary()).encode())
    done = subprocess.run(["systemd-analyze", "verify", manager, copy],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "MANPATH": "/"})
    about_us = [line for line in done.stderr.splitlines()
                if "bits-queue" in line and "man " not in line]
    assert about_us == []
