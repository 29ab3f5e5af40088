"""All languages of ISO 639-3 through the official SDK: in, through a kill, and out again."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.cosmos import CosmosClient, PartitionKey

LANGUAGES = "/usr/share/iso-codes/json/iso_639-3.json"

pytestmark = pytest.mark.skipif(not os.path.exists(LANGUAGES), reason="needs Debian's iso-codes package")


def languages():
    with open(LANGUAGES, encoding="utf-8") as file:
        return [{"id": entry["alpha_3"], **entry} for entry in json.load(file)["639-3"]]


def test_every_language_comes_back(server):
    documents = languages()
    assert len(documents) > 7000
    client = CosmosClient(server.url, server.key)
    database = client.create_database("iso")
    container = database.create_container("languages", PartitionKey(path="/scope"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(container.create_item, documents))

    server.kill()
    server.start()

    container = CosmosClient(server.url, server.key).get_database_client("iso").get_container_client("languages")

    def read(document):
        found = container.read_item(document["id"], document["scope"])
        return {name: value for name, value in found.items() if not name.startswith("_")}

    with ThreadPoolExecutor(8) as pool:
        for document, found in zip(documents, pool.map(read, documents)):
            assert found == document
    assert sum(1 for _ in container.read_all_items()) == len(documents)
