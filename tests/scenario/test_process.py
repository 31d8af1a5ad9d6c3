"""bitsd as a process: its options, its signals, its neighbours."""

import os
import re
import socket
import stat
import subprocess

import pytest

from bitsd import ROOT, Bitsd, Died, binary
from packets import Request, pattern
from talk import (answer, ask, create, expect, fragment, fragment_request,
                  until, wait_stored)
from wire import Connection


def run(*arguments):
    return subprocess.run([binary(), *map(str, arguments)], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option):
    done = run(option)
    assert done.returncode == 0 and done.stderr == ""
    assert re.fullmatch(r"bitsd [0-9]+\.[0-9]+\.[0-9]+\n", done.stdout)


@pytest.mark.parametrize("option", ["--help", "-h", "help"])
def test_help(option):
    done = run(option)
    assert done.returncode == 0 and done.stderr == ""
    for word in ("-c", "-l", "-s", "DIR", "--test-config", "--dump-config"):
        assert word in done.stdout


@pytest.mark.parametrize("arguments", [
    ["--no-such-option"], ["-l"], ["-l", "nowhere:at:all:x", "/tmp"],
    ["/no/such/folder"], ["-c", "/no/such/file"], ["/tmp", "/tmp"],
])
def test_bad_arguments_are_refused_in_words(arguments):
    done = run(*arguments)
    assert done.returncode not in (0, None) and done.returncode > 0
    assert done.stderr.strip()


BAD_CONFIG = """\
server {
    listen = "127.0.0.1:0"
    threads = "0"
    log_format = "xml"
}
upload "/a" {
    root = "/tmp"
    session_timeout = "soon"
    file_mode = "999"
}
upload "/a" {
    root = "/tmp"
}
upload "/b" {
    max_upload_size = "12q"
}
"""


