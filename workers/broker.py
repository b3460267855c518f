"""Celery's application object and kombu's options: the only place that sets them. Knows no task."""

from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from workers.messages import CONTROL_QUEUE
from workers.redis_clients import SOCKET_TIMEOUT_S

_BATCHABLE = ("redis", "rediss", "unix")


class BrokerSettings(Protocol):
    """What the broker must be told: the settings of a worker and those of a farm both say it."""

    @property
    def redis_url(self) -> str:
        """redis://, rediss:// or unix://[user:password@]/path?db=0."""


def build_app(settings: BrokerSettings) -> Celery:
    """The Celery application of this process, without tasks. Recovery, results and retries of Celery are off."""
    app = Celery("farm", set_as_current=False)
    app.conf.update(
        broker_url=kombu_url(settings.redis_url),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(),
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_default_queue=CONTROL_QUEUE,
        task_default_exchange="",
        task_queues=(direct_queue(CONTROL_QUEUE),),
        task_send_sent_event=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        enable_utc=True,
    )
    return app


def build_consuming_app(settings: BrokerSettings) -> Celery:
    """The same for who takes messages: in small batches, and leaving no files (`workers.transport`), except over
    Sentinel."""
    app = build_app(settings)
    if urlsplit(settings.redis_url).scheme in _BATCHABLE:
        TRANSPORT_ALIASES["farm"] = "workers.transport:Transport"
        url = kombu_url(settings.redis_url).replace("redis+socket://", "farm+socket://", 1)
        app.conf.update(broker_url=url, broker_transport="farm")
    return app


def direct_queue(name: str) -> Queue:
    """A queue reached through the nameless exchange: no binding is kept in Redis."""
    nameless = Exchange("")  # type: ignore[no-untyped-call]  # kombu is typed in part
    return Queue(name, exchange=nameless, routing_key=name)  # type: ignore[no-untyped-call]  # the same


def kombu_url(url: str) -> str:
    """kombu writes sockets as redis+socket:// and takes the database as `virtual_host`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def _transport_options() -> dict[str, object]:
    return {
        "ack_emulation": False,  # leases bring lost tests back: no unacked set, no redelivery
        "priority_steps": [0],
        "queue_order_strategy": "workers.order:HomeFirst",
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }
