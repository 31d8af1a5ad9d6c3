"""Makes tests/lib importable, with or without meson."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from parts import pytest_collection_modifyitems  # noqa: E402, F401
