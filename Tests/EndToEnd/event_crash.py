#!/usr/bin/env python3
"""Kills a server that routes events at random, under load, and adds up what became of each event.

Publishers publish numbered events until each is acknowledged. Four subscriptions have them: `hook` (a webhook that
fails some of them, and refuses others for good), `odd` (the same, with a filter), `dead` (a webhook that nobody serves)
and `pull` (a receiver that acknowledges). Whatever was killed whenever: each event that was acknowledged to its
publisher, and that a subscription matches, was delivered, or is among the subscription's dead letters, or is still
queued. What is queued is seen by giving the subscriptions an endpoint that takes everything, at the end.

With --plant a subscription is deleted and made again while it has events in hand, which are lost by that; then the run
passes only if that is found.

    event_crash.py PROGRAM [SECONDS] [SEED] [--plant]
"""
import argparse, json, os, random, sys, tempfile, threading, time
import http.client, http.server

from server import Server, free_port

KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
NATIVE = "/_orrery/events/topics/load/subscriptions/"


def faults(acknowledged, accounts):
    """What is wrong: events that were acknowledged and are in none of a subscription's sets."""
    found = []
    for name, (wanted, delivered, buried) in accounts.items():
        lost = {event for event in acknowledged if wanted(event)} - delivered - buried
        if lost:
            found.append(f"{name}: {len(lost)} lost, such as {sorted(lost)[:3]}")
        strange = {event for event in delivered | buried if not wanted(event)}
        if strange:
            found.append(f"{name}: was not to have {sorted(strange)[:3]}")
    return found


def check_the_checker():
    """A checker that finds nothing proves nothing: plant each fault."""
    every = lambda event: True
    assert faults({"1", "2"}, {"s": (every, {"1"}, {"2"})}) == []
    assert "lost" in faults({"1", "2"}, {"s": (every, {"1"}, set())})[0]
    assert "not to have" in faults({"1"}, {"s": (lambda event: False, {"1"}, set())})[0]


class Endpoint:
    """A webhook: `/hook`, `/odd` and `/dead` note what they took under their name."""

    def __init__(self, chance):
        self.taken = {"hook": set(), "odd": set(), "dead": set()}
        self.fails = 0.1
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = self.path.strip("/").split("-")[0]
                status = 200
                if chance.random() < endpoint.fails:
                    status = 400 if chance.random() < 0.1 else 500
                if status == 200:
                    for event in body if isinstance(body, list) else [body]:
                        endpoint.taken[name].add(event["id"])
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            def handle_error(self, request, address):
                """A connection of a server that was killed: nothing to tell of."""

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def webhook(port, path, filter=None):
    properties = {"endpointUrl": f"http://127.0.0.1:{port}/{path}", "validation": "none"}
    definition = {"destination": {"endpointType": "WebHook", "properties": properties}, "deliveryLog": "none"}
    if filter:
        definition["filter"] = filter
    return definition


class EventServer(Server):
    def __init__(self, folder, endpoint):
        super().__init__(os.path.join(folder, "data"), key=KEY)
        self.definitions = {
            "hook": webhook(endpoint.port, "hook"),
            "odd": webhook(endpoint.port, "odd", {"includedEventTypes": ["Odd"]}),
            "dead": webhook(free_port(), "dead"),
            "pull": {"destination": {"endpointType": "Pull"}},
        }
        subscriptions = [dict(name=name, **definition) for name, definition in self.definitions.items()]
        configuration = os.path.join(folder, "events.json")
        with open(configuration, "w") as file:
            json.dump({"topics": [{"name": "load", "subscriptions": subscriptions}]}, file)
        self.options = ["--webhook-networks", "loopback", "--events", configuration]

    def start(self):
        super().start()
        # From here on the server knows its topics by itself.
        self.options = self.options[:2]

    def send(self, method, path, body=None):
        return super().send(method, path, body, {"Content-Type": "application/cloudevents-batch+json"}, timeout=130)

    def status(self, name):
        return json.loads(self.send("GET", NATIVE + name))["properties"]["status"]

    def dead_letters(self, name):
        letters = json.loads(self.send("GET", NATIVE + name + "/deadLetters"))["value"]
        return {letter["event"]["id"] for letter in letters}


