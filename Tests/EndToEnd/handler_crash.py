#!/usr/bin/env python3
"""Kills an app with handlers at random, under load, and checks what its handler did.

The app is the shop example: transactions are posted to their account, which lists their numbers. Each writer writes the
transactions of one account, numbered from 0, each until it is acknowledged. Whatever was killed whenever, an account
must list 0, 1, 2 … up to the last one that was acknowledged: all of them, in their order, each once.

With --plant the run itself does what must not happen, and passes only if that is found: `again` has changes handed over
a second time, `skip` has some passed by.

    handler_crash.py PROGRAM [SECONDS] [SEED] [--plant again|skip]
"""
import argparse, json, os, random, sys, tempfile, threading, time
import urllib.error

from server import Server

KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
ITEMS = "/dbs/bank/colls/accounts/docs"


def faults(accounts, acknowledged):
    """What is wrong with accounts' lists of posted numbers, given how many of each were acknowledged."""
    found = []
    for account, count in acknowledged.items():
        posted = accounts.get(account, [])
        wanted = list(range(count))
        # The last write may have been made without being acknowledged.
        if posted in (wanted, wanted + [count]):
            continue
        if sorted(set(wanted) - set(posted)):
            found.append(f"{account}: never handled {sorted(set(wanted) - set(posted))[:5]}")
        elif len(posted) != len(set(posted)):
            again = [number for place, number in enumerate(posted) if number in posted[:place]]
            found.append(f"{account}: handled more than once: {again[:5]} of {count}")
        else:
            found.append(f"{account}: out of order")
    return found


def check_the_checker():
    """A checker that finds nothing proves nothing: plant each fault."""
    assert faults({"a": [0, 1, 2]}, {"a": 3}) == []
    assert faults({"a": [0, 1, 2, 3]}, {"a": 3}) == []
    assert "never" in faults({"a": [0, 2]}, {"a": 3})[0]
    assert "never" in faults({}, {"a": 3})[0]
    assert "more than once" in faults({"a": [0, 1, 1, 2]}, {"a": 3})[0]
    assert "order" in faults({"a": [0, 2, 1]}, {"a": 3})[0]


class App(Server):
    """The example's program, which takes what it needs from its environment."""

    ready_path = "/healthz"

    def __init__(self, program, folder):
        super().__init__(os.path.join(folder, "data"), key=KEY)
        self.program = program

    def command(self):
        return [self.program]

    def environment(self):
        return dict(os.environ, ORRERY_DATA=self.folder, ORRERY_PORT=str(self.port))

    def send(self, method, path, body=None, key=None):
        headers = {"x-ms-version": "2020-07-15"}
        if key is not None:
            headers["x-ms-documentdb-partitionkey"] = json.dumps([key])
        return super().send(method, path, body, headers)


def write(app, account, acknowledged, stop):
    number = 0
    while not stop.is_set():
        body = {"id": f"t{number}", "account": account, "amount": 1, "number": number}
        try:
            app.send("POST", ITEMS, body, account)
        except urllib.error.HTTPError as error:
            if error.code != 409:  # A conflict is a write that was made before the crash.
                time.sleep(0.01)
                continue
        except OSError:
            time.sleep(0.01)
            continue
        number += 1
        acknowledged[account] = number


def plant(app, fault):
    """Does to the handler what a crash must not."""
    control = "/_orrery/handlers/post/"
    if fault == "again":
        app.send("POST", control + "replay?lsn=1", {})
    elif fault == "skip":
        app.send("POST", control + "pause", {})
        time.sleep(0.5)
        app.send("POST", control + f"replay?lsn={1 << 53}", {})
        app.send("POST", control + "resume", {})


def main():
    check_the_checker()
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("seconds", nargs="?", type=float, default=60)
    parser.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--plant", choices=["again", "skip"])
    options = parser.parse_args()
    program, seconds, seed = options.program, options.seconds, options.seed
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        app = App(program, folder)
        app.start()
        app.send("POST", "/dbs", {"id": "bank"})
        definition = {"id": "accounts", "partitionKey": {"paths": ["/account"], "kind": "Hash", "version": 2}}
        app.send("POST", "/dbs/bank/colls", definition)
        acknowledged, stop, kills = {}, threading.Event(), 0
        names = [f"account-{number}" for number in range(8)]
        writers = [threading.Thread(target=write, args=(app, name, acknowledged, stop), daemon=True) for name in names]
        for writer in writers:
            writer.start()
        end = time.time() + seconds
        try:
            while time.time() < end:
                time.sleep(chance.uniform(0.1, 2.0))
                app.kill()
                kills += 1
                app.start()
            plant(app, options.plant)
        finally:
            stop.set()
        for writer in writers:
            writer.join()
        for _ in range(600):
            handlers = json.loads(app.send("GET", "/_orrery/handlers"))
            post = next(handler for handler in handlers if handler["name"] == "post")
            if post["lag"] == 0 and post["places"]:
                break
            time.sleep(0.1)
        accounts = {}
        for name in names:
            accounts[name] = json.loads(app.send("GET", f"{ITEMS}/account", key=name))["posted"]
        app.kill()
    total = sum(acknowledged.values())
    found = faults(accounts, acknowledged)
    print(f"{total} changes, {kills} kills, {len(found)} faults")
    for fault in found:
        print(fault)
    as_wanted = bool(found) == bool(options.plant)
    sys.exit(0 if as_wanted and total else 1)


main()
