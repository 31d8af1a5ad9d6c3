"""Makes tests/lib importable, with or without meson; one machine for all."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from freshroot import FreshRoot  # noqa: E402  (needs the path)

CLONE = "/home/ada/openbits"


@pytest.fixture(scope="session", name="machine")
def machine_with_a_build():
    """Its user ada has run `make` in a clone."""
    with FreshRoot() as machine:
        machine.clone("ada", CLONE)
        machine.shell(f"make -C {CLONE}", user="ada")
        yield machine
