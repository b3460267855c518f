"""The order in which a worker looks at its queues: a class for kombu's `queue_order_strategy`."""

from collections.abc import Iterable

HOME_SHARDS = 2


class HomeFirst:
    """First the worker's own queue, then its home shards in turn, then the others in turn.

    kombu gives the queues in the order in which they are consumed: own, home, foreign. Home shards take turns,
    because strict priority among them makes every slot wait for the first shard's server to start.
    """

    def __init__(self) -> None:
        self._own: list[str] = []
        self._home: list[str] = []
        self._foreign: list[str] = []

    def update(self, queues: Iterable[str]) -> None:
        """Take over the queues that are consumed now."""
        listed = list(queues)
        self._own, self._home = listed[:1], listed[1 : 1 + HOME_SHARDS]
        self._foreign = listed[1 + HOME_SHARDS :]

    def consume(self, count: int) -> list[str]:
        """The first `count` queues, in the order in which Redis should look at them."""
        return (self._own + self._home + self._foreign)[:count]

    def rotate(self, last_used: str) -> str:
        """Put the queue that just gave a message behind its equals."""
        for equals in (self._home, self._foreign):
            if last_used in equals:
                equals.remove(last_used)
                equals.append(last_used)
        return last_used