def test_test_config_reports_all_errors_with_file_and_line(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text(BAD_CONFIG)
    done = run("-c", path, "--test-config")
    assert done.returncode == 1
    for line in (3, 4, 8, 9, 15):
        assert f"{path}:{line}:" in done.stderr, done.stderr
    for word in ("threads", "log_format", "session_timeout", "file_mode",
                 "max_upload_size", "/a", "root"):
        assert word in done.stderr, word


def test_test_config_takes_a_good_file(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text(f'upload "/a" {{ root = "{tmp_path}" }}\n')
    done = run("-c", path, "--test-config")
    assert done.returncode == 0, done.stderr


def check_config(tmp_path, text, user=None):
    """--test-config of a file, which names its folder HOME."""
    path = tmp_path / "bitsd.conf"
    path.write_text(text.replace("HOME", str(tmp_path)))
    wrapper = []
    if user:
        wrapper = ["setpriv", f"--reuid={user}", f"--regid={user}",
                   "--clear-groups"]
    # The kernel refuses to trace a process that has changed its user, which the
    # leak check of a sanitizer does.
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run(
        [*wrapper, binary(), "-c", str(path), "--test-config"], timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env=environment)


CONFIG = """\
server {
    state_dir = "HOME/state"
}
upload "/a" {
    root = "HOME/a"
}
upload "/b" {
    root = "HOME/b"
    temp_dir = "HOME/staging"
}
"""


def make_folders(home, *names):
    for name in names:
        (home / name).mkdir()


@pytest.mark.parametrize("folders, line, words", [
    (["a", "b"], 2, None),
    (["b"], 5, "make it"),
    (["a"], 8, "make it"),
])
def test_test_config_looks_for_the_folders(folders, line, words, tmp_path):
    make_folders(tmp_path, *folders)
    done = check_config(tmp_path, CONFIG)
    assert done.returncode == (1 if words else 0), done.stderr
    if words:
        assert f"{tmp_path}/bitsd.conf:{line}: root " in done.stderr
        assert words in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [*folders, "bitsd.conf"])


@pytest.mark.parametrize("link, target, words", [
    ("staging", "a", "9: temp_dir HOME/staging is also root of upload /a;"),
    ("b", "state", "8: root HOME/b is also state_dir;"),
])
def test_test_config_finds_folders_that_are_shared_by_a_link(link, target,
                                                             words, tmp_path):
    make_folders(tmp_path, "a", "state")
    (tmp_path / link).symlink_to(tmp_path / target)
    (tmp_path / "b").mkdir(exist_ok=True)
    done = check_config(tmp_path, CONFIG)
    assert done.returncode == 1
    words = words.replace("HOME", str(tmp_path))
    assert f"bitsd: {tmp_path}/bitsd.conf:{words}" in done.stderr


def test_test_config_finds_a_staging_folder_on_another_mount(tmp_path):
    make_folders(tmp_path, "a", "b", "state")
    done = check_config(tmp_path, CONFIG.replace("HOME/staging", "/proc/x"))
    assert done.returncode == 1
    assert f"{tmp_path}/bitsd.conf:9: temp_dir /proc/x is on another mount" \
        in done.stderr


def test_test_config_checks_the_rights_of_the_user_that_will_run(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    for folder in (tmp_path.parent.parent, tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    make_folders(tmp_path, "a", "b", "state", "staging")
    for name in ("a", "b", "state", "staging"):
        os.chown(tmp_path / name, 65534, 65534)
    assert check_config(tmp_path, CONFIG, 65534).returncode == 0
    os.chown(tmp_path / "b", 0, 0)
    done = check_config(tmp_path, CONFIG, 65534)
    assert done.returncode == 1
    assert f"bitsd: {tmp_path}/bitsd.conf:8: root " in done.stderr
    # Root asks for the owner of state_dir, who may have more groups.
    done = check_config(tmp_path, CONFIG)
    assert done.returncode == 0
    assert f"bitsd: warning: {tmp_path}/bitsd.conf:8: root " in done.stderr
    assert "nobody" in done.stderr


def said(done):
    """Its lines, but for that about the user whom it cannot know."""
    return [line for line in done.stderr.splitlines()
            if "the user of bitsd is unknown" not in line]


def listening_at(tmp_path, *addresses):
    """--test-config of a file that listens there; its folders exist."""
    make_folders(tmp_path, "a", "b", "state")
    listen = "".join(f'"{address}", ' for address in addresses)
    text = CONFIG.replace("server {",
                          f"server {{\n    listen = {{{listen[:-2]}}}")
    return check_config(tmp_path, text.replace(
        "    root = ", "    access = anonymous\n    root = "))


def test_test_config_warns_of_a_port_that_another_program_holds(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = listening_at(tmp_path, "127.0.0.1:0", f"127.0.0.1:{port}")
    assert done.returncode == 0
    assert said(done) == [
        f"bitsd: warning: {tmp_path}/bitsd.conf:2: cannot listen on "
        f"127.0.0.1:{port}: Address already in use; another program listens "
        "there: stop it, or choose another address"]


def test_test_config_warns_of_an_address_of_another_machine(tmp_path):
    done = listening_at(tmp_path, "192.0.2.7:8080")
    assert done.returncode == 0
    assert "bitsd.conf:2: cannot listen on 192.0.2.7:8080: " in done.stderr


def test_test_config_tries_unix_sockets_and_leaves_them_alone(tmp_path):
    used, stale, file = (tmp_path / name for name in ("used", "stale", "file"))
    file.touch()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(used))
        listener.listen()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(stale))
        done = listening_at(tmp_path, *(f"unix:{path}" for path in (
            used, stale, file, tmp_path / "new", tmp_path / "none" / "x")))
    assert done.returncode == 1
    assert f"warning: {tmp_path}/bitsd.conf:2: cannot listen on unix:{used}" \
        in done.stderr
    assert f"unix:{file}: File exists; it is not a socket" in done.stderr
    assert f"unix:{tmp_path}/none/x: No such file or directory; make its " \
        in done.stderr
    assert str(stale) not in done.stderr and "/new" not in done.stderr
    assert used.exists() and stale.exists()
    assert not (tmp_path / "new").exists()


def test_test_config_of_a_running_bitsd_takes_no_port_for_taken():
    with Bitsd(server={}, uploads={"/": {}}) as bitsd:
        bitsd.server["listen"] = "%s:%d" % bitsd.address
        bitsd.write_config()
        done = run("-c", bitsd.config_path, "--test-config")
        assert done.returncode == 0
        assert said(done) == [
            f"bitsd: note: {bitsd.config_path}:3: state_dir "
            f"{bitsd.home}/state is in use by bitsd (process {bitsd.pid}), so "
            "listen was not tried"]


def test_test_config_leaves_no_file_of_its_trial(tmp_path):
    make_folders(tmp_path, "a", "b", "state", "staging")
    done = check_config(tmp_path, CONFIG.replace(
        "state_dir", 'listen = "127.0.0.1:0"\n    state_dir'))
    assert (done.returncode, said(done)) == (0, [])
    for name in ("a", "b", "staging"):
        assert list((tmp_path / name).iterdir()) == []


def test_test_config_stops_at_a_syntax_error(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text('server {\n    no_such_option = "1"\n}\n')
    done = run("-c", path, "--test-config")
    assert done.returncode == 1
    assert f"{path}:2:" in done.stderr and "no_such_option" in done.stderr


def declared_options():
    text = (ROOT / "src/config/options.def").read_text()
    return re.findall(r"^(?:SERVER|UPLOAD)\(\w+, (\w+),", text, re.M)


def test_dump_config_shows_every_option_and_where_it_came_from(tmp_path):
    path = tmp_path / "bitsd.conf"
    path.write_text(f'server {{\n    threads = "3"\n}}\n'
                    f'upload "/a" {{\n    root = "{tmp_path}"\n}}\n')
    done = run("-c", path, "--dump-config")
    assert done.returncode == 0, done.stderr
    for name in declared_options():
        assert re.search(rf"\b{name}\b", done.stdout), name
    threads = [l for l in done.stdout.splitlines() if " threads" in l]
    assert len(threads) == 1
    assert "3" in threads[0] and f"{path}:2" in threads[0]
    timeout = [l for l in done.stdout.splitlines() if "session_timeout" in l]
    assert any("default" in line for line in timeout)


def test_upload_without_a_configuration_file():
    with Bitsd() as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 10), 200, next=10)
        assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 10)
        assert (bitsd.inbox / ".bitsd").is_dir()


