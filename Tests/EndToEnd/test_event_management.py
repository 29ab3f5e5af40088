"""Event Grid's management SDK against the control plane: topics, namespace topics and their subscriptions."""

import http.server
import json
import threading

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.eventgrid import EventGridManagementClient
from azure.mgmt.eventgrid.models import (
    DeliveryConfiguration, EventSubscription, EventSubscriptionFilter, EventSubscriptionUpdateParameters, NamespaceTopic,
    NumberGreaterThanAdvancedFilter, QueueInfo, RetryPolicy, Subscription, Topic, TopicRegenerateKeyRequest,
    TopicUpdateParameters, WebHookEventSubscriptionDestination)

from server import Server

GROUP = "group"


class Key(SansIOHTTPPolicy):
    """Sends the account's key: the SDK's own credentials go over TLS only."""

    def __init__(self, key):
        self.key = key

    def on_request(self, request):
        request.http_request.headers["Authorization"] = "Bearer " + self.key


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that agrees: an SDK waits for a subscription until its endpoint has."""

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))[0]
        answer = json.dumps({"validationResponse": event["data"]["validationCode"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hook():
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_address[1]}/hook"
    listener.shutdown()


@pytest.fixture
def client(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(folder, ["--webhook-networks", "loopback"])
    server.start()
    with EventGridManagementClient(
            object(), "00000000-0000-0000-0000-000000000000", base_url=server.url.rstrip("/"),
            authentication_policy=Key(server.key), polling_interval=0.05, retry_total=0) as client:
        yield client
    server.kill()


def make_topic(client, name="orders", **properties):
    return client.topics.begin_create_or_update(GROUP, name, Topic(location="here", **properties)).result()


def test_topics_are_made_shown_changed_and_removed(client):
    made = make_topic(client, input_schema="CloudEventSchemaV1_0", tags={"team": "shop"})
    assert (made.name, made.location, made.tags) == ("orders", "here", {"team": "shop"})
    assert made.provisioning_state == "Succeeded"
    assert made.input_schema == "CloudEventSchemaV1_0"
    assert made.endpoint.endswith("/topics/orders/api/events")
    assert made.id.endswith("/providers/Microsoft.EventGrid/topics/orders")
    make_topic(client, "others")
    assert client.topics.get(GROUP, "orders").id == made.id
    assert [topic.name for topic in client.topics.list_by_resource_group(GROUP)] == ["orders", "others"]
    assert [topic.name for topic in client.topics.list_by_subscription()] == ["orders", "others"]

    client.topics.begin_update(GROUP, "orders", TopicUpdateParameters(tags={"team": "billing"})).result()
    assert client.topics.get(GROUP, "orders").tags == {"team": "billing"}

    keys = client.topics.list_shared_access_keys(GROUP, "orders")
    renewed = client.topics.begin_regenerate_key(
        GROUP, "orders", TopicRegenerateKeyRequest(key_name="key2")).result()
    assert (renewed.key1, renewed.key2 == keys.key2) == (keys.key1, False)

    client.topics.begin_delete(GROUP, "orders").result()
    with pytest.raises(ResourceNotFoundError):
        client.topics.get(GROUP, "orders")
    # What is gone may be removed again.
    client.topics.begin_delete(GROUP, "orders").result()


def subscription(hook):
    return EventSubscription(
        destination=WebHookEventSubscriptionDestination(endpoint_url=hook, max_events_per_batch=10),
        filter=EventSubscriptionFilter(
            subject_begins_with="orders/", included_event_types=["Order.Placed"],
            advanced_filters=[NumberGreaterThanAdvancedFilter(key="data.total", value=100)]),
        retry_policy=RetryPolicy(max_delivery_attempts=5, event_time_to_live_in_minutes=60))


def check(shown):
    assert shown.destination.max_events_per_batch == 10
    assert shown.filter.subject_begins_with == "orders/"
    assert shown.filter.advanced_filters[0].value == 100
    assert shown.retry_policy.max_delivery_attempts == 5


def test_subscriptions_of_a_topic(client, hook):
    make_topic(client)
    client.topic_event_subscriptions.begin_create_or_update(GROUP, "orders", "billing", subscription(hook)).result()
    shown = client.topic_event_subscriptions.get(GROUP, "orders", "billing")
    check(shown)
    assert shown.name == "billing"
    assert shown.topic.endswith("/topics/orders")
    assert client.topic_event_subscriptions.get_full_url(GROUP, "orders", "billing").endpoint_url == hook
    client.topic_event_subscriptions.begin_update(
        GROUP, "orders", "billing", EventSubscriptionUpdateParameters(labels=["a"])).result()
    shown = client.topic_event_subscriptions.get(GROUP, "orders", "billing")
    check(shown)
    assert shown.labels == ["a"]
    assert [one.name for one in client.topic_event_subscriptions.list(GROUP, "orders")] == ["billing"]
    client.topic_event_subscriptions.begin_delete(GROUP, "orders", "billing").result()
    assert list(client.topic_event_subscriptions.list(GROUP, "orders")) == []


def test_subscriptions_in_the_scope_of_a_topic(client, hook):
    scope = make_topic(client).id.lstrip("/")
    client.event_subscriptions.begin_create_or_update(scope, "billing", subscription(hook)).result()
    check(client.event_subscriptions.get(scope, "billing"))
    listed = client.event_subscriptions.list_by_resource(GROUP, "Microsoft.EventGrid", "topics", "orders")
    assert [one.name for one in listed] == ["billing"]
    client.event_subscriptions.begin_delete(scope, "billing").result()
    with pytest.raises(ResourceNotFoundError):
        client.event_subscriptions.get(scope, "billing")


def test_topics_of_a_namespace(client):
    topic = client.namespace_topics.begin_create_or_update(GROUP, "space", "t", NamespaceTopic()).result()
    assert topic.provisioning_state == "Succeeded"
    queue = DeliveryConfiguration(
        delivery_mode="Queue", queue=QueueInfo(receive_lock_duration_in_seconds=60, max_delivery_count=3))
    client.namespace_topic_event_subscriptions.begin_create_or_update(
        GROUP, "space", "t", "s", Subscription(delivery_configuration=queue)).result()
    shown = client.namespace_topic_event_subscriptions.get(GROUP, "space", "t", "s")
    assert shown.delivery_configuration.queue.max_delivery_count == 3
    listed = client.namespace_topic_event_subscriptions.list_by_namespace_topic(GROUP, "space", "t")
    assert [one.name for one in listed] == ["s"]
    assert [one.name for one in client.namespace_topics.list_by_namespace(GROUP, "space")] == ["t"]
    client.namespace_topic_event_subscriptions.begin_delete(GROUP, "space", "t", "s").result()
    client.namespace_topics.begin_delete(GROUP, "space", "t").result()
    assert list(client.namespace_topics.list_by_namespace(GROUP, "space")) == []
