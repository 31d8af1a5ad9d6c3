"""Who may upload: `access` of the upload sections."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bitsd import Bitsd, binary

ACTIVATE = Path(__file__).parents[1] / "lib" / "activate.py"

# --- sections that do not say ---


def run(*arguments, descriptors=()):
    return subprocess.run([*map(str, arguments)], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, pass_fds=descriptors)


def not_who(path, line, prefix, address):
    return (f'{path}:{line}: upload "{prefix}": other machines reach '
            f"{address}, and nothing says who may upload; if everybody may, "
            "add: access = anonymous")


def test_a_server_that_others_reach_needs_access_in_each_section(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text('server {\n    listen = "0.0.0.0:0"\n}\n'
                    f'upload "/a" {{\n    root = "{tmp_path}"\n}}\n')
    done = run(binary(), "-c", path, "--test-config")
    assert done.returncode == 1
    assert done.stderr == f"bitsd: {not_who(path, 4, '/a', '0.0.0.0:0')}\n"


@pytest.mark.parametrize("options, remedy", [
    ("access = basic password_file = FILE", "; make it with bitsctl passwd"),
    ("access = token token_file = FILE", "; make it with bitsctl token"),
    ("access = invite invite_key_file = FILE", "; make it with bitsctl invite"),
    ("access = basic password_file = /dev/null users = @a group_file = FILE",
     ""),
], ids=["passwords", "tokens", "keys", "groups"])
def test_test_config_reads_the_files_of_sign_ins(tmp_path, options, remedy):
    path = tmp_path / "bitsd.conf"
    file = tmp_path / "file"
    (tmp_path / "state").mkdir()
    path.write_text(
        'server {\n listen = "127.0.0.1:0"\n '
        f'state_dir = "{tmp_path}/state"\n}}\n'
        f'upload "/a" {{\n root = "{tmp_path}"\n '
        f'{options.replace("FILE", str(file))}\n}}\n')
    done = run(binary(), "-c", path, "--test-config")
    assert done.returncode == 1, done
    assert (f"bitsd: {file}: cannot read it: No such file or directory{remedy}"
            "\n") in done.stderr


def test_a_server_that_others_reach_starts_with_access():
    with Bitsd(server={"listen": "0.0.0.0:0"},
               uploads={"/": {"access": "anonymous"}}) as bitsd:
        assert not bitsd.log.find("warning access:")


@pytest.mark.parametrize("address, count", [("127.0.0.1:0", 0),
                                            ("0.0.0.0:0", 1)])
def test_a_folder_that_others_reach_is_warned_about_once(tmp_path, address,
                                                         count):
    with Bitsd(arguments=["-l", address, "-l", address,
                          str(tmp_path)]) as bitsd:
        warnings = bitsd.log.find("warning access:")
        assert len(warnings) == count
        assert all(str(tmp_path) in line for line in warnings)


def test_sockets_of_systemd_need_access_too(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text(f'server {{\n    state_dir = "{tmp_path}/state"\n}}\n'
                    f'upload "/a" {{\n    root = "{tmp_path}"\n}}\n')
    (tmp_path / "state").mkdir()
    with socket.create_server(("0.0.0.0", 0)) as given:
        number = given.fileno()
        address = f"http://0.0.0.0:{given.getsockname()[1]}/"
        done = run(sys.executable, ACTIVATE, number, binary(), "-c", path,
                   descriptors=[number])
    assert done.returncode == 1
    said = done.stderr.replace('\\"', '"')
    assert not_who(path, 4, "/a", address) in said


def test_a_reload_cannot_open_a_section_by_silence():
    """The server keeps the address that the file does not have any more."""
    with Bitsd(server={"listen": "0.0.0.0:0"},
               uploads={"/": {"access": "anonymous"}}) as bitsd:
        bitsd.server = {"listen": "127.0.0.1:0"}
        bitsd.uploads = {"/": {}}
        bitsd.write_config()
        bitsd.signal(signal.SIGHUP)
        bitsd.log.wait("reload: reload failed")
        assert bitsd.log.find(["nothing says who may upload", "0.0.0.0"])