def test_delivered_files_have_the_configured_mode():
    uploads = {"/": {"file_mode": "0604", "folder_mode": "0710",
                     "create_folders": "yes"}}
    with Bitsd(uploads=uploads) as bitsd:
        connection = bitsd.connect()
        identity = create(connection, "/sub/a.bin")
        fragment(connection, identity, 0, 9, 10, "/sub/a.bin")
        folder = bitsd.inbox / "sub"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o710
        assert stat.S_IMODE((folder / "a.bin").stat().st_mode) == 0o604


def wait_refused(address):
    """Until no process listens there any more."""
    def refused():
        try:
            Connection(address).close()
        except ConnectionError:
            return True
        return False

    until(refused)


def test_sigterm_lets_a_running_fragment_end():
    with Bitsd(server={"grace_time": "1h"}) as bitsd:
        address = bitsd.address
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 999, 1000)
        connection.send(request.head() + request.body[:300])
        wait_stored(bitsd, identity, 300, 1000)
        bitsd.terminate()
        wait_refused(address)
        connection.send(request.body[300:])
        response = answer(connection, request)
        expect(response, 200, next=1000)
        assert response.closes()
        connection.expect_end()
        bitsd.wait_stopped()
        assert (bitsd.inbox / "a.bin").read_bytes() == pattern("S", 0, 1000)


def test_sigterm_keeps_what_a_stalled_fragment_brought():
    with Bitsd(server={"grace_time": "1s"}) as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        request = fragment_request(identity, 0, 999, 1000)
        connection.send(request.head() + request.body[:300])
        wait_stored(bitsd, identity, 300, 1000)
        bitsd.stop()
        connection.expect_end()
        bitsd.start()
        second = bitsd.connect()
        expect(fragment(second, identity, 301, 999, 1000), 416, next=300)
        expect(fragment(second, identity, 300, 999, 1000), 200, next=1000)


def test_sigterm_closes_idle_connections_and_exits_0():
    with Bitsd() as bitsd:
        connections = [bitsd.connect() for _ in range(5)]
        for connection in connections[:3]:
            expect(ask(connection, Request("ping", "/")), 200)
        bitsd.stop()
        for connection in connections:
            connection.expect_end()


