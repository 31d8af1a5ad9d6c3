"""curl as a client: what it sends before it knows which proof is wanted."""

import re
import subprocess

import pytest

from bitsd import Bitsd
from packets import PROTOCOL, pattern
from wire import PATIENCE

SIZE = 300000


def curl(url, *arguments):
    done = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", str(PATIENCE), "-X", "BITS_POST",
         "--user", "ann:secret", *arguments, url],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("scheme", ["--digest", "--ntlm", "--anyauth"])
def test_a_fragment_is_accepted_after_a_request_without_its_body(tmp_path, scheme):
    """--digest and --ntlm send the head of the whole Fragment without a body,
    and the body once that is answered with success."""
    content = pattern("S", 0, SIZE)
    body = tmp_path / "body"
    body.write_bytes(content)
    with Bitsd() as bitsd:
        url = bitsd.addresses[0] + "a.bin"
        created = curl(url, scheme, "-H", "BITS-Packet-Type: Create-Session",
                       "-H", f"BITS-Supported-Protocols: {PROTOCOL}")
        session = re.search(r"BITS-Session-Id: (\S+)", created)[1]
        sent = curl(url, scheme, "-H", "BITS-Packet-Type: Fragment",
                    "-H", f"BITS-Session-Id: {session}", "-H",
                    f"Content-Range: bytes 0-{SIZE - 1}/{SIZE}",
                    "--data-binary", f"@{body}", "-H", "Content-Type:")
        nexts = re.findall(r"BITS-Received-Content-Range: (\d+)", sent)
        assert nexts[-1] == str(SIZE), sent
        assert len(nexts) == (1 if scheme == "--anyauth" else 2), sent
        assert (bitsd.inbox / "a.bin").read_bytes() == content
        closed = curl(url, scheme, "-H", "BITS-Packet-Type: Close-Session",
                      "-H", f"BITS-Session-Id: {session}")
        assert " 200 " in closed
