"""The order in which a worker looks at its queues: a class for kombu's `queue_order_strategy`."""

from collections.abc import Iterable

HOME_SHARDS = 2
CYCLE, FOREIGN_FIRST, INTERACTIVE_LAST = 4, 2, 0
"""Of every four looks, which one is different."""


class HomeFirst:
    """The worker's own queue, that of interactive runs, its home shards in turn, then the others in turn.

    kombu gives the queues in the order in which they are consumed: own, interactive, home, foreign. Home shards take
    turns, because strict priority among them makes every slot wait for the first shard's server to start. Nobody
    starves: of four looks one begins with the foreign shards, which may be home to no live worker, and another leaves
    interactive runs to the end.
    """

    def __init__(self) -> None:
        self._own: list[str] = []
        self._interactive: list[str] = []
        self._home: list[str] = []
        self._foreign: list[str] = []
        self._looks = 0

    def update(self, queues: Iterable[str]) -> None:
        """Take over the queues that are consumed now."""
        listed = list(queues)
        self._own, self._interactive = listed[:1], listed[1:2]
        self._home = listed[2 : 2 + HOME_SHARDS]
        self._foreign = listed[2 + HOME_SHARDS :]

    def consume(self, count: int) -> list[str]:
        """The first `count` queues, in the order in which Redis should look at them. Each call is one look."""
        self._looks += 1
        if self._looks % CYCLE == FOREIGN_FIRST:
            return (self._own + self._interactive + self._foreign + self._home)[:count]
        if self._looks % CYCLE == INTERACTIVE_LAST:
            return (self._own + self._home + self._foreign + self._interactive)[:count]
        return (self._own + self._interactive + self._home + self._foreign)[:count]

    def rotate(self, last_used: str) -> str:
        """Put the queue that just gave a message behind its equals."""
        for equals in (self._home, self._foreign):
            if last_used in equals:
                equals.remove(last_used)
                equals.append(last_used)
        return last_used
