"""The folders of a destination: what a deep name costs."""

import pytest

from bitsd import Bitsd
from packets import Request
from talk import ask, expect
from tracer import Tracer

FOLDERS = 1000


@pytest.mark.parametrize("create_folders", ["no", "yes"])
def test_a_name_costs_no_look_beyond_the_first_missing_folder(create_folders):
    uploads = {"/": {"create_folders": create_folders,
                     "max_folder_depth": "1024"}}
    with Bitsd(uploads=uploads) as bitsd:
        connection = bitsd.connect()
        tracer = Tracer(bitsd, "-e", "trace=openat,openat2")
        response = ask(connection, Request("create", "/x" * FOLDERS + "/a"))
        tracer.end(False)
        expect(response, 404, "ENOPATH")
        assert len(tracer.calls()) < 10
