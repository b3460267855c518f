"""Lets suites go on, or skips them, when the suites that they wait for have ended. Part of every change of a run."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlmodel import Session

from harness.models.outcomes import TestOutcome
from harness.models.run import SuiteTerms
from scheduler.reports.tolerance import reaches_its_rate, suite_passed
from scheduler.reports.totals import Totals, totals_of
from scheduler.state.gates import Gate, Needed, gate_of
from scheduler.store.tables import RUN_PLANS, TESTS

_P, _T = RUN_PLANS.c, TESTS.c


@dataclass(frozen=True)
class _Suite:
    """How a suite stands, and how much of it must pass."""

    totals: Totals
    rate: float | None

    @property
    def needed(self) -> Needed:
        """As one that waits for it sees it."""
        return Needed(not self.totals.open, suite_passed(self.totals, self.rate))


def open_gates(session: Session, run_id: str) -> int:
    """Look at every suite of the run that waits; how many still do."""
    waiting = select(_P.plan, _P.waits_for).where(_P.run_id == run_id, _P.held).order_by(_P.plan)
    held = session.connection().execute(waiting).all()
    suites = _suites(session, run_id, {other for row in held for other in row.waits_for})
    left = 0
    for row in held:
        gate = gate_of([suites[other].needed for other in row.waits_for])
        left += gate is Gate.SHUT
        if gate is not Gate.SHUT:
            _decide(session, run_id, row.plan, gate)
    return left


def tolerated_tests(session: Session, run_id: str) -> int:
    """How many bad tests do not fail the run, as enough others of their suites passed."""
    rated = select(_P.plan).where(_P.run_id == run_id, _P.required_success_rate.is_not(None))
    plans = list(session.connection().execute(rated).scalars())
    suites = _suites(session, run_id, plans).values()
    return sum(suite.totals.bad for suite in suites if reaches_its_rate(suite.totals, suite.rate))


def suite_terms(session: Session, run_id: str) -> tuple[SuiteTerms, ...]:
    """The suites of a run of which not all tests must pass."""
    rated = select(_P.suite, _P.target, _P.required_success_rate).where(_P.run_id == run_id)
    rows = session.connection().execute(rated.where(_P.required_success_rate.is_not(None)).order_by(_P.plan))
    return tuple(SuiteTerms(**row._mapping) for row in rows)


def _suites(session: Session, run_id: str, plans: Collection[int]) -> Mapping[int, _Suite]:
    if not plans:
        return {}
    found: dict[int, dict[TestOutcome | None, int]] = defaultdict(dict)
    counts = (
        select(_T.plan, _T.outcome, func.count())
        .where(_T.run_id == run_id, _T.plan.in_(sorted(plans)))
        .group_by(_T.plan, _T.outcome)
    )
    for plan, outcome, count in session.connection().execute(counts):
        found[plan][None if outcome is None else TestOutcome(outcome)] = count
    rates = select(_P.plan, _P.required_success_rate).where(_P.run_id == run_id, _P.plan.in_(sorted(plans)))
    return {plan: _Suite(_totals(found[plan]), rate) for plan, rate in session.connection().execute(rates)}


def _totals(found: Mapping[TestOutcome | None, int]) -> Totals:
    ended = {outcome: count for outcome, count in found.items() if outcome is not None}
    return totals_of(ended, sum(found.values()))


def _decide(session: Session, run_id: str, plan: int, gate: Gate) -> None:
    values: dict[str, object] = {"held": False}
    if gate is Gate.BARRED:
        reason = "a suite that it depends on did not pass"
        values |= {"stop_reason": reason, "stop_outcome": TestOutcome.SKIPPED.value}
    session.connection().execute(update(RUN_PLANS).where(_P.run_id == run_id, _P.plan == plan).values(**values))
