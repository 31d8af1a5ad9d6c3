"""max_files_per_user, max_bytes_per_user, max_files and max_bytes within
quota_period."""

import threading

from bitsd import Bitsd
from packets import Request
from talk import ask, create, expect, fragment

DAYS = "366d"  # no test meets the end of such a period


def quota(**options):
    return Bitsd(uploads={"/": {"quota_period": DAYS, **options}})


def upload(connection, path, size):
    identity = create(connection, path)
    expect(fragment(connection, identity, 0, size - 1, size, path), 200,
           next=size)
    expect(ask(connection, Request("close", path, identity)), 200)


def refused(response, status):
    assert response.status == status, response
    if status == 503:
        assert 1 <= int(response.get("Retry-After")) <= 3600, response
    else:
        assert response.get("Retry-After") is None, response


def test_bytes_count_to_the_last():
    with quota(max_bytes_per_user="100") as bitsd:
        connection = bitsd.connect()
        upload(connection, "/a.bin", 60)
        identity = create(connection, "/b.bin")
        refused(fragment(connection, identity, 0, 40, 41, "/b.bin"), 503)
        bitsd.log.wait(["refused", "QUOTA_USED_UP", "max_bytes_per_user = 100"])
        upload(connection, "/c.bin", 40)
        refused(ask(connection, Request("create", "/d.bin")), 503)
        (bitsd.inbox / "a.bin").unlink()
        refused(ask(connection, Request("create", "/d.bin")), 503)


def test_a_file_larger_than_the_quota_is_refused_for_good():
    with quota(max_bytes="100") as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        refused(fragment(connection, identity, 0, 100, 101), 403)
        bitsd.log.wait(["refused", "QUOTA_TOO_SMALL", "max_bytes = 100"])


def test_files_count_and_empty_ones_too():
    with quota(max_files="2") as bitsd:
        connection = bitsd.connect()
        late = create(connection, "/late.bin")
        empty = create(connection, "/empty.bin")
        upload(connection, "/a.bin", 1)
        expect(ask(connection, Request("close", "/empty.bin", empty)), 200)
        refused(ask(connection, Request("create", "/d.bin")), 503)
        refused(ask(connection, Request("close", "/late.bin", late)), 503)
        assert not (bitsd.inbox / "late.bin").exists()


def test_an_unfinished_upload_holds_its_bytes_until_it_is_cancelled():
    with quota(max_bytes="100") as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 9, 90), 200, next=10)
        other = create(connection, "/b.bin")
        refused(fragment(connection, other, 0, 10, 11, "/b.bin"), 503)
        expect(ask(connection, Request("cancel", "/a.bin", identity)), 200)
        expect(fragment(connection, other, 0, 10, 11, "/b.bin"), 200, next=11)


def test_kills_and_replayed_packets_count_once():
    with quota(max_bytes="100", max_files="3") as bitsd:
        connection = bitsd.connect()
        identity = create(connection)
        expect(fragment(connection, identity, 0, 59, 60), 200, next=60)
        bitsd.kill()
        bitsd.start()
        connection = bitsd.connect()
        expect(fragment(connection, identity, 0, 59, 60), 200, next=60)
        for _ in range(2):
            expect(ask(connection, Request("close", "/a.bin", identity)), 200)
        bitsd.kill()
        bitsd.start()
        connection = bitsd.connect()
        other = create(connection, "/b.bin")
        refused(fragment(connection, other, 0, 40, 41, "/b.bin"), 503)
        upload(connection, "/c.bin", 39)
        upload(connection, "/d.bin", 1)


def test_clients_that_race_for_the_last_bytes_never_get_more():
    clients, size, fit = 50, 10, 7
    with quota(max_bytes=str(size * fit + 9)) as bitsd:
        statuses = []
        identities = []
        connections = [bitsd.connect() for _ in range(clients)]
        for i, connection in enumerate(connections):
            identities.append(create(connection, f"/{i}.bin"))

        def race(i):
            statuses.append(fragment(connections[i], identities[i], 0,
                                     size - 1, size, f"/{i}.bin").status)

        threads = [threading.Thread(target=race, args=(i,))
                   for i in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * fit + [503] * (clients - fit)
        assert len(list(bitsd.inbox.glob("*.bin"))) == fit


def test_a_reload_raises_a_quota():
    with quota(max_bytes="100") as bitsd:
        connection = bitsd.connect()
        upload(connection, "/a.bin", 100)
        refused(ask(connection, Request("create", "/b.bin")), 503)
        bitsd.uploads["/"]["max_bytes"] = "200"
        bitsd.reload()
        identity = create(connection, "/b.bin")
        refused(fragment(connection, identity, 0, 100, 101, "/b.bin"), 503)
        upload(connection, "/c.bin", 100)
