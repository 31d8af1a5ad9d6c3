"""The README's way to an installed bitsd, on a machine that has none."""

import re

import pytest

from bitsd import ROOT
from conftest import CLONE
from documents import commands
from installed import Service

CONFIG = "/etc/bitsd.conf"


def production():
    """The configuration and the commands of the README's production part."""
    readme = (ROOT / "README.md").read_text()
    part = readme.index("`/etc/bitsd.conf`:")
    config, block = re.findall(r"```\w+\n(.*?)```", readme[part:], re.S)[:2]
    steps = [command for command, _ in commands(block)]
    return config, steps[:steps.index("sudo systemctl enable --now bitsd") + 1]


def as_root(machine, line):
    """A line of the README, which says sudo; root needs none."""
    machine.shell(f"cd {CLONE}\nset -e\nsudo() {{ \"$@\"; }}\n{line}")


@pytest.fixture(name="installed")
def installed_as_the_readme_says(machine):
    config, steps = production()
    machine.write(CONFIG, config)
    for line in steps:
        # systemd does not run there; that it can enable the unit shows that
        # it would find it.
        as_root(machine, line.replace("systemctl enable --now",
                                      "systemctl --root=/ enable"))
    yield machine
    as_root(machine, "make uninstall")


def upload(machine, url):
    return machine.shell(f"cd {CLONE} && tools/upload.sh README.md {url}",
                         user="ada")


def test_the_readmes_production_steps_receive_a_file(installed):
    service = Service(installed, "bitsd")
    try:
        upload(installed, "http://127.0.0.1:8080/logs/a.txt")
        assert installed.read("/srv/logs/a.txt") == \
            (ROOT / "README.md").read_text()
        assert installed.run("stat", "-c", "%U %a", "/srv/logs/a.txt") == \
            "bitsd 640\n"
    finally:
        service.stop()


def test_the_sample_makes_a_folder_for_each_pc(installed):
    installed.run("cp", "/usr/local/share/doc/openbits/examples/bitsd.conf",
                  CONFIG)
    installed.run("install", "-d", "-o", "bitsd", "/srv/uploads")
    service = Service(installed, "bitsd")
    try:
        upload(installed, "http://127.0.0.1:8080/uploads/PC7/x.dmp")
        assert installed.exists("/srv/uploads/PC7/x.dmp")
    finally:
        service.stop()


def test_an_upgrade_and_a_reload_leave_a_running_server_alone(installed):
    service = Service(installed, "bitsd")
    try:
        as_root(installed, "make install")
        config, _ = production()
        installed.run("install", "-d", "-o", "bitsd", "/srv/more")
        installed.write(CONFIG, config.replace("logs", "more"))
        service.reload()
        upload(installed, "http://127.0.0.1:8080/more/b.txt")
        assert installed.exists("/srv/more/b.txt")
    finally:
        service.stop()


def test_both_programs_read_etc(installed):
    installed.run("mkdir", "-p", "/etc/bits")
    installed.write("/etc/bits/config", "limit-rate = nonsense\n")
    assert "/etc/bits/config" in installed.ask("bits", "upload", "x",
                                               "http://127.0.0.1/").stdout
    installed.run("rm", "/etc/bits/config")
    assert installed.ask("bitsd", "--test-config").returncode == 0
    installed.write(CONFIG, "nonsense\n")
    assert CONFIG in installed.ask("bitsd", "--test-config").stdout


def test_installing_leaves_nothing_of_root_in_the_users_build(machine):
    as_root(machine, "make install")
    assert machine.run("find", CLONE, "-user", "root") == ""
    machine.shell(f"touch {CLONE}/src/bitsd/main.c; make -C {CLONE}",
                  user="ada")
    as_root(machine, "make uninstall")


def test_another_prefix_is_the_users_to_build(machine):
    refused = machine.ask("make", "-C", CLONE, "install", "prefix=/usr")
    assert refused.returncode != 0
    assert "run make prefix=/usr as ada first" in refused.stdout
    machine.shell(f"make -C {CLONE} prefix=/usr", user="ada")
    as_root(machine, "make install prefix=/usr DESTDIR=/srv/stage")
    assert "ExecStart=/usr/sbin/bitsd\n" in machine.read(
        "/srv/stage/usr/lib/systemd/system/bitsd.service")
    machine.write(CONFIG, "nonsense\n")
    assert CONFIG in machine.ask("/srv/stage/usr/sbin/bitsd",
                                 "--test-config").stdout
    as_root(machine, "make uninstall DESTDIR=/srv/stage")
    assert machine.run("find", "/srv/stage", "-type", "f") == ""
    machine.shell(f"make -C {CLONE} prefix=/usr/local", user="ada")


def test_documents_are_installed_with_what_they_link_to(machine):
    as_root(machine, "make install")
    folder = "/usr/local/share/doc/openbits/"
    for path in sorted((ROOT / "docs/operations").glob("*.md")):
        name = path.relative_to(ROOT)
        assert machine.read(folder + str(name)) == path.read_text()
        for link in re.findall(r"\]\((?:\.\./)?(\w[\w./-]*\.md)", path.read_text()):
            if not link.startswith(("../", "decisions/", "internals/")):
                assert machine.ask("find", folder, "-path",
                                   f"*/{link}").stdout, (name, link)
    page = machine.run("man", "--encoding=ascii", "8", "bitsd") \
        if machine.exists("/usr/bin/man") else ""
    assert page == "" or folder + "examples/bitsd.conf" in page
    as_root(machine, "make uninstall")
    assert not machine.exists(folder)


def test_uninstall_leaves_uploads_state_and_configuration(machine):
    as_root(machine, "make install")
    kept = ["/srv/logs/a.zip", "/var/lib/bitsd/index.db", CONFIG]
    for path in kept:
        machine.run("install", "-D", "/etc/hostname", path)
    assert machine.exists("/usr/local/sbin/bitsd")
    as_root(machine, "make uninstall")
    assert machine.run("find", "/usr/local", "-not", "-type", "d") == ""
    assert all(machine.exists(path) for path in kept)
