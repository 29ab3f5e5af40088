"""The server under test: a process of its own on a folder of its own, to be started, stopped and killed."""

import atexit
import base64
import http.client
import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import time
import urllib.request

READY_SECONDS_MAX = 30


class Server:
    """`orrery serve` on loopback. Data stays in `folder` from one start to the next."""

    ready_path = "/readyz"

    def __init__(self, folder, options=(), key=None):
        self.folder = str(folder)
        self.key = key or base64.b64encode(os.urandom(64)).decode()
        self.options = list(options)
        self.port = free_port()
        self.process = None
        self.log_path = f"{self.folder}.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        """Starts the process and waits until it is ready; returns after how many seconds it was."""
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment(), stdout=log, stderr=log, preexec_fn=usual_file_limit)
        # A run that is cut short leaves no process behind.
        atexit.register(self.process.kill)
        while time.monotonic() - began < READY_SECONDS_MAX:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            if self.is_ready():
                return time.monotonic() - began
            time.sleep(0.002)
        raise AssertionError(f"the server was not ready within {READY_SECONDS_MAX} s:\n{self.log()}")

    def command(self):
        return [os.environ["ORRERY_BINARY"], "serve", "--data", self.folder, "--port", str(self.port),
                "--key", self.key, *self.options]

    def environment(self):
        return None

    def is_ready(self):
        try:
            host = "::1" if "::1" in self.options else "127.0.0.1"
            if "--tls-self-signed" in self.options:
                context = ssl._create_unverified_context()
                connection = http.client.HTTPSConnection(host, self.port, timeout=5, context=context)
            else:
                connection = http.client.HTTPConnection(host, self.port, timeout=5)
            connection.request("GET", self.ready_path)
            return connection.getresponse().status == 200
        except OSError:
            return False

    def kill(self):
        """Ends the process as a power cut would, leaving it no last word."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks the process to end, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode(errors="replace")[-10_000:]

    def connect(self):
        return Connection(self)

    def send(self, method, path, body=None, headers=None, timeout=10):
        """One request by itself; returns the body, and raises for any status but a 2xx."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        request = urllib.request.Request(self.url.rstrip("/") + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read()


class Connection:
    """One kept-alive connection that speaks the wire with the account's key as bearer."""

    def __init__(self, server):
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}

    def request(self, method, path, body=None, headers=None):
        """Returns the status, the body as JSON or None, and the headers."""
        text = None if body is None else json.dumps(body)
        self.http.request(method, path, body=text, headers={**self.headers, **(headers or {})})
        response = self.http.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None, response.headers

    def close(self):
        self.http.close()


def usual_file_limit():
    """The limit that shells begin with, whatever the tests themselves run under."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
