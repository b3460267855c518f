"""kombu's Redis transport, taking several messages in one round trip. Overrides two private methods of kombu 5.7.

Taking messages one by one costs a worker half of its own time per test. BLMPOP needs Redis 7 or Valkey. Everything
else, reconnecting and credits included, is kombu's. A batch is small, so that a short run spreads over all workers.
"""

from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import redis, virtual
from kombu.utils import json as kombu_json

from harness.log import get_logger

log = get_logger("transport")
_loads: Any = kombu_json.loads  # kombu is typed in part

MAX_BATCH = 4


class _Unacknowledged(virtual.QoS):
    """What cannot go back to its queue when the process ends is dropped: leases bring tests back, and ticks come again.

    kombu would write it into a file of the system's temporary directory, where nobody looks.
    """

    def restore_unacked(self) -> list[Any]:
        lost = super().restore_unacked()  # type: ignore[no-untyped-call]  # kombu is typed in part
        if lost:
            log.warning("messages.not_returned", count=len(lost))
        return []


class Channel(redis.Channel):
    """Only what is asked of Redis and how its answer is read differ; kombu goes on calling it BRPOP."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # kombu is typed in part
        self.QoS = _Unacknowledged  # type: ignore[assignment]  # as kombu itself does without ack_emulation

    def _brpop_start(self, timeout: float | None = None) -> None:
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        wanted = min(self.qos.can_consume_max_estimate() or 1, MAX_BATCH)
        self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()  # type: ignore[assignment]  # kombu declares None
        seconds = self.brpop_timeout if timeout is None else timeout
        self.client.connection.send_command("BLMPOP", seconds or 0, len(queues), *queues, "RIGHT", "COUNT", wanted)

    def _brpop_read(self, **options: Any) -> bool:
        try:
            queue, messages = self._read_batch(options)
        finally:
            self._in_poll = None  # type: ignore[assignment]  # kombu declares False
            self._flush_brpop_reauth()  # type: ignore[no-untyped-call]  # kombu is typed in part
        self._queue_cycle.rotate(queue)
        for message in messages:
            self.connection._deliver(_loads(message), queue)
        return True

    def _read_batch(self, options: dict[str, Any]) -> tuple[str, list[bytes]]:
        try:
            answer: Any = self.client.parse_response(self.client.connection, "BLMPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()  # the next turn of the loop connects again
            raise
        if not answer:
            raise Empty
        return answer[0].decode(), answer[1]


class Transport(redis.Transport):
    """`farm+socket://` or `broker_transport="farm"`; see `workers.broker.build_consuming_app`."""

    Channel = Channel
