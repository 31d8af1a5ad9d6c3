"""Destinations that only rename(2) would refuse are refused at Create, before
the bytes are sent, and an upload that meets one later is kept."""

import os
import subprocess

import pytest

from barriers import Encryption, Project, Subvolume, keeps_files_out, mounted
from bitsd import Bitsd, binary
from packets import Request
from talk import ask, create, expect, fragment

EFAIL = "0x80004005"
KINDS = [Subvolume, Project, Encryption]


@pytest.fixture(params=KINDS, ids=[kind.__name__ for kind in KINDS])
def barrier(request):
    return request.param()


@pytest.fixture
def disk(barrier):
    with mounted(barrier) as folder:
        keeps_files_out(barrier, folder)
        yield folder


def server_on(folder, **options):
    return Bitsd(uploads={"/": {"root": folder, "min_free_space": "0",
                                **options}})


def refused(response):
    return (response.status, response.get("BITS-Error-Code")) == (500, EFAIL)


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in
                  folder.rglob("*") if ".bitsd" not in path.parts)


@pytest.mark.parametrize("name", ["far/a.bin", "far/sub/a.bin",
                                  "far/new/deep/a.bin"])
def test_a_folder_that_no_file_can_be_moved_to_is_refused_at_create(
        barrier, disk, name):
    with server_on(disk, create_folders="yes") as bitsd:
        barrier.put_up(disk / "far")
        (disk / "far" / "sub").mkdir()
        before = tree(disk), os.stat(disk / "far").st_mtime_ns
        connection = bitsd.connect()
        assert refused(ask(connection, Request("create", f"/{name}")))
        bitsd.log.wait([barrier.words, f"{disk}/{name}"])
        assert (tree(disk), os.stat(disk / "far").st_mtime_ns) == before
        connection.close()


def test_test_config_finds_a_root_that_no_file_can_be_moved_to(barrier, disk):
    barrier.put_up(disk / "far")
    (disk / "staging").mkdir()
    bitsd = server_on(disk / "far", temp_dir=disk / "staging")
    bitsd.write_config()
    done = subprocess.run(
        [binary(), "-c", bitsd.config_path, "--test-config"], timeout=60,
        capture_output=True, text=True, check=False)
    assert done.returncode == 1
    words = "is on another mount than root" if isinstance(
        barrier, Subvolume) else (
            "cannot move a file to root: their project ids or their "
            "encryption differ; name a folder in root")
    assert f"temp_dir {disk}/staging {words}" in done.stderr, done.stderr
    assert not [name for name in tree(disk) if "try" in name]
    bitsd.close()


def test_where_staging_folder_and_destination_are_alike_files_are_delivered(
        barrier, disk):
    barrier.put_up(disk / "far")
    with server_on(disk / "far", create_folders="yes") as bitsd:
        connection = bitsd.connect()
        for name in ("a.bin", "new/a.bin"):
            identity = create(connection, f"/{name}")
            expect(fragment(connection, identity, 0, 9, 10, f"/{name}"), 200,
                   next=10)
            assert (disk / "far" / name).stat().st_size == 10
        connection.close()


def test_an_upload_that_meets_it_at_the_delivery_is_kept(barrier, disk):
    """And no folder is made for it."""
    with server_on(disk, create_folders="yes") as bitsd:
        connection = bitsd.connect()
        identity = create(connection, "/far/new/a.bin")
        expect(fragment(connection, identity, 0, 4, 10, "/far/new/a.bin"), 200,
               next=5)
        barrier.put_up(disk / "far")
        response = fragment(connection, identity, 5, 9, 10, "/far/new/a.bin")
        assert refused(response), response
        bitsd.log.wait([barrier.words, f"{disk}/far/new/a.bin"])
        assert tree(disk / "far") == []
        barrier.take_down(disk / "far")
        response = fragment(connection, identity, 5, 9, 10, "/far/new/a.bin")
        expect(response, 200, next=10)
        assert (disk / "far/new/a.bin").stat().st_size == 10
        connection.close()
