"""Random wrong requests on every route: always an answer below 500, never the end of the process."""

import json
import os
import random
import socket

REQUEST_COUNT = int(os.environ.get("ORRERY_HOSTILE_REQUESTS", "20000"))

METHODS = ["GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW"]
KINDS = [
    "dbs", "colls", "docs", "users", "permissions", "sprocs", "triggers", "udfs", "conflicts", "offers", "pkranges",
    "operations", "attachments", "nonsense",
]
NAMES = [
    "d", "c", "i", "absent", "", "%20", "%", "%zz", "%00", "%ff%fe", "%2F", "a%2Fb", "..", ".", "'", '"', "é",
    "AQAAAA==", "AQAAAIAAAAI=", "AQAAAIAAAAIBAAAAAAAAAA==", "====", "A", "-", "x" * 300, "x" * 2000,
    "partitionkeydelete", "\u2028", "0", "-1",
]
VALUES = [
    "", "0", "-1", "1", "True", "False", "true", "[]", "[null]", "[{}]", '["p"]', "[1e400]", "[1,2,3,4]", "[", "]",
    "{", "null", '"*"', "*", "0:-1#1", "0:-1#99999999999999999999", "::::", "9" * 400, "%", "%zz", "é", "\x01",
    "type=master&ver=1.0&sig=x", "2023-01-01", "Thu, 01 Jan 1970 00:00:00 GMT", "A" * 5000, "FF", "zz", '""', "NaN",
    "1e999", "-0", "2147483648", "9223372036854775808", "Incremental Feed", "Full-Fidelity Feed", "eyJ2IjoxfQ==",
    "AAAA", "return=minimal", "EffectivePartitionKeyRange",
]
HEADERS = [
    "x-ms-documentdb-partitionkey", "x-ms-session-token", "x-ms-max-item-count", "x-ms-continuation", "If-Match",
    "If-None-Match", "If-Modified-Since", "Prefer", "A-IM", "x-ms-documentdb-partitionkeyrangeid", "x-ms-start-epk",
    "x-ms-end-epk", "x-ms-read-key-type", "x-ms-offer-throughput", "x-ms-cosmos-offer-autopilot-settings",
    "x-ms-documentdb-is-upsert", "x-ms-documentdb-isquery", "x-ms-documentdb-query-enablecrosspartition",
    "x-ms-cosmos-is-query-plan-request", "x-ms-cosmos-supported-query-features", "x-ms-cosmos-is-batch-request",
    "x-ms-cosmos-batch-atomic", "x-ms-cosmos-batch-continue-on-error", "x-ms-consistency-level", "x-ms-date", "date",
    "x-ms-cosmos-intended-collection-rid", "x-ms-indexing-directive", "x-ms-documentdb-expiry-seconds",
    "x-ms-documentdb-responsecontinuationtokenlimitinkb", "x-ms-version", "x-ms-activity-id", "Content-Type", "Host",
    "x-ms-cosmos-changefeed-wire-format-version", "x-ms-cosmos-query-version"]
BODIES = [
    "", "{", "[]", "null", "0", '""', "{}", '{"id":1}', '{"id":null}', '{"id":""}', '{"id":"i","pk":"p"}',
    '{"id":"i"}', '{"id":"i","pk":{"a":[]}}', '{"id":"i","pk":"p","ttl":-10}', "[" * 200, '{"a":' * 200,
    '{"id":"n","pk":"p","n":1e999}', '{"id":"\\ud800"}', "\xff\xfe", '{"id":"a/b"}', '{"id":"' + "x" * 2000 + '"}',
    '{"query":"SELECT * FROM c"}', '{"query":"SELECT"}', '{"query":1}', '{"query":"SELECT * FROM c WHERE c.a = @p"}',
    '{"query":"SELECT VALUE COUNT(1) FROM c","parameters":[{"name":1}]}', '{"query":"' + "(" * 3000 + '"}',
    '{"query":"SELECT * FROM c ORDER BY c.a OFFSET 99999999999 LIMIT -1"}',
    '{"query":"SELECT TOP 9223372036854775808 * FROM c"}', '{"query":"SELECT VALUE REPLICATE(\'a\',1e9) FROM c"}',
    '{"operations":[]}', '{"operations":[{"op":"incr","path":"/id","value":1}]}',
    '{"operations":[{"op":"move","path":"/a","from":"/"}]}', '{"operations":{}}',
    '{"operations":[{"op":"add","path":"/a/b/c/-1","value":1}],"condition":"FROM"}', '[{"operationType":"Create"}]',
    '[{"operationType":"Read","id":1}]', "[{}]", "[1]",
    '[{"operationType":"Create","resourceBody":{"id":"b","pk":"p"}}]', '{"id":"c2","partitionKey":{}}',
    '{"id":"c2","partitionKey":{"paths":["/a"],"kind":"Hash","version":99}}',
    '{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"indexingPolicy":1}',
    '{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"uniqueKeyPolicy":[]}',
    '{"id":"p","permissionMode":"all","resource":"dbs/d/colls/c"}', '{"content":{"offerThroughput":-1}}',
    '{"content":{"offerThroughput":1e300}}',
]


