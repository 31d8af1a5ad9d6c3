"""Plays a document on a fresh machine: what it says is typed there, and what is
printed compared with what it shows.

    ```console     commands behind "$ ", each with its output below it
    ```conf        a file, if the text above ends in "`/PATH`:", or its end if
                   the sentence begins with "Add"

Blocks of other kinds (sh, text, powershell...) are for readers.  Lines of output
are patterns: a number stands for any number, eight hexadecimal digits for any
eight, blanks for any blanks, a line "..." for any lines.  A command that shows
its output may fail; one that shows none must succeed.
"""

import re
import threading

from bitsd import PATIENCE, Log
from installed import Service

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
PATH_ABOVE = re.compile(r"`(/\S+)`:\s*$")
ADD_ABOVE = re.compile(r"\bAdd [^.]*`(/\S+)`:\s*$")
STOP_ABOVE = re.compile(r"Stop `(make serve)` with Ctrl-C")
ID_OR_NUMBER = re.compile(r"\b[0-9a-f]{8}\b|[0-9]+(?:\.[0-9]+)?|[ \t]+")

# It runs until the document says that it is stopped.
STAYS = "make serve"


def commands(block):
    """(command, lines of its output) of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:].split("  #")[0].rstrip(), []))
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    """The output that these lines show, as a regular expression."""
    def part(match):
        if re.fullmatch(r"[0-9a-f]{8}", match[0]):
            return "[0-9a-f]{8}"
        return "[ \t]+" if match[0].isspace() else r"[0-9]+(?:\.[0-9]+)?"

    text = ""
    for line in lines:
        if line == "...":
            text += r"(?:.*\n)*?"
            continue
        at = 0
        for match in ID_OR_NUMBER.finditer(line):
            text += re.escape(line[at:match.start()]) + part(match)
            at = match.end()
        text += re.escape(line[at:]) + "\n"
    return re.compile(text)


class Player:
    """One document after the other; what they start is stopped at the end."""

    def __init__(self, machine, folder, user):
        self.machine = machine
        self.folder = folder
        self.user = user
        self.services = {}
        self.terminal = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.interrupt()
        for service in self.services.values():
            service.stop()

    def play(self, text):
        end = 0
        for block in BLOCK.finditer(text):
            above = text[end:block.start()]
            end = block.end()
            if STOP_ABOVE.search(above):
                self.interrupt()
            path = PATH_ABOVE.search(above)
            if block[1] == "conf" and path:
                kept = ADD_ABOVE.search(above) and self.machine.read(path[1])
                self.machine.write(path[1], (kept or "") + block[2])
            elif block[1] == "console":
                for command, output in commands(block[2]):
                    self.type(command, output)

    def type(self, command, output):
        if command == STAYS:
            self.stay(command, output)
            return
        done = self.run(command)
        if output:
            assert pattern(output).fullmatch(done.stdout), \
                f"$ {command}\n{done.stdout}\nbut the document shows:\n" + \
                "\n".join(output)
        else:
            assert done.returncode == 0, f"$ {command}\n{done.stdout}"

    def run(self, command):
        """As the document's user; a line that begins with sudo as root."""
        if command == "sudo systemctl daemon-reload":
            return self.machine.ask("true")  # nothing has read the units
        unit = re.fullmatch(r"sudo systemctl (.*) (bitsd)", command)
        if unit:
            return self.systemctl(*unit.groups())
        user = self.user
        if command.startswith("sudo "):
            user = "root"
            command = "sudo() { \"$@\"; }; " + command
        return self.machine.ask("su", "-s", "/bin/sh", user, "-c",
                                f"cd {self.folder} && {command}")

    def systemctl(self, verb, unit):
        """systemd does not run there: the unit's process is started as it says."""
        if verb in ("stop", "restart"):
            self.services.pop(unit).stop()
        if verb in ("start", "restart", "enable --now"):
            self.services[unit] = Service(self.machine, unit)
        if verb == "reload":
            self.services[unit].reload()
        if verb == "disable --now":
            self.services.pop(unit).stop()
        verb = verb.removesuffix(" --now")
        if verb in ("enable", "disable"):
            return self.machine.ask("systemctl", "--root=/", verb, unit)
        assert verb in ("start", "stop", "restart", "reload"), verb
        return self.machine.ask("true")

    def stay(self, command, output):
        self.terminal = self.machine.start(
            "su", "-s", "/bin/sh", self.user, "-c",
            f"cd {self.folder} && exec {command} 2>&1")
        log = Log()
        threading.Thread(target=log.follow, daemon=True,
                         args=[self.terminal.stdout.buffer]).start()
        log.wait(output[-1], patience=20 * PATIENCE)
        shown = "".join(f"{line}\n" for line in log.lines)
        assert pattern(["...", *output]).fullmatch(shown), shown

    def interrupt(self):
        if self.terminal:
            self.machine.run("pkill", "-INT", "-x", "bitsd")
            self.terminal.wait(timeout=PATIENCE)
            self.terminal.stdout.close()
            self.terminal.stderr.close()
            self.terminal = None
