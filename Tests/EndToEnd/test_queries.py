"""Queries of every shape against what Python makes of the same items: over one partition and over several, whole and
page by page, before and after a restart. The build that is shipped is not the one that unit tests run on."""

import random
from collections import defaultdict

import pytest

ITEM_COUNT = 6000
BATCH_SIZE = 100
# Enough for five partitions.
THROUGHPUT = "30000"


def make_items(seed):
    rng = random.Random(seed)
    # Each its own: which of two equal ones TOP ends with is not told.
    ranks = rng.sample(range(1_000_000), ITEM_COUNT)
    for number in range(ITEM_COUNT):
        item = {
            "id": f"i{number}", "tenant": f"t{number // BATCH_SIZE}", "number": number,
            "rank": ranks[number], "kind": f"kind-{rng.randrange(7)}", "open": number % 2 == 0,
            "price": rng.randrange(10_000) / 4, "tags": rng.sample(["a", "b", "c", "d"], 2),
        }
        if number % 11:
            # Places of the index with more items than a group of rows.
            item["shelf"] = rng.randrange(40)
        yield item


class Container:
    """The items in a container of one partition or of several; every query is merged by the server."""

    def __init__(self, connection, name):
        self.connection = connection
        self.path = f"/dbs/d/colls/{name}"

    def make(self, items, headers):
        definition = {
            "id": self.path.split("/")[-1], "partitionKey": {"paths": ["/tenant"], "kind": "Hash", "version": 2}}
        self.send("/dbs/d/colls", definition, headers)
        flags = {"x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "True"}
        for first in range(0, len(items), BATCH_SIZE):
            batch = items[first:first + BATCH_SIZE]
            operations = [{"operationType": "Create", "resourceBody": item} for item in batch]
            key = f'["{batch[0]["tenant"]}"]'
            self.send(f"{self.path}/docs", operations, {**flags, "x-ms-documentdb-partitionkey": key})

    def send(self, path, body, headers):
        status, answer, answered = self.connection.request("POST", path, body, headers)
        assert status < 300, (status, answer)
        return answer, answered

    def rows(self, query, page=None, **parameters):
        headers = {"x-ms-documentdb-isquery": "true", "Content-Type": "application/query+json"}
        if page:
            headers["x-ms-max-item-count"] = str(page)
        body = {"query": query, "parameters": [{"name": f"@{name}", "value": value} for name, value in
                                               parameters.items()]}
        rows = []
        while True:
            answer, answered = self.send(f"{self.path}/docs", body, headers)
            assert page is None or len(answer["Documents"]) <= page
            rows += [plain(row) for row in answer["Documents"]]
            if "x-ms-continuation" not in answered:
                return rows
            headers["x-ms-continuation"] = answered["x-ms-continuation"]


def plain(row):
    if not isinstance(row, dict):
        return row
    return {name: value for name, value in row.items() if not name.startswith("_")}


def groups(items, name):
    found = defaultdict(list)
    for item in items:
        found[item[name]].append(item)
    return found


def by(name):
    return lambda row: row[name]


def cases(items):
    """Query, parameters, the rows it must have, and by what their order is told; None where it is not."""
    above = [item for item in items if item["rank"] >= 400_000]
    shelved = [item for item in items if "shelf" in item]
    ranked = sorted(above, key=by("rank"))
    yield "SELECT * FROM c WHERE c.rank >= @x ORDER BY c.rank", {"x": 400_000}, ranked, by("rank")
    yield "SELECT TOP 10 * FROM c WHERE c.rank >= @x ORDER BY c.rank", {"x": 400_000}, ranked[:10], by("rank")
    yield ("SELECT TOP 25 c.id, c.rank FROM c WHERE c.rank >= @x ORDER BY c.rank DESC", {"x": 400_000},
           [{"id": item["id"], "rank": item["rank"]} for item in ranked[::-1][:25]], by("rank"))
    yield ("SELECT * FROM c WHERE c.shelf >= @x ORDER BY c.shelf DESC", {"x": 20},
           [item for item in shelved if item["shelf"] >= 20], by("shelf"))
    yield ("SELECT VALUE c.rank FROM c WHERE c.open ORDER BY c.rank OFFSET 50 LIMIT 20", {},
           sorted(item["rank"] for item in items if item["open"])[50:70], lambda row: row)
    yield "SELECT * FROM c WHERE c.number = @x", {"x": 77}, [items[77]], None
    yield "SELECT * FROM c WHERE c.kind = 'kind-3'", {}, [item for item in items if item["kind"] == "kind-3"], None
    yield ("SELECT c.id FROM c WHERE c.price * 2 > @x", {"x": 4000},
           [{"id": item["id"]} for item in items if item["price"] * 2 > 4000], None)
    yield ("SELECT VALUE t FROM c JOIN t IN c.tags WHERE t = 'b'", {},
           ["b" for item in items if "b" in item["tags"]], None)
    yield "SELECT VALUE COUNT(1) FROM c", {}, [len(items)], None
    yield ("SELECT VALUE COUNT(1) FROM c WHERE c.shelf = @x", {"x": 5},
           [sum(item.get("shelf") == 5 for item in items)], None)
    yield ("SELECT MIN(c.rank) AS least, MAX(c.rank) AS most FROM c", {},
           [{"least": min(map(by("rank"), items)), "most": max(map(by("rank"), items))}], None)
    yield ("SELECT VALUE SUM(c.price) FROM c WHERE c.rank >= @x", {"x": 400_000},
           [sum(map(by("price"), above))], None)
    yield "SELECT DISTINCT c.kind FROM c", {}, [{"kind": kind} for kind in groups(items, "kind")], None
    yield ("SELECT DISTINCT VALUE c.shelf FROM c WHERE IS_DEFINED(c.shelf)", {},
           list(groups(shelved, "shelf")), None)
    yield ("SELECT c.kind, COUNT(1) AS many FROM c GROUP BY c.kind", {},
           [{"kind": kind, "many": len(group)} for kind, group in groups(items, "kind").items()], None)
    yield ("SELECT c.kind, AVG(c.price) AS mean FROM c WHERE c.rank >= @x GROUP BY c.kind", {"x": 400_000},
           [{"kind": kind, "mean": sum(map(by("price"), group)) / len(group)}
            for kind, group in groups(above, "kind").items()], None)


def differences(container, items, page):
    for query, parameters, wanted, order in cases(items):
        rows = container.rows(query, page, **parameters)
        if order and [order(row) for row in rows] != sorted(map(order, rows), reverse="DESC" in query):
            yield query, "order", rows[:5]
        if not same(rows, wanted):
            yield query, len(rows), rows[:5], len(wanted), wanted[:5]


def same(rows, wanted):
    """Whether the rows are these, in any order; means and sums to what rounding makes of them."""
    rows, wanted = (sorted(map(text, some)) for some in (rows, wanted))
    return rows == wanted


def text(row):
    if isinstance(row, float):
        return f"{row:.9g}"
    if isinstance(row, dict):
        return "{" + ",".join(f"{name}:{text(row[name])}" for name in sorted(row)) + "}"
    return f"{row:.9g}" if isinstance(row, int) and not isinstance(row, bool) else repr(row)


@pytest.mark.parametrize("name, headers", [("one", {}), ("many", {"x-ms-offer-throughput": THROUGHPUT})])
def test_rows_are_those_of_a_plain_evaluation(server, name, headers):
    seed = random.randrange(1 << 32)
    items = list(make_items(seed))
    connection = server.connect()
    assert connection.request("POST", "/dbs", {"id": "d"})[0] == 201
    container = Container(connection, name)
    container.make(items, headers)
    wrong = [(page, *each) for page in (None, 1000, 97) for each in differences(container, items, page)]
    server.stop()
    server.start()
    container.connection = server.connect()
    wrong += [("restarted", *each) for each in differences(container, items, None)]
    assert not wrong, (seed, wrong)
