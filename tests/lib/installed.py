"""The process of an installed unit, on a machine whose systemd does not run."""

import configparser
import threading

from bitsd import PATIENCE, Log


def unit_file(unit):
    return f"/usr/local/lib/systemd/system/{unit}.service"


def read_unit(machine, unit):
    """The unit's file, then those of the administrator."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(machine.read(unit_file(unit)))
    more = machine.ask("find", f"/etc/systemd/system/{unit}.service.d",
                       "-name", "*.conf")
    if more.returncode == 0:
        for path in more.stdout.split():
            parser.read_string(machine.read(path))
    return parser["Service"]


class Service:
    """The unit's user, its command, its folders."""

    def __init__(self, machine, unit):
        service = read_unit(machine, unit)
        user = service["User"]
        machine.run("install", "-d", "-o", user, "-g", service["Group"], "-m",
                    service["StateDirectoryMode"],
                    "/var/lib/" + service["StateDirectory"])
        self.machine = machine
        self.process = machine.start(
            "setpriv", "--reuid", user, "--regid", service["Group"],
            *self.groups(service), "--no-new-privs", "--bounding-set=-all", "sh",
            "-c", f"umask {service['UMask']}; exec {service['ExecStart']}")
        self.log = Log()
        threading.Thread(target=self.log.follow, daemon=True,
                         args=[self.process.stderr.buffer]).start()
        self.log.wait("listening on")

    @staticmethod
    def groups(service):
        more = service.get("SupplementaryGroups")
        return ["--groups", ",".join(more.split())] if more else \
            ["--init-groups"]

    def signal(self, name):
        self.machine.run("pkill", f"-{name}", "-x", "bitsd")

    def reload(self):
        start = len(self.log.lines)
        self.signal("HUP")
        self.log.wait("reload done", start)

    def stop(self):
        self.signal("TERM")
        self.process.wait(timeout=PATIENCE)
        assert self.process.returncode == 0