def publish(server, writer, acknowledged, stop):
    number = 0
    while not stop.is_set():
        ids = [f"{writer}-{number + place}" for place in range(1 + number % 5)]
        events = [
            {"specversion": "1.0", "id": id, "source": "/load", "type": "Odd" if is_odd(id) else "Even", "data": id}
            for id in ids
        ]
        try:
            server.send("POST", "/topics/load/api/events", events)
        except (OSError, http.client.HTTPException):
            time.sleep(0.01)
            continue
        acknowledged.update(ids)
        number += len(ids)


def is_odd(id):
    return int(id.split("-")[1]) % 2 == 1


def pull(server, taken, stop):
    path = "/topics/load/eventsubscriptions/pull:"
    while not stop.is_set():
        try:
            events = json.loads(server.send("POST", path + "receive?maxEvents=100&maxWaitTime=10"))["value"]
            tokens = [event["brokerProperties"]["lockToken"] for event in events]
            # It is done with them before it says so: what it says may be lost in a crash.
            taken.update(event["event"]["id"] for event in events)
            if tokens:
                server.send("POST", path + "acknowledge", {"lockTokens": tokens})
        except (OSError, KeyError, http.client.HTTPException):
            time.sleep(0.01)


def drain(server, names):
    """Waits until subscriptions have nothing in hand and nothing behind that."""
    for _ in range(1200):
        states = [server.status(name) for name in names]
        if all(state["eventsInHand"] == 0 and state["eventsBehindMax"] == 0 for state in states):
            return
        time.sleep(0.1)
    print("still queued:", {name: server.status(name) for name in names})


def main():
    check_the_checker()
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("seconds", nargs="?", type=float, default=60)
    parser.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--plant", action="store_true")
    options = parser.parse_args()
    os.environ["ORRERY_BINARY"] = options.program
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(chance)
        server = EventServer(folder, endpoint)
        server.start()
        acknowledged, pulled = set(), set()
        stop, kills = threading.Event(), 0
        workers = [threading.Thread(target=publish, args=(server, name, acknowledged, stop)) for name in "abcd"]
        receiver = threading.Thread(target=pull, args=(server, pulled, stop), daemon=True)
        for worker in workers + [receiver]:
            worker.daemon = True
            worker.start()
        end = time.time() + options.seconds
        while time.time() < end:
            time.sleep(chance.uniform(0.2, 2.0))
            server.kill()
            kills += 1
            server.start()
        if options.plant:
            server.send("DELETE", NATIVE + "dead")
            server.send("PUT", NATIVE + "dead", server.definitions["dead"])
        stop.set()
        for worker in workers:
            worker.join()
        endpoint.fails = 0
        # A new address has everything tried at once that waited for the old one.
        server.send("PUT", NATIVE + "hook", webhook(endpoint.port, "hook-again"))
        server.send("PUT", NATIVE + "odd", webhook(endpoint.port, "odd-again", {"includedEventTypes": ["Odd"]}))
        server.send("PUT", NATIVE + "dead", webhook(endpoint.port, "dead-again"))
        stop.clear()
        if not receiver.is_alive():
            receiver = threading.Thread(target=pull, args=(server, pulled, stop), daemon=True)
            receiver.start()
        drain(server, ["hook", "odd", "dead"])
        deadline = time.time() + 90
        while acknowledged - pulled and time.time() < deadline:
            time.sleep(0.2)
        every = lambda event: True
        accounts = {name: (every, endpoint.taken[name], server.dead_letters(name)) for name in ["hook", "dead"]}
        accounts["odd"] = (is_odd, endpoint.taken["odd"], server.dead_letters("odd"))
        accounts["pull"] = (every, pulled, server.dead_letters("pull"))
        found = faults(acknowledged, accounts)
        server.kill()
        buried = {name: len(account[2]) for name, account in accounts.items()}
        print(f"{len(acknowledged)} events acknowledged, {kills} kills, dead letters {buried}")
        for fault in found:
            print(fault)
        if options.plant:
            sys.exit(0 if any("lost" in fault for fault in found) else "the planted loss was not found")
        sys.exit(1 if found else 0)


main()
