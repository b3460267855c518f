"""The order in which a worker looks at its queues: a class for kombu's `queue_order_strategy`."""

from collections.abc import Iterable

HOME_SHARDS = 2
FOREIGN_FIRST_EVERY = 4


class HomeFirst:
    """The worker's own queue, that of interactive runs, its home shards in turn, then the others in turn.

    kombu gives the queues in the order in which they are consumed: own, interactive, home, foreign. Home shards take
    turns, because strict priority among them makes every slot wait for the first shard's server to start. At every
    fourth look the foreign shards come before the home shards: one that is home to no live worker must not starve.
    """

    def __init__(self) -> None:
        self._first: list[str] = []
        self._home: list[str] = []
        self._foreign: list[str] = []
        self._looks = 0

    def update(self, queues: Iterable[str]) -> None:
        """Take over the queues that are consumed now."""
        listed = list(queues)
        self._first, self._home = listed[:2], listed[2 : 2 + HOME_SHARDS]
        self._foreign = listed[2 + HOME_SHARDS :]

    def consume(self, count: int) -> list[str]:
        """The first `count` queues, in the order in which Redis should look at them. Each call is one look."""
        self._looks += 1
        if self._looks % FOREIGN_FIRST_EVERY == 0:
            return (self._first + self._foreign + self._home)[:count]
        return (self._first + self._home + self._foreign)[:count]

    def rotate(self, last_used: str) -> str:
        """Put the queue that just gave a message behind its equals."""
        for equals in (self._home, self._foreign):
            if last_used in equals:
                equals.remove(last_used)
                equals.append(last_used)
        return last_used
