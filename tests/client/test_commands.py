"""What goes without an upload: help, version, names of commands, URLs."""

import re

import pytest

USAGE = 2


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["help"]])
def test_help_lists_the_commands(client, arguments):
    done = client.run(*arguments)
    assert done.code == 0 and done.err == "", done
    assert done.out.startswith("Usage: bits COMMAND ")


@pytest.mark.parametrize("arguments", [["-V"], ["--version"],
                                       ["upload", "-V"],
                                       ["queue", "add", "--version"],
                                       ["queue", "-V"], ["doctor", "-V"],
                                       ["explain", "--version"]])
def test_the_version_is_printed_with_and_without_a_command(client, arguments):
    done = client.run(*arguments)
    assert done.code == 0 and done.err == "", done
    assert re.fullmatch(r"bits [0-9]+\.[0-9]+\.[0-9]+\n", done.out)


@pytest.mark.parametrize("command", ["upload", "queue", "queue add", "doctor"])
def test_help_describes_a_command(client, command):
    words = command.split()
    whole = client.run(*words, "--help").out
    assert whole.startswith(f"Usage: bits {command} ")
    assert client.run("help", *words).out == whole
    assert client.run(*words, "-h").out == whole


def test_a_group_of_commands_knows_the_word_help(client):
    assert client.run("queue", "help").out == client.run("queue", "-h").out


@pytest.mark.parametrize("arguments, name, remedy", [
    (["frob"], "frob", "bits --help"),
    (["help", "frob"], "frob", "bits --help"),
    (["queue", "frob"], "queue frob", "bits queue --help"),
    (["queue", "frob", "--json"], "queue frob", "bits queue --help"),
    (["help", "queue", "frob"], "queue frob", "bits queue --help"),
])
def test_an_unknown_command_is_called_unknown(client, arguments, name, remedy):
    done = client.run(*arguments)
    assert done.code == USAGE and done.out == "", done
    assert done.err == f"bits: there is no command {name}\nbits: try {remedy}\n"


@pytest.mark.parametrize("command", [
    ["upload", "a"], ["queue", "add", "a"], ["doctor"]])
@pytest.mark.parametrize("url, words", [
    ("files.example/up/", "no scheme; write http://files.example/up/"),
    ("localhost:8080/up/", "no scheme; write http://localhost:8080/up/"),
    ("ftp://files.example/", "must begin with http:// or https://"),
    ("http://ann:pw@files.example/", "--password-file"),
])
def test_a_url_that_is_refused_comes_with_the_remedy(client, command, url,
                                                     words):
    client.file("a", b"1")
    done = client.run(*command, url)
    assert done.code == USAGE and words in done.err, done
