"""Messages as Celery itself would have written them, names of queues, addresses for kombu."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from celery.app.amqp import AMQP
from kombu.message import Message

from harness.models.job import TestMessage
from workers import messages
from workers.broker import build_app, kombu_url
from workers.messages import control_message_bytes, interactive_queue, own_queue, shard_queue

MESSAGE = TestMessage(
    run_id="20261124-1200-abcdef", number=12_345, lease=3, plan="a" * 64, test_id="default/s/t/echo/x", token="k" * 43
)


@dataclass(frozen=True)
class _Address:
    redis_url: str = "redis://localhost"


def test_a_test_message_is_what_celery_would_send() -> None:
    entry = _entry(messages.test_message_bytes(MESSAGE, "tests.v1.default.3"))

    wanted = AMQP(build_app(_Address())).as_task_v2("id", "farm.run_test", args=[{}])
    assert set(entry["headers"]) <= set(wanted.headers)
    assert entry["headers"]["task"] == "farm.run_test"
    assert entry["headers"]["id"] == "20261124-1200-abcdef-12345-3"
    assert entry["headers"]["argsrepr"] == MESSAGE.test_id and entry["headers"]["ignore_result"] is True
    assert entry["properties"]["delivery_info"] == {"exchange": "", "routing_key": "tests.v1.default.3"}
    args, kwargs, embed = json.loads(base64.b64decode(entry["body"]))
    assert TestMessage.model_validate(args[0]) == MESSAGE
    assert (kwargs, embed) == ({}, wanted.body[2])


def test_kombu_reads_the_message() -> None:
    entry = _entry(messages.test_message_bytes(MESSAGE, "q"))

    message = Message(
        body=base64.b64decode(entry["body"]),
        content_type=entry["content-type"],
        content_encoding=entry["content-encoding"],
        accept=["application/json"],
    )

    assert message.decode()[0][0]["run_id"] == MESSAGE.run_id


def test_a_body_stays_below_a_kilobyte() -> None:
    long_id = MESSAGE.model_copy(update={"test_id": "x" * 200})

    assert len(base64.b64decode(_entry(messages.test_message_bytes(long_id, "q"))["body"])) < 1024


def test_no_two_messages_share_an_id_on_their_way() -> None:
    entries = [_entry(control_message_bytes("farm.aggregate", ["r1"])) for _ in range(50)]
    entries += [_entry(messages.test_message_bytes(MESSAGE, "q")) for _ in range(50)]

    assert len({entry["properties"]["delivery_tag"] for entry in entries}) == 100
    wake_ups = entries[:50]
    assert len({entry["headers"]["id"] for entry in wake_ups}) == 50
    assert json.loads(base64.b64decode(wake_ups[0]["body"]))[0] == ["r1"]


def test_queues_are_named_by_pool_and_shard_or_worker() -> None:
    assert shard_queue("default", 7) == "tests.v1.default.7"
    assert interactive_queue("default") == "tests.v1.default.interactive"
    assert own_queue("default", "host-1") == "tests.v1.default.own.host-1"


@pytest.mark.parametrize(
    ("url", "for_kombu"),
    [
        ("redis://u:p@host:6379/1", "redis://u:p@host:6379/1"),
        ("rediss://host", "rediss://host"),
        ("unix:///run/s", "redis+socket:///run/s?virtual_host=0"),
        ("unix://u:p%40ss@/run/s?db=2", "redis+socket://u:p%40ss@/run/s?virtual_host=2"),
    ],
)
def test_kombu_is_given_sockets_in_its_own_way(url: str, for_kombu: str) -> None:
    assert kombu_url(url) == for_kombu


def test_celerys_own_recovery_is_off() -> None:
    conf: Any = build_app(_Address()).conf

    assert conf.broker_transport_options["ack_emulation"] is False
    assert conf.broker_transport_options["priority_steps"] == [0]
    assert (conf.task_ignore_result, conf.result_backend, conf.task_acks_late) == (True, None, True)
    assert conf.worker_cancel_long_running_tasks_on_connection_loss is False
    assert conf.broker_connection_max_retries is None and conf.accept_content == ["json"]


def _entry(content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(content)
    return entry
