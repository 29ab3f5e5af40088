"""The gateway under many connections at once: not one call more than a limit, over HTTP."""

import collections
import http.client
import json
import threading
import time

from server import Server

CONNECTIONS = 128
CALLS = 40

RATE = 200
WINDOW_SECONDS = 1
BURST = 4000
QUOTA = 1500
UNITS = 700


def api(name, policy):
    return {"id": name, "path": f"/{name}", "requiresSubscription": False, "policies": [policy],
            "operations": [{"id": "get", "method": "GET", "policies": [{"policy": "mock-response"}]}]}


CONFIGURATION = {
    "apis": [
        api("rate", {"policy": "rate-limit-by-key", "calls": RATE, "seconds": WINDOW_SECONDS, "key": "all"}),
        api("burst", {"policy": "rate-limit-by-key", "calls": BURST, "seconds": 300, "key": "all"}),
        api("quota", {"policy": "quota-by-key", "calls": QUOTA, "seconds": 31622400, "key": "all"}),
        {"id": "units", "path": "/units", "requiresSubscription": False,
         "policies": [{"policy": "request-units", "units": UNITS, "seconds": 86400, "key": "all"}],
         "resource": {"container": "shop/items", "partitionKey": ["p"]}},
    ],
}


class Fire:
    """Calls from as many connections as there are threads, all beginning at the same moment."""

    def __init__(self, port, path, calls=CALLS):
        self.port, self.path, self.calls = port, path, calls
        self.barrier = threading.Barrier(CONNECTIONS)
        self.lock = threading.Lock()
        # For each answer its status, and when its request was begun and its answer there.
        self.answers = []

    def run(self):
        threads = [threading.Thread(target=self.send) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def send(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        self.barrier.wait()
        mine = []
        for _ in range(self.calls):
            began = time.monotonic()
            connection.request("GET", self.path)
            response = connection.getresponse()
            response.read()
            mine.append((response.status, began, time.monotonic()))
        connection.close()
        with self.lock:
            self.answers += mine

    @property
    def counts(self):
        return collections.Counter(status for status, _, _ in self.answers)


def serve(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(CONFIGURATION))
    server = Server(folder, options=["--gateway", str(file)])
    server.start()
    return server


def test_no_stretch_has_a_call_over_a_rate(tmp_path):
    server = serve(tmp_path)
    try:
        fire = Fire(server.port, "/rate").run()
    finally:
        server.kill()
    assert sum(fire.counts.values()) == CONNECTIONS * CALLS
    assert set(fire.counts) == {200, 429}
    # What was begun and answered within a stretch as long as the window was let pass within it.
    passed = sorted((began, ended) for status, began, ended in fire.answers if status == 200)
    assert len(passed) >= RATE
    for index, (start, _) in enumerate(passed):
        within = [ended for _, ended in passed[index:] if ended < start + WINDOW_SECONDS]
        assert len(within) <= RATE


def test_a_burst_gets_its_rate_and_no_call_more(tmp_path):
    server = serve(tmp_path)
    try:
        fire = Fire(server.port, "/burst").run()
    finally:
        server.kill()
    assert fire.counts == {200: BURST, 429: CONNECTIONS * CALLS - BURST}


def test_no_call_over_a_quota_though_the_server_is_killed(tmp_path):
    server = serve(tmp_path)
    passed = 0
    try:
        first = Fire(server.port, "/quota", calls=8).run()
        passed += first.counts[200]
        assert first.counts == {200: CONNECTIONS * 8}
        server.kill()
        server.start()
        second = Fire(server.port, "/quota").run()
        passed += second.counts[200]
    finally:
        server.kill()
    assert set(second.counts) == {200, 403}
    # A block that was set aside when the server was killed may be lost, and is never given twice.
    assert QUOTA - QUOTA // 100 * 2 <= passed <= QUOTA


def test_no_unit_over_a_budget(tmp_path):
    server = serve(tmp_path)
    try:
        server.send("POST", "/dbs", {"id": "shop"})
        server.send("POST", "/dbs/shop/colls", {"id": "items", "partitionKey": {"paths": ["/pk"], "kind": "Hash"}})
        server.send("POST", "/dbs/shop/colls/items/docs", {"id": "1", "pk": "p"},
                    {"x-ms-documentdb-partitionkey": '["p"]'})
        fire = Fire(server.port, "/units/1").run()
    finally:
        server.kill()
    assert set(fire.counts) == {200, 429}
    # A read of a small item takes one unit, which is what is set aside for a call of which nothing is known.
    took = max(ended for _, _, ended in fire.answers) - min(began for _, began, _ in fire.answers)
    assert UNITS <= fire.counts[200] <= UNITS + int(took * UNITS / 86400)
