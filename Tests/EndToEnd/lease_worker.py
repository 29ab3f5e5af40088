#!/usr/bin/env python3
"""A handler of changes in a process of its own, in fifty lines of standard Python: keeps in each account's partition a
document with the sum of its transactions. It takes leases, reads, and commits what it put out together with how far it
is, so each transaction counts once, whatever is killed whenever.

    lease_worker.py URL KEY OWNER DATABASE/CONTAINER [LEASE_MILLISECONDS]
"""
import json
import sys
import time
import urllib.error
import urllib.request


class Worker:
    def __init__(self, url, key, owner, container, milliseconds):
        self.base, self.key, self.owner = url.rstrip("/"), key, owner
        self.database, self.container = container.split("/")
        self.leases = f"/_orrery/leases/{container}/sum"
        self.milliseconds = milliseconds

    def send(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method, headers={
            "Authorization": f"Bearer {self.key}", "x-ms-version": "2020-07-15", **(headers or {})})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def acquire(self):
        return self.send("POST", f"{self.leases}/acquire", {
            "owner": self.owner, "milliseconds": self.milliseconds, "waitMilliseconds": 20_000})

    def account(self, name):
        path = f"/dbs/{self.database}/colls/{self.container}/docs/account"
        try:
            return self.send("GET", path, headers={"x-ms-documentdb-partitionkey": json.dumps([name])})
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return {"id": "account", "account": name, "sum": 0, "count": 0}

    def handle(self, changes):
        accounts = {}
        for change in changes:
            name = change["item"]["account"]
            account = accounts.setdefault(name, self.account(name) if name not in accounts else None)
            account["sum"] += change["item"]["amount"]
            account["count"] += 1
        return [{"operationType": "Upsert", "resourceBody": account} for account in accounts.values()]

    def run(self, lease):
        """Works under a lease until it is lost."""
        path, epoch = f"{self.leases}/{lease['range']}", lease["epoch"]
        wait = self.milliseconds // 3
        while True:
            page = self.send("GET", f"{path}/changes?epoch={epoch}&max=20&waitMilliseconds={wait}")
            body = {"epoch": epoch, "milliseconds": self.milliseconds, "lsn": page["lsn"],
                    "outputs": self.handle(page["changes"])}
            self.send("POST", f"{path}/commit", body)


def main():
    worker = Worker(*sys.argv[1:5], int(sys.argv[5]) if len(sys.argv) > 5 else 10_000)
    while True:
        try:
            worker.run(worker.acquire())
        except urllib.error.HTTPError as error:
            if error.code not in (409, 410, 412):  # Others have the leases, or the range was split, or it moved on.
                raise
        except OSError:
            time.sleep(0.1)  # The server is away.


if __name__ == "__main__":
    main()
