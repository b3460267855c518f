"""What one request brought: light, so that those who judge need not know sessions."""

from dataclasses import dataclass

from harness.checks.answer import Answer


@dataclass(frozen=True)
class Observation:
    """What one call brought. Times in seconds.

    `call_s` is the keeper's: last byte of the request written → answer received. `our_delay_s` is the longer of the
    times that request and answer waited on our side of the keeper. `size_bytes` is the length of the answer's line.
    """

    answer: Answer
    call_s: float | None
    our_delay_s: float
    position: int
    others_in_flight: int
    size_bytes: int
