"""What README and docs/operations show is what happens."""

import pytest

from bitsd import ROOT
from conftest import CLONE
from documents import Player, pattern


@pytest.fixture(name="player")
def player_for_ada(machine):
    with Player(machine, CLONE, "ada") as player:
        yield player
    machine.shell(f"make -C {CLONE} uninstall; rm -rf /srv/* /etc/bitsd.conf "
                  f"/etc/tmpfiles.d/dumps.conf /etc/tmpfiles.d/uploads.conf "
                  f"/etc/systemd/system/bitsd.service.d "
                  f"/var/lib/bitsd "
                  f"{CLONE}/inbox {CLONE}/disk.img")


def test_the_readme(player):
    player.play((ROOT / "README.md").read_text())


@pytest.mark.parametrize("name", ["fleet", "upkeep", "consumers", "destinations",
                                  "senders", "troubleshooting"])
def test_an_operations_page(player, name):
    """It begins with the service that the README's production part makes."""
    readme = (ROOT / "README.md").read_text()
    player.play(readme[readme.index("## Run it as a service"):
                       readme.index("## After a failure")])
    player.play((ROOT / f"docs/operations/{name}.md").read_text())


def test_output_that_differs_is_noticed():
    shown = pattern(["a 12 b", "...", "id cc89d73c"])
    assert shown.fullmatch("a 7   b\nx\ny\nid 01234567\n")
    assert shown.fullmatch("a 7.5 b\nid 01234567\n")
    assert not shown.fullmatch("a 7 c\nid 01234567\n")
    assert not shown.fullmatch("a 7 b\nid 0123456\n")
    assert not shown.fullmatch("a 7 b\n")
