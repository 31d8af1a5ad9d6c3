"""Makes tests/lib importable, with or without meson; a home for each test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from bits import Client  # noqa: E402
from parts import pytest_collection_modifyitems  # noqa: E402, F401


@pytest.fixture
def client(tmp_path):
    """bits with a home of its own, where nothing is known yet."""
    with Client(tmp_path) as client:
        yield client
