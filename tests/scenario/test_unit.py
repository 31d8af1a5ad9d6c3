"""bitsd in the system-call filters of its unit, as the user of the unit."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bitsd import ROOT, Bitsd
from scenario import Scenario
from talk import create, expect, fragment

LIB = ROOT / "tests" / "lib"
UNIT = ROOT / "packaging" / "bitsd.service"
RESTRICTED = [sys.executable, str(LIB / "restricted.py")]
CREATE = Path(__file__).parent / "create"
LINKS = [*sorted(CREATE.glob("*link*.bt")), CREATE / "refusals-say-why.bt"]
USER = 65534
TEAM = 12345


def need_filters():
    done = subprocess.run([*RESTRICTED, "/bin/true"], check=False,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == 77:
        pytest.skip(f"no filters here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


def as_in_the_unit(**options):
    """A server as systemd would start it, with one more group."""
    need_filters()
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("becoming another user needs root and setpriv")
    user = ["setpriv", f"--reuid={USER}", f"--regid={USER}",
            f"--groups={TEAM}", "--inh-caps=-all,+net_bind_service",
            "--ambient-caps=-all,+net_bind_service",
            "--bounding-set=-all,+net_bind_service", "--no-new-privs"]
    bitsd = Bitsd(wrapper=[*user, *RESTRICTED], **options)
    (bitsd.home / "state").mkdir()
    for path in (bitsd.home, bitsd.home / "state", bitsd.inbox):
        os.chown(path, USER, USER)
    return bitsd


def status_of(bitsd, name):
    for line in Path(f"/proc/{bitsd.pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]
    return None


@pytest.mark.skipif(not shutil.which("systemd-analyze"),
                    reason="no systemd-analyze")
def test_the_unit_is_hardened(tmp_path):
    copy = tmp_path / "bitsd.service"
    copy.write_text(UNIT.read_text().replace("@sbindir@", "/usr/sbin"))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager",
         "--threshold=16", copy], check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def test_it_listens_on_a_port_below_1024():
    address = "127.44.3.1:443"
    with as_in_the_unit(server={"listen": address}) as bitsd:
        assert status_of(bitsd, "Seccomp") == "2"
        assert status_of(bitsd, "CapEff") == f"{1 << 10:016x}"
        with socket.create_connection(("127.44.3.1", 443), timeout=30):
            pass
        connection = bitsd.connect()
        identity = create(connection, "/a.bin")
        expect(fragment(connection, identity, 0, 9, 10, "/a.bin"), 200, next=10)
        connection.close()


def test_files_and_folders_inherit_group_and_setgid_bit():
    options = {"create_folders": "yes"}
    with as_in_the_unit(uploads={"/": options}) as bitsd:
        team = bitsd.inbox / "team"
        team.mkdir()
        os.chown(team, USER, TEAM)
        team.chmod(0o2770)
        connection = bitsd.connect()
        identity = create(connection, "/team/new/a.bin")
        expect(fragment(connection, identity, 0, 9, 10, "/team/new/a.bin"), 200,
               next=10)
        connection.close()
        file = team / "new" / "a.bin"
        assert file.stat().st_gid == TEAM
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o2750


@pytest.mark.parametrize("arguments", [[], ["--openat2"]],
                         ids=["unit", "openat2"])
@pytest.mark.parametrize("path", LINKS, ids=lambda path: path.stem)
def test_links_lead_nowhere_where_openat2_is_missing(path, arguments):
    need_filters()
    scenario = Scenario(path)
    scenario.bitsd.wrapper = [*RESTRICTED, *arguments]
    scenario.play()
