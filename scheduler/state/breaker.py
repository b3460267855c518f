"""The circuit breaker of a target: what becomes of its tests while its server cannot be started. Pure.

closed     nothing is wrong, or not often enough in a row: tests are published as usual
open       too many failures in a row: tests wait; every `interval_s` one of them is let through as a probe
given up   a probe fails when it has been open for `recovery_s` of a run's time: what waits of that run ends

One success closes it, and ten minutes without a failure. The figures are those of the seed's `server.health_check`.
"""

from dataclasses import dataclass, replace

FORGET_S = 600.0


@dataclass(frozen=True, slots=True)
class Terms:
    """When to open, how often to probe, when to give up."""

    failures: int = 5
    interval_s: float = 30.0
    recovery_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a target that failed lately. Times in ms since 1970; `evidence` is one bounded line."""

    failures: int
    failed_ms: int
    evidence: str
    opened_ms: int | None = None
    probed_ms: int | None = None


def after_failure(health: Health | None, evidence: str, now_ms: int, terms: Terms) -> Health:
    """One more start or connection failed."""
    failures = (health.failures if health else 0) + 1
    opened_ms = health.opened_ms if health else None
    if opened_ms is None and failures >= terms.failures:
        opened_ms = now_ms
    probed_ms = health.probed_ms if health else None
    return Health(failures, now_ms, evidence, opened_ms, probed_ms)


def after_probe(health: Health, now_ms: int) -> Health:
    """A test is let through."""
    return replace(health, probed_ms=now_ms)


def room(health: Health | None, busy: int, now_ms: int, terms: Terms) -> int | None:
    """How many tests of the target may be published now, with `busy` in flight; None: no limit from here."""
    if health is None or health.opened_ms is None:
        return None
    last_ms = max(health.opened_ms, health.failed_ms, health.probed_ms or 0)
    return 1 if busy == 0 and now_ms - last_ms >= terms.interval_s * 1000 else 0


def is_given_up(health: Health, run_began_ms: int, terms: Terms) -> bool:
    """Whether tests of a run wait no longer: failures went on for `recovery_s` since it began."""
    if health.opened_ms is None:
        return False
    return health.failed_ms - max(health.opened_ms, run_began_ms) >= terms.recovery_s * 1000


def is_forgotten(health: Health, now_ms: int, terms: Terms) -> bool:
    """Whether its last failure says nothing of today."""
    return now_ms - health.failed_ms >= forget_after_ms(terms)


def forget_after_ms(terms: Terms) -> int:
    """How long a failure is remembered."""
    return int(1000 * max(FORGET_S, 2 * terms.recovery_s))
