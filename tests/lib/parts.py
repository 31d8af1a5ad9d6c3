"""Parts of a suite that run side by side.

TEST_PART=2/3 keeps the second of each three tests.  The slow ones of a file
end up in different parts.
"""

import os


def pytest_collection_modifyitems(config, items):
    part, _, count = os.environ.get("TEST_PART", "1/1").partition("/")
    kept = items[int(part) - 1::int(count)]
    dropped = [item for item in items if item not in kept]
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)