def expect_refused_start(bitsd, *words):
    """It does not start, and says so with these words."""
    with pytest.raises(Died):
        bitsd.start()
    bitsd.wait_stopped(1)
    for word in words:
        assert bitsd.log.find(word), f"no {word!r} in:\n{bitsd.log}"


def test_a_second_server_on_the_state_folder_is_refused():
    with Bitsd(server={}, uploads={"/": {}}) as first:
        state = str(first.home / "state")
        second = Bitsd(server={"state_dir": state}, uploads={"/": {}})
        expect_refused_start(second, state)
        second.close()
        expect(ask(first.connect(), Request("ping", "/")), 200)


def test_a_second_server_on_the_staging_folder_is_refused():
    with Bitsd(server={}, uploads={"/": {}}) as first:
        second = Bitsd(server={}, uploads={"/": {"root": str(first.inbox)}})
        expect_refused_start(second, str(first.inbox))
        second.close()
        expect(ask(first.connect(), Request("ping", "/")), 200)


def test_a_staging_folder_keeps_to_its_index():
    """Another index, of which the first one's files would be strangers."""
    with Bitsd(server={}, uploads={"/": {}}) as first:
        create(first.connect())
        first.stop()
        second = Bitsd(server={}, uploads={"/": {"root": str(first.inbox)}})
        expect_refused_start(second, str(first.inbox))
        second.close()
        first.start()


def test_a_taken_port_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bitsd = Bitsd(server={"listen": f"127.0.0.1:{port}"})
        expect_refused_start(bitsd, f"127.0.0.1:{port}",
                             "stop it, or choose another address")
        bitsd.close()


@pytest.mark.parametrize("listen, remedy", [
    ("192.0.2.7:8080", "use one of its own"),
    ("unix:HOME/none/socket", "make its folder"),
    ("unix:HOME/file", "it is not a socket: choose another path"),
])
def test_an_address_that_cannot_be_used_has_a_remedy(listen, remedy, tmp_path):
    (tmp_path / "file").touch()
    listen = listen.replace("HOME", str(tmp_path))
    bitsd = Bitsd(server={"listen": listen},
                  uploads={"/": {"access": "anonymous"}})
    expect_refused_start(bitsd, ["start-failed", listen, remedy])
    bitsd.close()


FORBIDDEN = "give the user that bitsd runs as the right to it"


@pytest.mark.parametrize("server, upload, words", [
    ({"state_dir": "/"}, {}, [" /", FORBIDDEN]),
    ({"state_dir": "/none/state"}, {}, ["/none/state", "make the folder above"]),
    ({}, {"temp_dir": "/none/x"}, ["/none/x", "make the folder above"]),
    ({}, {"temp_dir": "/x"}, ["/x", FORBIDDEN]),
    ({}, {"root": "/etc/hostname"}, ["/etc/hostname", "name a folder"]),
])
def test_a_folder_that_cannot_be_used_has_a_remedy(server, upload, words):
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    bitsd = Bitsd(server=server, uploads={"/": upload}, wrapper=wrapper)
    bitsd.write_config()
    for folder in (bitsd.home, bitsd.inbox, bitsd.home / "state"):
        os.chown(folder, 65534, 65534)
    expect_refused_start(bitsd, words)
    bitsd.close()


def test_a_folder_without_the_right_to_write():
    """V10: 403 at Create, and the log says where to look."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    bitsd = Bitsd(wrapper=wrapper)
    os.chown(bitsd.home, 65534, 65534)
    os.chown(bitsd.inbox, 65534, 65534)
    (bitsd.inbox / "sub").mkdir(mode=0o755)
    (bitsd.inbox / "own").mkdir()
    os.chown(bitsd.inbox / "own", 65534, 65534)
    with bitsd:
        connection = bitsd.connect()
        request = Request("create", "/sub/a.bin")
        expect(ask(connection, request), 403, "EACCES")
        bitsd.log.wait(["refused", "NO_RIGHT", "sub"])
        identity = create(connection, "/own/a.bin")
        os.chown(bitsd.inbox / "own", 0, 0)
        response = fragment(connection, identity, 0, 9, 10, "/own/a.bin")
        expect(response, 403, "EACCES", 10)
        os.chown(bitsd.inbox / "own", 65534, 65534)
        response = fragment(connection, identity, 0, 9, 10, "/own/a.bin")
        expect(response, 200, next=10)
