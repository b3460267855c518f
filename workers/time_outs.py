"""The order that all time-outs of a farm must keep, and the numbers that are kept here. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from harness.leasing import HARD_GRACE_S
from harness.models.suite import SuiteConfig
from workers.leases import HEARTBEAT_S, SILENT_S
from workers.redis_clients import SOCKET_TIMEOUT_S

LATE_ANSWER_S = 0.25
"""A session returns from a call this much later than the call's limit, at most."""
WATCHDOG_S = 10.0
"""From a call's hard limit until the process that it hangs in is ended."""
BLOCKING_READ_S = 1.0
"""How long a worker's question for messages may wait in Redis: kombu's `brpop_timeout`."""


@dataclass(frozen=True)
class TimeOuts:
    """All of them, in seconds. Those of a test are the defaults; a suite's own keep the same distances."""

    connect_s: float = SOCKET_TIMEOUT_S
    call_s: float = SuiteConfig().timeout_seconds
    test_s: float = SuiteConfig().timeout_seconds + LATE_ANSWER_S
    hard_limit_s: float = SuiteConfig().timeout_seconds + HARD_GRACE_S
    watchdog_s: float = SuiteConfig().timeout_seconds + HARD_GRACE_S + WATCHDOG_S
    run_deadline_s: float = float("inf")
    heartbeat_s: float = HEARTBEAT_S
    silence_s: float = SILENT_S
    blocking_read_s: float = BLOCKING_READ_S
    socket_timeout_s: float = SOCKET_TIMEOUT_S
    cold_grace_s: float = 0.0
    grace_s: float = 60.0


TEST_CHAIN = ("connect_s", "call_s", "test_s", "hard_limit_s", "watchdog_s", "run_deadline_s")
STRICT_PAIRS = (
    *pairwise(TEST_CHAIN),
    ("heartbeat_s", "silence_s"),
    ("blocking_read_s", "socket_timeout_s"),
    ("grace_s", "run_deadline_s"),
)


def disorders(limits: TimeOuts) -> Iterator[str]:
    """What is not in its order, with both numbers."""
    for lower, upper in STRICT_PAIRS:
        below, above = getattr(limits, lower), getattr(limits, upper)
        if not below < above:
            yield f"time-outs in the wrong order: {lower} ({below:g}) must be below {upper} ({above:g})"
    if limits.cold_grace_s > limits.grace_s:
        yield (
            f"MCPF_SOFT_STOP_S ({limits.cold_grace_s:g}) is above MCPF_GRACE_S ({limits.grace_s:g}): a cold stop would "
            "take longer than a soft one; lower the first or raise the second"
        )
