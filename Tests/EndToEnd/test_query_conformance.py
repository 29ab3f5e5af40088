"""Recorded queries and rows over HTTP: in one partition, and spread over several."""

import json
import os
from pathlib import Path

import pytest
from azure.cosmos import CosmosClient
from azure.cosmos.exceptions import CosmosHttpResponseError

FOLDER = Path(os.environ.get("ORRERY_CONFORMANCE", Path(__file__).parents[3] / "shared" / "conformance"))
SYSTEM_PROPERTIES = {"_rid", "_self", "_etag", "_attachments", "_ts"}
# Enough for five partitions.
THROUGHPUT = "30000"
# The SDK passes over the part of a partition that is undefined, where the service's own merge would heed it.
MERGED_OTHERWISE = {"mixed-065", "mixed-120", "mixed-121"}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the conformance folder is not there: set ORRERY_CONFORMANCE")


class Containers:
    """A container with one logical partition and one whose items lie in many, with the same items."""

    def __init__(self, server):
        self.server = server
        self.connection = server.connect()
        self.request("POST", "/dbs", {"id": "d"})
        self.count = 0

    def request(self, method, path, body, headers=None):
        status, answer, answered = self.connection.request(method, path, body, headers)
        assert status < 300, (status, answer)
        return answer, answered

    def fill(self, items):
        self.count += 1
        one, many = f"one{self.count}", f"many{self.count}"
        for name, path, headers in [(one, "/none", {}), (many, "/id", {"x-ms-offer-throughput": THROUGHPUT})]:
            definition = {"id": name, "partitionKey": {"paths": [path], "kind": "Hash", "version": 2}}
            self.request("POST", "/dbs/d/colls", definition, headers)
            for item in items:
                self.request("POST", f"/dbs/d/colls/{name}/docs", item)
        return one, many

    def rows(self, name, query, count_max=None, headers=None):
        """All rows, page by page; people's requests are merged by the server."""
        headers = {"x-ms-documentdb-isquery": "true", "Content-Type": "application/query+json", **(headers or {})}
        if count_max:
            headers["x-ms-max-item-count"] = str(count_max)
        rows = []
        while True:
            answer, answered = self.request("POST", f"/dbs/d/colls/{name}/docs", {"query": query}, headers)
            rows += answer["Documents"]
            if "x-ms-continuation" not in answered:
                return [without_system_properties(row) for row in rows]
            headers["x-ms-continuation"] = answered["x-ms-continuation"]

    def rows_by_sdk(self, name, query):
        """All rows as the official SDK merges them; None where it cannot."""
        client = CosmosClient(self.server.url, self.server.key)
        container = client.get_database_client("d").get_container_client(name)
        try:
            rows = list(container.query_items(query, enable_cross_partition_query=True))
        except CosmosHttpResponseError as error:
            assert error.status_code == 400
            return None
        except ValueError:
            return None
        return [without_system_properties(row) for row in rows]


@pytest.fixture
def containers(server):
    return Containers(server)


def without_system_properties(row):
    if not isinstance(row, dict):
        return row
    return {name: value for name, value in row.items() if name not in SYSTEM_PROPERTIES}


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def close(a, b):
    """Deep equality; numbers may differ by what rounding makes of them."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[name], b[name]) for name in a)
    return a == b


def same_bag(a, b):
    rest = list(b)
    for element in a:
        index = next((index for index, other in enumerate(rest) if close(element, other)), None)
        if index is None:
            return False
        rest.pop(index)
    return not rest


def ways(containers, one, many, query):
    yield "one", containers.rows(one, query, headers={"x-ms-documentdb-partitionkey": "[{}]"})
    yield "paged", containers.rows(one, query, 1, {"x-ms-documentdb-partitionkey": "[{}]"})
    yield "many", containers.rows(many, query)
    yield "many, paged", containers.rows(many, query, 2)
    merged = containers.rows_by_sdk(many, query)
    if merged is not None:
        yield "merged", merged


def test_samples(containers):
    wrong = []
    one, many = containers.fill([])
    for sample in load("query-samples.json"):
        if "known_bad_sample" in sample or sample["name"].startswith("st-"):
            continue
        if "seed" in sample:
            one, many = containers.fill(sample["seed"])
        query, wanted = sample["query"], sample["result"]
        is_ordered = "ORDER BY" in query.upper()
        for way, rows in ways(containers, one, many, query):
            if "nondeterministic" in sample:
                assert rows
            elif not (close(rows, wanted) if is_ordered else same_bag(rows, wanted)):
                wrong.append((sample["name"], way, rows, wanted))
    assert not wrong


@pytest.mark.parametrize("name", ["aggregates-mixed-types.json", "group-by.json"])
def test_recorded_rows(containers, name):
    file = load(name)
    one, many = containers.fill(file["seed"])
    wrong = []
    for case in file["cases"]:
        for way, rows in ways(containers, one, many, case["query"]):
            wanted = case.get("result", case.get("unorderedResult"))
            if way == "merged" and (case["name"] in MERGED_OTHERWISE or wanted == [] and rows == [None]):
                continue  # The SDK also makes None of what is undefined.
            if case.get("ignoreElementOrder"):
                is_right = len(rows) == len(wanted) and all(map(same_bag, rows, wanted))
            else:
                is_right = same_bag(rows, wanted)
            if not is_right:
                wrong.append((case["name"], way, rows, wanted))
    assert not wrong
