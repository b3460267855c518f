"""Since when a run has its causes, and which of the run before are gone: NEW, STILL, FIXED. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from harness.models.causes import CauseState, FixedCause, RunCause
from harness.models.outcomes import GOOD, TestOutcome
from scheduler.reports.causes import in_order

MAX_FIXED = 100

CausePlace = tuple[str, str]
"""A cause's key, and the server that has it."""


@dataclass(frozen=True, slots=True)
class KnownCause:
    """One cause on one server as a run that has ended left it. `example_id`: a test that had it."""

    key: str
    target: str
    title: str
    tests: int
    example_id: str
    since_run: str
    since_at: datetime

    @property
    def place(self) -> CausePlace:
        """What it is compared by."""
        return self.key, self.target


def with_ages(causes: Iterable[RunCause], known: Mapping[CausePlace, KnownCause]) -> tuple[RunCause, ...]:
    """The causes with their state, in order. One of several servers is old when each of them had it before."""
    return in_order(_with_age(cause, known) for cause in causes)


def fixed_causes(
    before: Iterable[KnownCause], now: Iterable[CausePlace], outcomes: Mapping[str, TestOutcome]
) -> tuple[FixedCause, ...]:
    """What no test has any more, the largest first. `outcomes`: of this run, by test id, of the known examples.

    A cause counts as fixed only when the test that showed it passes now: one that was not run, or that fails for
    another reason, tells nothing.
    """
    left = set(now)
    gone: dict[str, list[KnownCause]] = defaultdict(list)
    for cause in before:
        if cause.place not in left and outcomes.get(cause.example_id) in GOOD:
            gone[cause.key].append(cause)
    fixed = [_fixed(key, causes) for key, causes in gone.items()]
    return tuple(sorted(fixed, key=lambda cause: (-cause.tests, cause.targets, cause.cause_id))[:MAX_FIXED])


def _with_age(cause: RunCause, known: Mapping[CausePlace, KnownCause]) -> RunCause:
    before = [known.get((cause.key, target)) for target in cause.targets]
    had = [one for one in before if one is not None]
    if not had or len(had) < len(before):
        return cause
    oldest = min(had, key=lambda one: (one.since_at, one.since_run))
    age = {"state": CauseState.STILL, "since_run": oldest.since_run, "since_at": oldest.since_at}
    return cause.model_copy(update=age)


def _fixed(key: str, causes: list[KnownCause]) -> FixedCause:
    return FixedCause(
        cause_id=f"c{key[:8]}",
        targets=tuple(sorted(cause.target for cause in causes)),
        title=causes[0].title,
        tests=sum(cause.tests for cause in causes),
        since_at=min(cause.since_at for cause in causes),
    )
