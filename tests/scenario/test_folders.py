"""The folders of a destination: what a deep name costs, and which
mode and owner new entries have."""

import os
import stat

import pytest

from bitsd import Bitsd
from packets import Request
from talk import ask, create, expect, fragment
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


def start_under_umask(umask, **options):
    wrapper = ["sh", "-c", f'umask {umask}; exec "$@"', "sh"]
    return Bitsd(uploads={"/": options}, wrapper=wrapper)


@pytest.mark.parametrize("umask", ["000", "077"])
def test_modes_are_the_configured_ones_whatever_the_umask(umask):
    with start_under_umask(umask, create_folders="yes", file_mode="0664",
                           folder_mode="0775") as bitsd:
        connection = bitsd.connect()
        identity = create(connection, "/new/a.bin")
        response = fragment(connection, identity, 0, 9, 10, "/new/a.bin")
        expect(response, 200, next=10)
        folder = bitsd.inbox / "new"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o775
        assert stat.S_IMODE((folder / "a.bin").stat().st_mode) == 0o664


def test_the_index_has_no_more_rights_than_the_umask_gives():
    with start_under_umask("027") as bitsd:
        names = [n for n in os.listdir(bitsd.home / "state")
                 if n.startswith("index.")]
        assert "index.db" in names
        for name in names:
            info = (bitsd.home / "state" / name).stat()
            assert not info.st_mode & 0o027, name