def random_path(source):
    if source.random() < 0.5:
        path = source.choice(["/dbs", "/dbs/d", "/dbs/d/colls", "/dbs/d/colls/c", "/dbs/d/colls/c/docs",
                              "/dbs/d/colls/c/docs", "/dbs/d/colls/c/docs/i", "/dbs/d/colls/c/pkranges",
                              "/dbs/d/users", "/offers", "/"])
    else:
        path = ""
        for kind in source.choices(KINDS, k=source.randrange(5)):
            path += f"/{kind}/{source.choice(NAMES)}"
        path = path or "/"
    if source.random() < 0.2:
        path += source.choice(["/", "//", "?", "?a=b", "/" + source.choice(KINDS), "#", "/%"])
    return path


def random_request(source, server):
    body = source.choice(BODIES).encode("latin-1", "replace")
    if source.random() < 0.05:
        body = bytes(source.getrandbits(8) for _ in range(source.randrange(300)))
    lines = [f"{source.choice(METHODS)} {random_path(source)} HTTP/1.1", "Host: localhost"]
    if source.random() < 0.95:
        lines.append(f"Authorization: Bearer {server.key}")
    else:
        lines.append(f"Authorization: {source.choice(VALUES)}")
    for name in source.sample(HEADERS, source.randrange(6)):
        lines.append(f"{name}: {source.choice(VALUES)}")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


class RawConnection:
    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30)

    def exchange(self, request):
        """The status, or None where the server closed without a word, which leaves the connection useless."""
        is_head = request.startswith(b"HEAD ")
        self.socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65536)
            if not piece:
                return None, False
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
        length = 0 if is_head else int(fields.get(b"content-length", b"0"))
        while len(body) < length:
            body += self.socket.recv(65536)
        return int(head.split()[1]), fields.get(b"connection", b"").strip() != b"close"


def prepare(connection):
    """Makes what the requests aim at, where one of them has deleted it."""
    container = {"id": "c", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}}
    item = {"id": "i", "pk": "p"}
    for path, body in [("/dbs", {"id": "d"}), ("/dbs/d/colls", container), ("/dbs/d/colls/c/docs", item)]:
        status, answer, _ = connection.request("POST", path, body)
        assert status in (201, 409), answer


def test_wrong_requests_get_the_clients_errors(server):
    seed = int(os.environ.get("ORRERY_SEED", random.SystemRandom().getrandbits(32)))
    print(f"seed {seed}")
    source = random.Random(seed)
    raw = RawConnection(server)
    statuses = {}
    connection = server.connect()
    for number in range(REQUEST_COUNT):
        if number % 50 == 0:
            prepare(connection)
        request = random_request(source, server)
        try:
            status, is_alive = raw.exchange(request)
        except (ConnectionError, TimeoutError) as error:
            raise AssertionError(f"seed {seed}, request {number}: {error!r} to {request!r}\n{server.log()}") from error
        assert server.process.poll() is None, f"seed {seed}, request {number}: {request!r}\n{server.log()}"
        assert status is None or status < 500, f"seed {seed}, request {number}: {status} to {request!r}"
        statuses[status] = statuses.get(status, 0) + 1
        if not is_alive:
            raw = RawConnection(server)
    print(json.dumps({str(status): count for status, count in sorted(statuses.items(), key=str)}))
    # The requests reached different parts, not only the first check.
    assert len([status for status in statuses if status is not None]) >= 6
