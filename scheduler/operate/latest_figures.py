"""Reads how each suite did in its newest finished run: the figures behind the rates of /metrics. Reads only.

A rate over the farm's whole life would hide today's trouble, and one over the last minutes says nothing about a
nightly run; the newest run is what an alert is about, until the next one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import CTE, ColumnElement, and_, func, select
from sqlmodel import Session

from harness.models.outcomes import BROKEN, EXECUTED, GOOD, TestOutcome
from scheduler.store.counters import Series
from scheduler.store.tables import ATTEMPTS, RUN_PLANS, RUNS, TESTS

KEPT_MS = 30 * 24 * 3600 * 1000
"""A suite that has not finished for this long is no longer shown."""


@dataclass(frozen=True)
class Latest:
    """One suite against one target in its newest finished run. Rates are shares of the tests that were carried out."""

    run_id: str
    success_rate: float | None
    error_rate: float | None
    p95_s: float | None


class LatestFigures:
    """Remembers what it computed: a finished run does not change. Not for several threads."""

    def __init__(self) -> None:
        self._known: dict[Series, Latest] = {}

    def read(self, session: Session, now_ms: int) -> dict[Series, Latest]:
        """The figures of every suite that finished within the last 30 days."""
        newest = _newest_runs(session, now_ms - KEPT_MS)
        fresh = {
            run_id
            for series, run_id in newest.items()
            if series not in self._known or self._known[series].run_id != run_id
        }
        computed = {run_id: _figures(session, run_id) for run_id in fresh}
        self._known = {
            series: computed[run_id][series] if run_id in computed else self._known[series]
            for series, run_id in newest.items()
        }
        return self._known


def _newest_runs(session: Session, since_ms: int) -> dict[Series, str]:
    ranked = _ranked(since_ms)
    rows = session.connection().execute(
        select(ranked.c.suite, ranked.c.target, ranked.c.run_id).where(ranked.c.place == 1)
    )
    return {Series(suite, target): run_id for suite, target, run_id in rows}


def _ranked(since_ms: int) -> CTE:
    """Every plan of a finished run, the newest of its suite and target in place 1."""
    newest_first = RUNS.c.finished_ms.desc(), RUNS.c.id.desc()
    place = func.row_number().over(partition_by=(RUN_PLANS.c.suite, RUN_PLANS.c.target), order_by=newest_first)
    return (
        select(RUN_PLANS.c.suite, RUN_PLANS.c.target, RUN_PLANS.c.run_id, place.label("place"))
        .join(RUNS, RUNS.c.id == RUN_PLANS.c.run_id)
        .where(RUNS.c.finished_ms >= since_ms)  # a run that goes on has no such time
        .cte("ranked")
    )


def _figures(session: Session, run_id: str) -> dict[Series, Latest]:
    """The figures of every suite of one run."""
    times = _response_times(session, run_id)
    return {
        series: Latest(run_id, _share(counts, GOOD), _share(counts, BROKEN), percentile(times.get(series, ()), 0.95))
        for series, counts in _outcomes(session, run_id).items()
    }


def _outcomes(session: Session, run_id: str) -> dict[Series, dict[str, int]]:
    columns = (TESTS.c.suite, TESTS.c.target, TESTS.c.outcome)
    query = select(*columns, func.count()).where(TESTS.c.run_id == run_id).group_by(*columns)
    counts: dict[Series, dict[str, int]] = defaultdict(dict)
    for suite, target, outcome, count in session.connection().execute(query):
        counts[Series(suite, target)][outcome] = count
    return counts


def _response_times(session: Session, run_id: str) -> dict[Series, list[float]]:
    call_s = ATTEMPTS.c.details[("timing", "call_s")].as_float()
    counted: ColumnElement[bool] = and_(
        ATTEMPTS.c.run_id == run_id, ~ATTEMPTS.c.stale, ~ATTEMPTS.c.superseded, call_s.is_not(None)
    )
    same_test = and_(TESTS.c.run_id == ATTEMPTS.c.run_id, TESTS.c.number == ATTEMPTS.c.number)
    query = select(TESTS.c.suite, TESTS.c.target, call_s).join_from(ATTEMPTS, TESTS, same_test).where(counted)
    times: dict[Series, list[float]] = defaultdict(list)
    for suite, target, seconds in session.connection().execute(query):
        times[Series(suite, target)].append(seconds)
    return times


def _share(counts: dict[str, int], wanted: frozenset[TestOutcome]) -> float | None:
    executed = sum(counts.get(outcome, 0) for outcome in EXECUTED)
    return sum(counts.get(outcome, 0) for outcome in wanted) / executed if executed else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of `values` do not exceed (nearest rank); None without values."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else None
