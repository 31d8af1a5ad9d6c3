"""bitsctl, the administrator's program."""

import os
import pty
import re
import stat
import subprocess
import threading

import pytest

import passwords
from bitsctl import binary, run
from bitsd import ROOT, Bitsd
from packets import Request
from passwords import ask_as


def set_password(path, user, password):
    done = run("passwd", "--cost", "4", path, user, said=password + "\n")
    assert done.returncode == 0, done.stderr
    return done


def test_help_and_version():
    for option in ("--help", "-h", "help"):
        done = run(option)
        assert done.returncode == 0 and "bitsctl passwd" in done.stdout
    assert run("passwd", "--help").stdout == run("--help").stdout
    for option in ("--version", "-V"):
        assert re.fullmatch(r"bitsctl [0-9.]+\n", run(option).stdout)


@pytest.mark.parametrize("arguments, word", [
    ([], "name a command"), (["nothing"], "nothing"), (["passwd"], "FILE"),
    (["passwd", "x"], "USER"), (["passwd", "x", "y", "z"], "USER"),
    (["passwd", "--cost", "3", "x", "y"], "from 4 to 16"),
    (["passwd", "--cost", "17", "x", "y"], "from 4 to 16"),
    (["passwd", "--cost", "x", "x", "y"], "from 4 to 16"),
    (["passwd", "--nothing", "x", "y"], "nothing"),
    (["passwd", "x", "a:b"], "colon"), (["passwd", "x", ""], "empty"),
    (["passwd", "x", "n" * 257], "256 bytes"),
])
def test_a_wrong_command_line_is_refused_in_words(arguments, word, tmp_path):
    done = subprocess.run([binary(), *arguments], input="secret\n", text=True,
                          capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 2 and word in done.stderr
    assert "Try bitsctl --help." in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said, word", [
    ("", "no password"), ("\n", "empty"), ("a\tb\n", "control character"),
    ("p" * 73 + "\n", "72 bytes"),
])
def test_a_password_that_cannot_be_is_refused(said, word, tmp_path):
    done = run("passwd", "--cost", "4", tmp_path / "file", "ann", said=said)
    assert done.returncode == 1 and word in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_has_a_hash_that_bitsd_takes(tmp_path):
    path = tmp_path / "passwords"
    done = set_password(path, "ann", "p" * 72)
    assert "chgrp bitsd" in done.stderr
    assert re.fullmatch(r"ann:\$2b\$04\$[./A-Za-z0-9]{53}\n", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) & ~0o640 == 0
    with Bitsd(uploads={"/": {"access": "basic", "basic_without_tls": "yes",
                              "password_file": path}}) as server:
        ping = Request("ping", "/")
        assert ask_as(server.connect(), ping, "ann", "p" * 72).status == 200
        set_password(path, "ann", "other")
        set_password(path, "bob", "second")
        for user, password, status in (("ann", "p" * 72, 401),
                                       ("ann", "other", 200),
                                       ("bob", "second", 200)):
            assert ask_as(server.connect(), ping, user,
                          password).status == status


def test_the_default_cost_is_10(tmp_path):
    run("passwd", tmp_path / "file", "ann", said="secret\n")
    assert (tmp_path / "file").read_text().startswith("ann:$2b$10$")


def test_everything_else_in_the_file_stays(tmp_path):
    path = tmp_path / "passwords"
    path.write_bytes(b"# a comment\n\nann:old:Ann\nbob:$apr1$x\nann:twice\n"
                     b"no colon\xff\nlast:line")
    set_password(path, "ann", "secret")
    lines = path.read_bytes().split(b"\n")
    assert re.fullmatch(rb"ann:\$2b\$04\$.{53}", lines[2])
    assert lines[:2] + lines[3:] == [
        b"# a comment", b"", b"bob:$apr1$x", b"no colon\xff", b"last:line", b""]
    set_password(path, "cid", "secret")
    assert path.read_bytes().split(b"\n")[:-2] == lines[:-1]


def test_mode_owner_and_link_are_kept(tmp_path):
    path = tmp_path / "passwords"
    link = tmp_path / "link"
    link.symlink_to("passwords")
    path.write_text(passwords.lines({"ann": "old"}))
    path.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    set_password(link, "ann", "new")
    after = path.stat()
    assert link.is_symlink() and before.st_ino != after.st_ino
    assert [getattr(before, f"st_{n}") for n in ("mode", "uid", "gid")] == \
        [getattr(after, f"st_{n}") for n in ("mode", "uid", "gid")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "passwords"]


def test_a_file_that_cannot_be_written_stays(tmp_path):
    for path, word in ((tmp_path, "folder"), ("/no/such/file", "No such file"),
                       ("/proc/self/status", ""), ("/dev/null", "regular")):
        done = run("passwd", "--cost", "4", path, "ann", said="secret\n")
        assert done.returncode == 1 and word in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_changes_at_the_same_time_are_all_kept(tmp_path):
    path = tmp_path / "passwords"
    users = [f"user{number}" for number in range(20)]
    threads = [threading.Thread(target=set_password, args=(path, user, "x"))
               for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [line.split(":")[0] for line in path.read_text().splitlines()]
    assert sorted(names) == sorted(users)


def on_terminal(path, *answers):
    """bitsctl passwd on a terminal: its status, and what the terminal shows."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(binary(), [str(binary()), "passwd", "--cost", "4", str(path),
                            "ann"])
    shown = b""
    for answer in answers:
        while not shown.endswith(b": "):
            shown += os.read(terminal, 1024)
        os.write(terminal, answer)
        shown += b"|"
    try:
        while True:
            part = os.read(terminal, 1024)
            if not part:
                break
            shown += part
    except OSError:  # the other end is closed
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return status, shown.decode()


def test_a_terminal_is_asked_twice_and_shows_nothing(tmp_path):
    path = tmp_path / "passwords"
    status, shown = on_terminal(path, b"gibberish\n", b"gibberish\n")
    assert status == 0, shown
    assert "Password for ann: " in shown and "gibberish" not in shown
    assert path.exists()


@pytest.mark.parametrize("answers, word", [
    ([b"one\n", b"two\n"], "differ"), ([b"one\x03\n"], "control character"),
])
def test_a_doubtful_answer_changes_nothing(answers, word, tmp_path):
    status, shown = on_terminal(tmp_path / "passwords", *answers)
    assert status == 1 and word in shown, shown
    assert list(tmp_path.iterdir()) == []


def complete(line):
    """What bash offers for the last word of the line."""
    words = line.split(" ")
    script = (f"source {ROOT}/packaging/bitsctl.bash; "
              f"COMP_WORDS=({' '.join(w or repr('') for w in words)}); "
              f"COMP_CWORD={len(words) - 1}; compopt() {{ :; }}; "
              '_bitsctl_complete; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script], capture_output=True,
                          text=True, check=True)
    return set(done.stdout.split())


def test_commands_and_options_are_completed():
    help_text = run("--help").stdout
    commands = set(re.findall(r"^  bitsctl (\w+)", help_text, re.M))
    assert complete("bitsctl ") == commands | {"help", "--help", "--version"}
    assert complete("bitsctl passwd --") == {"--cost", "--help"}
    assert complete(f"bitsctl passwd {ROOT}/READM") == {f"{ROOT}/README.md"}
    assert complete("bitsctl passwd --cost ") == set()


def test_the_manual_has_each_command_and_option():
    page = (ROOT / "docs/man/bitsctl.8.scd").read_text()
    shown = run("--help").stdout
    for word in re.findall(r"^  (bitsctl \w+)|(--\w+)", shown, re.M):
        word = "".join(word)
        assert word in page, word
