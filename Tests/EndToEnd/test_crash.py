"""Kills the server in the middle of concurrent writes, many times over; nothing acknowledged may be missing."""

import http.client
import json
import os
import random
import threading
import time

import pytest
from crash_model import CrashModel, document

ROUND_COUNT = int(os.environ.get("ORRERY_CRASH_ROUNDS", "20"))
WRITER_COUNT = 8
ITEMS = "/dbs/crash/colls/items/docs"


def partition_key(partition):
    return {"x-ms-documentdb-partitionkey": json.dumps([partition])}


class Writer(threading.Thread):
    """Creates, replaces, deletes and batches documents of a partition key of its own until the server is gone."""

    def __init__(self, number, server, model, random_source, live):
        super().__init__(daemon=True)
        self.partition = f"p{number}"
        self.connection = server.connect()
        self.model = model
        self.random = random_source
        self.live = live  # id -> sequence; outlives the thread, one round to the next
        self.fault = None
        self.acknowledged_count = 0

    def run(self):
        try:
            while True:
                self.write_once()
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass  # The server was killed; whatever was under way may or may not have happened.
        except AssertionError as fault:
            self.fault = fault
        finally:
            self.connection.close()

    def write_once(self):
        kind = self.random.random()
        if kind < 0.2:
            self.create_pair()
        elif kind < 0.6 or not self.live:
            self.write("POST", ITEMS, self.new_identifier(), 1, 201)
        else:
            identifier = self.random.choice(list(self.live))
            path = f"{ITEMS}/{identifier}"
            if kind < 0.85:
                self.write("PUT", path, identifier, self.live[identifier] + 1, 200)
            else:
                self.write("DELETE", path, identifier, None, 204)

    def new_identifier(self):
        return f"{self.partition}-{self.random.getrandbits(64):x}"

    def write(self, method, path, identifier, sequence, wanted):
        body = None if sequence is None else document(identifier, self.partition, sequence)
        self.model.begin(self.partition, identifier, sequence)
        status, answer, _ = self.connection.request(method, path, body, partition_key(self.partition))
        assert status == wanted, f"{method} {path}: {status} {answer}"
        self.model.acknowledge(self.partition, identifier, sequence)
        self.remember(identifier, sequence)

    def create_pair(self):
        pair = [self.new_identifier(), self.new_identifier()]
        self.model.begin_pair(self.partition, *pair)
        operations = [
            {"operationType": "Create", "resourceBody": document(identifier, self.partition, 1)}
            for identifier in pair]
        headers = {
            "x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "True",
            "x-ms-cosmos-batch-continue-on-error": "False", **partition_key(self.partition)}
        status, answer, _ = self.connection.request("POST", ITEMS, operations, headers)
        assert status == 200, f"batch: {status} {answer}"
        self.model.acknowledge_pair(self.partition, *pair)
        for identifier in pair:
            self.remember(identifier, 1)

    def remember(self, identifier, sequence):
        self.acknowledged_count += 1
        if sequence is None:
            del self.live[identifier]
        else:
            self.live[identifier] = sequence


class Splitter(threading.Thread):
    """Gives the container more throughput than its partitions serve, so that one of them is split, at some moment
    before the server is gone."""

    def __init__(self, server, request_units, delay_seconds):
        super().__init__(daemon=True)
        self.connection = server.connect()
        self.request_units = request_units
        self.delay_seconds = delay_seconds

    def run(self):
        try:
            time.sleep(self.delay_seconds)
            offer = self.connection.request("GET", "/offers")[1]["Offers"][0]
            content = {"content": {"offerThroughput": self.request_units}}
            self.connection.request("PUT", f"/offers/{offer['_rid']}", content)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        finally:
            self.connection.close()


def wait_for_splits(server):
    """Waits until what was begun is done. Returns how many partitions there are."""
    connection = server.connect()
    while connection.request("GET", "/offers")[1]["Offers"][0]["content"].get("isOfferReplacePending"):
        time.sleep(0.05)
    ranges = connection.request("GET", "/dbs/crash/colls/items/pkranges")[1]["PartitionKeyRanges"]
    assert all(range["status"] == "online" for range in ranges)
    return len(ranges)


def create_container(server, request_units):
    connection = server.connect()
    assert connection.request("POST", "/dbs", {"id": "crash"})[0] == 201
    container = {"id": "items", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}}
    throughput = {"x-ms-offer-throughput": str(request_units)}
    assert connection.request("POST", "/dbs/crash/colls", container, throughput)[0] == 201


def read_everything(server, places):
    """Each place by a point read, and the read feed beside it: both must tell the same."""
    connection = server.connect()
    found = {}
    for partition, identifier in places:
        status, item, _ = connection.request("GET", f"{ITEMS}/{identifier}", headers=partition_key(partition))
        assert status in (200, 404), f"{identifier}: {status} {item}"
        if status == 200:
            found[(partition, identifier)] = item
    continuation = {}
    listed = {}
    while True:
        status, page, headers = connection.request(
            "GET", ITEMS, headers={"x-ms-max-item-count": "1000", **continuation})
        assert status == 200, page
        for item in page["Documents"]:
            assert (item["pk"], item["id"]) not in listed, "listed twice"
            listed[(item["pk"], item["id"])] = item
        if "x-ms-continuation" not in headers:
            break
        continuation = {"x-ms-continuation": headers["x-ms-continuation"]}
    assert listed == found
    return found


@pytest.mark.parametrize("splits", [False, True], ids=["partitions", "splits"])
def test_what_was_acknowledged_survives_kill(server, splits):
    seed = int(os.environ.get("ORRERY_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed {seed}")
    random_source = random.Random(seed)
    # Several physical partitions, so that several logs are cut at once; or one, which is split again and again.
    create_container(server, 400 if splits else 30_000)
    model = CrashModel()
    live = [{} for _ in range(WRITER_COUNT)]
    acknowledged_count = 0
    for round_number in range(ROUND_COUNT):
        writers = [
            Writer(number, server, model, random.Random(random_source.getrandbits(64)), live[number])
            for number in range(WRITER_COUNT)]
        for writer in writers:
            writer.start()
        round_seconds = random_source.uniform(0.05, 0.5)
        if splits:
            delay_seconds = random_source.uniform(0, round_seconds)
            Splitter(server, 11_000 + 10_000 * round_number, delay_seconds).start()
        time.sleep(round_seconds)
        server.kill()
        for writer in writers:
            writer.join(timeout=60)
            assert not writer.is_alive()
            assert writer.fault is None, writer.fault
            acknowledged_count += writer.acknowledged_count
        server.start()
        found = read_everything(server, list(model.allowed))
        assert model.faults(found) == [], f"seed {seed}, round {round_number}"
        model.settle(found)
        for number in range(WRITER_COUNT):
            live[number] = {
                identifier: item["sequence"]
                for (partition, identifier), item in found.items() if partition == f"p{number}"}
    if splits:
        assert wait_for_splits(server) > ROUND_COUNT / 2
        assert model.faults(read_everything(server, list(model.allowed))) == []
    # A run that wrote next to nothing proves nothing.
    assert acknowledged_count > ROUND_COUNT * WRITER_COUNT
    print(f"{acknowledged_count} acknowledged writes in {ROUND_COUNT} rounds")
