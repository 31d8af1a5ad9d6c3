"""Each .bt file below is one test; tests/README.md has the grammar."""

from pathlib import Path

import pytest

from scenario import Scenario

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.bt"))


@pytest.mark.parametrize("name", [str(f.relative_to(HERE))[:-3] for f in FILES])
def test_scenario(name):
    Scenario(HERE / f"{name}.bt").play()
