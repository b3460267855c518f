"""What passed between harness and server during one attempt: kept by reference while it runs, shown afterwards.

Cheap on the way of every test: one small object a request, nothing is copied or written. Bounded: the first requests
and the newest ones stay, the others are counted.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from harness.checks.verdict import Judgement
from harness.mcp.observation import Observation
from harness.models.evidence import HeldCheck

KEPT_FIRST = 20
KEPT_NEWEST = 20
KEPT_BYTES = 8 * 1024 * 1024
"""Of answers together. Larger ones than are left of it are forgotten, and only their size is shown."""


@dataclass(slots=True)
class Asked:
    """One request as it went out, `begins_at` on the monotonic clock; what came of it, as far as it came."""

    label: str
    method: str
    name: str
    params: Mapping[str, JsonValue]
    begins_at: float
    observation: Observation | None = None
    judgement: Judgement | None = None
    response_bytes: int = 0
    took_s: float | None = None

    @property
    def held(self) -> tuple[HeldCheck, ...]:
        """The checks that hold of its answer."""
        held = self.judgement.held if self.judgement else ()
        return tuple(check.model_copy(update={"step": self.label}) for check in held)

    @property
    def is_forgotten(self) -> bool:
        """Whether an answer came that was too large to be kept."""
        return self.observation is None and self.response_bytes > 0


class Trace:
    """For one attempt, on one loop."""

    def __init__(self) -> None:
        self._first: list[Asked] = []
        self._newest: deque[Asked] = deque(maxlen=KEPT_NEWEST)
        self._bytes = 0
        self.left_out = 0

    def begin(self, asked: Asked) -> Asked:
        """A request goes out now. Give its answer to `end`; without that, none came."""
        if len(self._first) < KEPT_FIRST:
            self._first.append(asked)
        else:
            self._drop_oldest_of_newest()
            self._newest.append(asked)
        return asked

    def end(self, asked: Asked, observation: Observation) -> None:
        """Its answer came."""
        asked.took_s, asked.response_bytes = observation.call_s, observation.size_bytes
        if self._bytes + observation.size_bytes <= KEPT_BYTES:
            self._bytes += observation.size_bytes
            asked.observation = observation

    def judged(self, observation: Observation, judgement: Judgement) -> None:
        """What became of an answer. Of one that is not kept it is not kept either."""
        for asked in (*self._newest, *reversed(self._first)):
            if asked.observation is observation:
                asked.judgement = judgement
                return

    def all(self) -> tuple[Asked, ...]:
        """What is kept, in order."""
        return (*self._first, *self._newest)

    def _drop_oldest_of_newest(self) -> None:
        if len(self._newest) == KEPT_NEWEST:
            self.left_out += 1
            dropped = self._newest[0].observation
            self._bytes -= dropped.size_bytes if dropped else 0
