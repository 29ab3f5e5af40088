"""The page for developers in a browser: an item is made with its form."""

import json
import shutil

import pytest

from server import Server

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")

CONFIGURATION = {
    "apis": [{
        "id": "loads", "path": "/loads", "displayName": "Loads",
        "resource": {
            "container": "shop/loads", "partitionKey": ["{request.querystring.lane}"],
            "schema": {"type": "object", "required": ["id", "lane"],
                       "properties": {"id": {"type": "string"}, "lane": {"type": "string"}}},
        },
    }],
    "products": [{"id": "carrier", "apis": ["loads"]}],
}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_an_item_is_made_with_the_form(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(CONFIGURATION))
    server = Server(folder, options=["--gateway", str(file)])
    server.start()
    try:
        server.send("POST", "/dbs", {"id": "shop"})
        server.send("POST", "/dbs/shop/colls", {"id": "loads", "partitionKey": {"paths": ["/lane"], "kind": "Hash"}})
        answer = server.send("PUT", "/_orrery/gateway/subscriptions/acme", {"product": "carrier"})
        shown = fill_form(server, json.loads(answer)["primaryKey"], {"id": "7", "lane": "A-B"})
        assert shown.startswith("Answer\n\n201 ")
        stored = json.loads(server.send(
            "GET", "/dbs/shop/colls/loads/docs/7", headers={"x-ms-documentdb-partitionkey": '["A-B"]'}))
        assert (stored["id"], stored["lane"]) == ("7", "A-B")
    finally:
        server.kill()


def fill_form(server, key, item):
    """Fills the form in and sends it; returns what the page shows of the answer."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(server.url.replace("127.0.0.1", "localhost") + "_orrery/developer")
        page.click('a[href="#/loads/create"]')
        page.get_by_label("lane").first.fill(item["lane"])
        page.locator("textarea").fill(json.dumps(item))
        page.locator("input[type=password]").first.fill(key)
        page.click("button[type=submit]")
        page.wait_for_selector("pre[aria-label=Body]", timeout=20_000)
        shown = page.locator("div[aria-live]").inner_text()
        # The key stays where it was typed in.
        assert key not in page.content() and key not in page.url
        browser.close()
    assert faults == []
    return shown
