"""The command: how it starts, refuses and stops."""

import os
import socket
import subprocess
import threading

import pytest

from server import Server, free_port

RESIDENT_KILOBYTES_MAX = 50 * 1024


def serve(*arguments):
    return subprocess.run(
        [os.environ["ORRERY_BINARY"], "serve", *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_small_when_idle(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        resident = next(line for line in status if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < RESIDENT_KILOBYTES_MAX


def test_takes_as_many_files_as_it_may(server):
    with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as limits:
        words = next(line for line in limits if line.startswith("Max open files")).split()
    soft, hard = words[3], words[4]
    assert soft == hard


def test_no_thread_interrupts_another(server):
    threads = [int(name) for name in os.listdir(f"/proc/{server.process.pid}/task")]
    assert len(threads) > 1
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_a_used_port_is_one_clear_line(server, tmp_path):
    result = serve("--data", str(tmp_path / "other"), "--port", str(server.port))
    assert result.returncode != 0
    assert len(result.stderr.strip().splitlines()) == 1
    assert "in use" in result.stderr


def test_a_used_directory_is_one_clear_line(server):
    result = serve("--data", server.folder, "--port", str(free_port()))
    assert result.returncode != 0
    assert len(result.stderr.strip().splitlines()) == 1


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_an_ipv6_address_is_shown_in_brackets(tmp_path):
    server = Server(tmp_path / "data", options=["--host", "::1"])
    try:
        server.start()
        assert f"http://[::1]:{server.port}/" in server.log()
    finally:
        server.kill()


def test_another_host_needs_a_key(tmp_path):
    result = serve("--data", str(tmp_path / "data"), "--port", str(free_port()), "--host", "0.0.0.0")
    assert result.returncode != 0
    assert "key" in result.stderr


def test_stop_finishes_what_is_in_flight(server):
    connection = server.connect()
    assert connection.request("POST", "/dbs", {"id": "d"})[0] == 201
    container = {"id": "c", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}}
    assert connection.request("POST", "/dbs/d/colls", container)[0] == 201
    acknowledged = []
    strange = []

    def write(number):
        own = server.connect()
        try:
            for index in range(100_000):
                identifier = f"{number}-{index}"
                status, _, _ = own.request("POST", "/dbs/d/colls/c/docs", {"id": identifier, "pk": "p"})
                if status != 201:
                    # The server is stopping and says so.
                    if status != 503:
                        strange.append(status)
                    return
                acknowledged.append(identifier)
        except OSError:
            return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    while len(acknowledged) < 50:
        pass
    assert server.stop() == 0
    for writer in writers:
        writer.join()
    assert strange == []
    server.start()
    connection = server.connect()
    for identifier in acknowledged:
        path = f"/dbs/d/colls/c/docs/{identifier}"
        assert connection.request("GET", path, headers={"x-ms-documentdb-partitionkey": '["p"]'})[0] == 200


def test_tls(tmp_path):
    server = Server(tmp_path / "data", options=["--tls-self-signed"])
    server.start()
    try:
        result = subprocess.run(
            ["curl", "--silent", "--insecure", f"https://localhost:{server.port}/readyz"],
            capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == 0
    finally:
        server.kill()


def test_no_key_and_no_document_in_the_log(tmp_path):
    server = Server(tmp_path / "data", options=["--log-level", "debug"])
    server.start()
    try:
        connection = server.connect()
        connection.request("POST", "/dbs", {"id": "d"})
        connection.request(
            "POST", "/dbs/d/colls", {"id": "c", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2}})
        status, _, _ = connection.request("POST", "/dbs/d/colls/c/docs", {"id": "i", "pk": "p", "text": "sesame"})
        assert status == 201
        log = server.log()
        assert server.key not in log
        assert "sesame" not in log
    finally:
        server.kill()
