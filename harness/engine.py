"""Runs one test: lease a session → observe → judge. Sessions come from outside; the result is a value.

Knows no queue and no store, and never raises but CancelledError: a server that misbehaves is an outcome, and so is a
fault of our own.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.checks.capabilities import compare
from harness.concluding import conclude_checks
from harness.draft import Draft
from harness.errors import SessionLost
from harness.evidence import with_evidence
from harness.flow import run_flow
from harness.leasing import AttemptContext, LeasedSession, SessionSource
from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.scene import Scene


@dataclass(frozen=True)
class _Attempt:
    test: PlannedTest
    plan: SuitePlan
    sessions: SessionSource
    context: AttemptContext
    draft: Draft


async def run_test(
    test: PlannedTest, plan: SuitePlan, sessions: SessionSource, context: AttemptContext
) -> AttemptRecord:
    """Make one attempt and tell what became of it."""
    draft = Draft(context.run_id, context.lease, context.worker, test, context.pulse)
    try:
        await _BY_KIND[test.kind](_Attempt(test, plan, sessions, context, draft))
    except Exception as fault:  # the edge of a test
        draft.blame(fault)
    return await with_evidence(draft, context)


async def _run_request_test(attempt: _Attempt) -> None:
    """Run the test on a session; once more on a fresh one when the first one died."""
    try:
        async with attempt.sessions.lease(attempt.test, attempt.plan, attempt.context) as leased:
            await _flow(attempt, leased)
        return
    except SessionLost as lost:
        if attempt.draft.request_written and not attempt.test.idempotent:
            raise
        attempt.draft.note(f"its session ended during the call, so it was confirmed on a fresh one: {lost}")
        attempt.draft.confirmed = True
    async with attempt.sessions.lease_fresh(attempt.test, attempt.plan, attempt.context) as leased:
        await _flow(attempt, leased)


async def _flow(attempt: _Attempt, leased: LeasedSession) -> None:
    attempt.draft.note_session(leased)
    await run_flow(Scene(attempt.test, attempt.plan, attempt.context, attempt.draft, leased))


async def _compare_capabilities(attempt: _Attempt) -> None:
    async with attempt.sessions.lease(attempt.test, attempt.plan, attempt.context) as leased:
        attempt.draft.note_session(leased)
        failures = compare(attempt.plan.capabilities, leased.session.capabilities)
    if failures:
        attempt.draft.answer = dict(leased.session.capabilities)
    conclude_checks(attempt.draft, failures)


async def _refuse(attempt: _Attempt) -> None:
    attempt.draft.conclude(AttemptOutcome.ERROR, CauseKind.UNSUPPORTED, "tests of this kind are not run yet")


_BY_KIND: dict[TestKind, Callable[[_Attempt], Awaitable[None]]] = {
    TestKind.TOOL: _run_request_test,
    TestKind.REQUEST: _run_request_test,
    TestKind.CAPABILITIES: _compare_capabilities,
    TestKind.UNSUPPORTED: _refuse,
}
