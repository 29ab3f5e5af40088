"""Leases over HTTP: handlers in processes of their own, one of which is killed, and the server too."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

LEASE_MILLISECONDS = 1500
LEASES = "/_orrery/leases/bank/accounts/sum"
WORKER = os.path.join(os.path.dirname(__file__), "lease_worker.py")


@pytest.fixture
def bank(server):
    connection = server.connect()
    assert connection.request("POST", "/dbs", {"id": "bank"})[0] == 201
    definition = {"id": "accounts", "partitionKey": {"paths": ["/account"], "kind": "Hash", "version": 2}}
    assert connection.request("POST", "/dbs/bank/colls", definition)[0] == 201
    yield connection
    connection.close()


def put(connection, number, account):
    body = {"id": f"t{number}", "account": account, "amount": number}
    status, _, _ = connection.request(
        "POST", "/dbs/bank/colls/accounts/docs", body, {"x-ms-documentdb-partitionkey": json.dumps([account])})
    assert status in (201, 409)


def account(connection, name):
    status, body, _ = connection.request(
        "GET", "/dbs/bank/colls/accounts/docs/account", None, {"x-ms-documentdb-partitionkey": json.dumps([name])})
    return body if status == 200 else {"count": 0, "sum": 0}


def start_worker(server, owner):
    return subprocess.Popen(
        [sys.executable, WORKER, server.url, server.key, owner, "bank/accounts", str(LEASE_MILLISECONDS)],
        stderr=subprocess.DEVNULL)


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return False


def test_the_calls(bank):
    """Each call and each refusal, one after the other, as a worker sees them."""
    status, first, _ = bank.request("POST", f"{LEASES}/acquire", {"owner": "one", "milliseconds": 1000})
    assert (status, first["owner"], first["epoch"], first["lsn"]) == (200, "one", 1, 0)
    status, _, headers = bank.request("POST", f"{LEASES}/acquire", {"owner": "two"})
    assert status == 409 and 0 < int(headers["x-ms-retry-after-ms"]) <= 1000
    path = f"{LEASES}/{first['range']}"
    put(bank, 1, "a")
    status, page, _ = bank.request("GET", f"{path}/changes?epoch=1")
    assert status == 200 and [change["id"] for change in page["changes"]] == ["t1"]
    change = page["changes"][0]
    assert change["kind"] == "create" and change["item"]["amount"] == 1 and change["deliveryCount"] == 1
    # An output that is refused takes the checkpoint along, and all other outputs.
    outputs = [{"operationType": "Upsert", "resourceBody": {"id": "x", "account": "a"}},
               {"operationType": "Create", "resourceBody": {"id": "t1", "account": "a"}}]
    status, error, _ = bank.request("POST", f"{path}/commit", {"epoch": 1, "lsn": page["lsn"], "outputs": outputs})
    assert status == 409 and error["message"].startswith("Output 1:")
    assert bank.request("GET", f"{path}/changes?epoch=1")[1]["changes"] != []
    status, lease, _ = bank.request("POST", f"{path}/commit", {"epoch": 1, "lsn": page["lsn"], "outputs": outputs[:1]})
    assert status == 200 and lease["lsn"] == page["lsn"] and lease["expires"] > first["expires"]
    # What the handler puts out is not handed to it, unless it asks to.
    assert bank.request("GET", f"{path}/changes?epoch=1")[1]["changes"] == []
    own = bank.request("GET", f"{path}/changes?epoch=1&own=true")[1]["changes"]
    assert [change["id"] for change in own] == ["x"]
    assert bank.request("POST", f"{path}/renew", {"epoch": 1, "milliseconds": 1000})[0] == 200
    # Who waits is given the lease when it expires.
    began = time.monotonic()
    claim = {"owner": "two", "milliseconds": 60_000, "waitMilliseconds": 10_000}
    status, second, _ = bank.request("POST", f"{LEASES}/acquire", claim)
    assert (status, second["epoch"], second["lsn"]) == (200, 2, page["lsn"])
    assert time.monotonic() - began < 3
    for verb, body in [("commit", {"epoch": 1, "outputs": outputs[:1]}), ("renew", {"epoch": 1})]:
        assert bank.request("POST", f"{path}/{verb}", body)[0] == 412
    assert bank.request("GET", f"{path}/changes?epoch=1")[0] == 412
    status, listed, _ = bank.request("GET", LEASES)
    assert status == 200 and [lease["owner"] for lease in listed["leases"]] == ["two"]
    assert bank.request("POST", f"{path}/release", {"epoch": 2})[0] == 200
    assert bank.request("POST", f"{LEASES}/acquire", {"owner": "three"})[1]["epoch"] == 3
    for path, body in [(f"{LEASES}/acquire", {}), (f"{path}/commit", {}), (f"{path}/renew", {"epoch": "x"}),
                       (f"{LEASES}/acquire", {"owner": "x", "milliseconds": 1})]:
        assert bank.request("POST", path, body)[0] == 400
    assert bank.request("GET", "/_orrery/leases/bank/nothing/sum")[0] == 404


def test_leases_are_documents(bank):
    lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one"})[1]
    put(bank, 1, "a")
    page = bank.request("GET", f"{LEASES}/{lease['range']}/changes?epoch=1&waitMilliseconds=5000")[1]
    bank.request("POST", f"{LEASES}/{lease['range']}/commit", {"epoch": 1, "lsn": page["lsn"]})
    status, feed, _ = bank.request("GET", "/dbs/_orrery/colls/leases/docs")
    assert status == 200 and len(feed["Documents"]) == 1
    document = feed["Documents"][0]
    assert (document["handler"], document["database"], document["container"]) == ("sum", "bank", "accounts")
    assert (document["owner"], document["epoch"], document["lsn"]) == ("one", 1, page["lsn"])
    bank.request("POST", f"{LEASES}/{lease['range']}/release", {"epoch": 1})
    bank.request("POST", f"{LEASES}/acquire", {"owner": "two"})
    body = {"query": "SELECT VALUE c.owner FROM c WHERE c.handler = 'sum'", "parameters": []}
    headers = {"x-ms-documentdb-isquery": "true", "Content-Type": "application/query+json",
               "x-ms-documentdb-query-enablecrosspartition": "true"}
    status, rows, _ = bank.request("POST", "/dbs/_orrery/colls/leases/docs", body, headers)
    assert status == 200 and rows["Documents"] == ["two"]
    assert bank.request("POST", "/dbs/_orrery/colls/leases/docs", {"id": "x", "handler": "x"})[0] == 403


def test_an_operator_looks_after_workers(bank):
    lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one"})[1]
    path = f"{LEASES}/{lease['range']}"
    for number in range(3):
        put(bank, number, "a")
    status, handlers, _ = bank.request("GET", "/_orrery/handlers")
    assert status == 200
    handler = next(handler for handler in handlers if handler["name"] == "sum")
    assert handler["remote"] and handler["lag"] == 3 and not handler["paused"]
    assert bank.request("POST", "/_orrery/handlers/sum/pause")[0] == 204
    page = bank.request("GET", f"{path}/changes?epoch=1")[1]
    assert page["paused"] and page["changes"] == []
    assert bank.request("POST", "/_orrery/handlers/sum/resume")[0] == 204
    page = bank.request("GET", f"{path}/changes?epoch=1")[1]
    assert len(page["changes"]) == 3
    assert bank.request("POST", f"{path}/commit", {"epoch": 1, "lsn": page["lsn"]})[0] == 200
    assert bank.request("GET", "/_orrery/handlers")[1][0]["lag"] == 0
    # A replay takes the lease away, so that nobody commits behind its back.
    assert bank.request("POST", "/_orrery/handlers/sum/replay?lsn=1")[0] == 204
    assert bank.request("GET", f"{path}/changes?epoch=1")[0] == 412
    lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one"})[1]
    page = bank.request("GET", f"{path}/changes?epoch={lease['epoch']}")[1]
    assert [change["deliveryCount"] for change in page["changes"]] == [2, 2]
    assert bank.request("DELETE", "/_orrery/handlers/sum")[0] == 409
    bank.request("POST", f"{path}/release", {"epoch": lease["epoch"]})
    assert bank.request("DELETE", "/_orrery/handlers/sum")[0] == 204
    assert bank.request("GET", "/_orrery/handlers")[1] == []
    assert bank.request("POST", "/_orrery/handlers/sum/pause")[0] == 404


def test_a_worker_gives_up(bank):
    """Each owner that had a change counts, and the change that is given up is kept with what was wrong."""
    put(bank, 1, "a")
    put(bank, 2, "a")
    for epoch in [1, 2, 3]:
        lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one", "range": "0"})[1]
        path = f"{LEASES}/{lease['range']}"
        page = bank.request("GET", f"{path}/changes?epoch={epoch}")[1]
        assert [change["deliveryCount"] for change in page["changes"]] == [epoch, epoch]
    first = page["changes"][0]
    letter = {"lsn": first["lsn"], "idempotencyKey": first["idempotencyKey"], "error": "too odd", "attempts": 3}
    wrong = dict(letter, idempotencyKey="another")
    assert bank.request("POST", f"{path}/commit", {"epoch": 3, "lsn": page["lsn"], "deadLetters": [wrong]})[0] == 400
    assert bank.request("POST", f"{path}/commit", {"epoch": 3, "deadLetters": [{}]})[0] == 400
    assert bank.request("POST", f"{path}/commit", {"epoch": 2, "lsn": page["lsn"], "deadLetters": [letter]})[0] == 412
    for _ in range(2):
        body = {"epoch": 3, "lsn": first["lsn"], "deadLetters": [letter]}
        assert bank.request("POST", f"{path}/commit", body)[0] == 200
    status, feed, _ = bank.request("GET", "/dbs/bank/colls/accounts-dead-letters/docs")
    assert status == 200 and len(feed["Documents"]) == 1
    document = feed["Documents"][0]
    assert (document["trigger"], document["itemId"], document["error"]) == ("sum", "t1", "too odd")
    assert document["item"]["amount"] == 1 and (document["attempts"], document["deliveryCount"]) == (3, 3)
    # The checkpoint moved: who comes next is the second that has what is left.
    bank.request("POST", f"{LEASES}/acquire", {"owner": "one", "range": "0"})
    page = bank.request("GET", f"{path}/changes?epoch=4")[1]
    assert [(change["id"], change["deliveryCount"]) for change in page["changes"]] == [("t2", 2)]
    # What was given up comes again when an operator says so, until it is settled.
    status, redriven, _ = bank.request("POST", "/_orrery/handlers/sum/redrive")
    assert status == 200 and redriven == {"handled": 0, "failed": 0, "waiting": 1}
    for _ in range(2):
        page = bank.request("GET", f"{path}/changes?epoch=4&waitMilliseconds=5000")[1]
        assert [change["id"] for change in page["redriven"]] == ["t1"]
    again = page["redriven"][0]
    assert again["idempotencyKey"] == first["idempotencyKey"] and again["item"]["amount"] == 1
    outputs = [{"operationType": "Upsert", "resourceBody": {"id": "handled", "account": "a"}}]
    body = {"epoch": 4, "outputs": outputs, "settled": [again["deadLetter"]]}
    assert bank.request("POST", f"{path}/commit", body)[0] == 200
    assert "redriven" not in bank.request("GET", f"{path}/changes?epoch=4")[1]
    assert bank.request("GET", "/dbs/bank/colls/accounts-dead-letters/docs")[1]["Documents"] == []


def test_a_worker_is_killed_and_taken_over(server, bank):
    workers = {owner: start_worker(server, owner) for owner in ["one", "two"]}
    try:
        put(bank, 1, "a")
        assert until(lambda: account(bank, "a")["count"] == 1)
        owner = bank.request("GET", LEASES)[1]["leases"][0]["owner"]
        workers[owner].kill()
        died = time.monotonic()
        put(bank, 2, "a")
        assert until(lambda: account(bank, "a")["count"] == 2)
        # Within the lease's time and a second, by the other one.
        assert time.monotonic() - died < LEASE_MILLISECONDS / 1000 + 1
        assert bank.request("GET", LEASES)[1]["leases"][0]["owner"] != owner
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()


def test_a_worker_that_vanished_while_it_waited_is_taken_over(server, bank):
    """The lease that its request is given belongs to nobody, and ends like that of a worker that died."""
    lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one", "milliseconds": 60_000})[1]
    gone = server.connect()
    claim = {"owner": "gone", "milliseconds": LEASE_MILLISECONDS, "waitMilliseconds": 60_000}
    gone.http.request("POST", f"{LEASES}/acquire", json.dumps(claim), gone.headers)
    time.sleep(0.2)
    gone.close()
    assert bank.request("POST", f"{LEASES}/{lease['range']}/release", {"epoch": 1})[0] == 200
    released = time.monotonic()
    time.sleep(0.1)
    claim = {"owner": "two", "waitMilliseconds": 20_000}
    status, lease, _ = bank.request("POST", f"{LEASES}/acquire", claim)
    assert (status, lease["owner"]) == (200, "two")
    # Its request asks once a second, then its lease must end.
    assert time.monotonic() - released < 1 + LEASE_MILLISECONDS / 1000 + 1


def test_each_change_counts_once_whatever_is_killed(server, bank):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    owners, workers = 0, []
    try:
        number = 0
        for round in range(8):
            while len(workers) < 3:
                owners += 1
                workers.append(start_worker(server, f"worker-{owners}"))
            for _ in range(40):
                put(bank, number, f"account-{number % 5}")
                number += 1
            time.sleep(chance.uniform(0, 0.3))
            if round % 4 == 3:
                server.kill()
                server.start()
                bank.close()
                bank = server.connect()
            else:
                victim = workers.pop(chance.randrange(len(workers)))
                victim.kill()
                victim.wait()
        names = [f"account-{index}" for index in range(5)]
        until(lambda: sum(account(bank, name)["count"] for name in names) >= number, seconds=60)
        for index, name in enumerate(names):
            amounts = range(index, number, 5)
            found = account(bank, name)
            assert (found["count"], found["sum"]) == (len(amounts), sum(amounts)), f"seed {seed}, {name}"
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def test_the_command_looks_after_handlers(server, bank):
    lease = bank.request("POST", f"{LEASES}/acquire", {"owner": "one"})[1]
    for number in range(3):
        put(bank, number, "a")

    def orrery(*arguments):
        command = [os.environ["ORRERY_BINARY"], "handlers", *arguments, "--endpoint", server.url, "--key", server.key]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    status, text, _ = orrery("list")
    head, row = text.split("\n")
    assert status == 0 and head.split()[:4] == ["HANDLER", "CONTAINER", "STATE", "LAG"]
    assert row.split()[:4] == ["sum", "bank/accounts", "running", "3"]
    assert orrery("pause", "sum")[:2] == (0, "done")
    assert orrery("list")[1].split("\n")[1].split()[2] == "paused"
    assert orrery("resume", "sum")[:2] == (0, "done")
    assert orrery("replay", "sum", "--lsn", "1")[:2] == (0, "done")
    assert bank.request("GET", f"{LEASES}/{lease['range']}/changes?epoch=1")[0] == 412
    assert orrery("forget", "sum")[:2] == (0, "done")
    assert orrery("list")[1].count("\n") == 0
    assert orrery("pause", "sum")[0] == 1
    assert orrery("replay", "sum")[0] == 2 and "--lsn" in orrery("replay", "sum")[2]
