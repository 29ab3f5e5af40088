"""A trace that a write began, followed through a bridge and its topic to the webhook that is told of it."""

import http.server
import json
import queue
import threading

from server import Server

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_writes_trace_arrives_at_the_webhook(tmp_path):
    told = queue.Queue()

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.put((event, self.headers.get("traceparent")))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    endpoint = {"endpointUrl": f"http://127.0.0.1:{listener.server_address[1]}/hook", "validation": "none"}
    events = tmp_path / "events.json"
    events.write_text(json.dumps({
        "topics": [{"name": "orders", "subscriptions": [{
            "name": "hook", "destination": {"endpointType": "WebHook", "properties": endpoint},
            "eventDeliverySchema": "CloudEventSchemaV1_0"}]}],
        "bridges": [{"container": "shop/orders", "topic": "orders"}]}))
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(folder, ["--webhook-networks", "loopback", "--events", str(events)])
    server.start()
    try:
        shop = server.connect()
        assert shop.request("POST", "/dbs", {"id": "shop"})[0] == 201
        definition = {"id": "orders", "partitionKey": {"paths": ["/customer"], "kind": "Hash", "version": 2}}
        assert shop.request("POST", "/dbs/shop/colls", definition)[0] == 201
        for id, headers in [("traced", {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}), ("untraced", {})]:
            item = {"id": id, "customer": "ada"}
            key = {"x-ms-documentdb-partitionkey": json.dumps(["ada"])}
            assert shop.request("POST", "/dbs/shop/colls/orders/docs", item, {**key, **headers})[0] == 201
        traces = {}
        while len(traces) < 2:
            event, trace = told.get(timeout=30)
            assert event["type"] == "Orrery.Item.Created"
            traces[event["subject"]] = trace
        # The trace is the write's, and each that carries it on is a part of it by itself.
        version, trace, part, flags = traces["docs/traced"].split("-")
        assert (version, trace, flags) == ("00", TRACE, "01") and len(part) == 16
        assert TRACE not in (traces["docs/untraced"] or "")
    finally:
        server.kill()
        listener.shutdown()
