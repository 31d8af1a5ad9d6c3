"""The process of an installed unit, on a machine whose systemd does not run."""

import configparser
import threading

from bitsd import PATIENCE, Log


def unit_file(unit):
    return f"/usr/local/lib/systemd/system/{unit}.service"


class Service:
    """The unit's user, its command, its folders."""

    def __init__(self, machine, unit):
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str
        parser.read_string(machine.read(unit_file(unit)))
        service = parser["Service"]
        user = service["User"]
        machine.run("install", "-d", "-o", user, "-g", service["Group"], "-m",
                    service["StateDirectoryMode"],
                    "/var/lib/" + service["StateDirectory"])
        self.machine = machine
        self.process = machine.start(
            "setpriv", "--reuid", user, "--regid", service["Group"],
            "--init-groups", "--no-new-privs", "--bounding-set=-all", "sh",
            "-c", f"umask {service['UMask']}; exec {service['ExecStart']}")
        self.log = Log()
        threading.Thread(target=self.log.follow, daemon=True,
                         args=[self.process.stderr.buffer]).start()
        self.log.wait("listening on")

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
