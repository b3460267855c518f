"""Runs one test: lease a session → observe → judge. Sessions come from outside; the result is a value.

Knows no queue and no store, and never raises but CancelledError: a server that misbehaves is an outcome, and so is a
fault of our own.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.checks.capabilities import compare
from harness.concluding import conclude, conclude_checks, conclude_no_such_tool, judge_answer
from harness.draft import Draft
from harness.errors import SessionGone, SessionLost
from harness.evidence import with_evidence
from harness.expectations import filled
from harness.flow import run_flow
from harness.leasing import HARD_GRACE_S, AttemptContext, LeasedSession, SessionSource
from harness.mcp.observation import Observation
from harness.mcp.sandbox import names_in
from harness.models.attempt import AttemptRecord
from harness.models.expected import Expected
from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.method import Method
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.scene import Scene
from harness.templates import fill_all
from harness.trace import Asked

Result = TypeVar("Result")


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


async def _run_tool_test(attempt: _Attempt) -> None:
    seen = await _with_session(attempt, _call)
    if seen is not None:
        failures = await judge_answer(attempt.draft, seen.expected, seen.observation)
        conclude(attempt.draft, failures, seen.observation.answer)


@dataclass(frozen=True)
class _Seen:
    """What a server answered, and what it should have: `${sandbox}` in an expectation means the sandbox it ran in."""

    observation: Observation
    expected: Expected


async def _with_session(attempt: _Attempt, body: Callable[[_Attempt, LeasedSession], Awaitable[Result]]) -> Result:
    """Do something with a session; once more with a fresh one when the first one died."""
    try:
        async with attempt.sessions.lease(attempt.test, attempt.plan, attempt.context) as leased:
            return await body(attempt, leased)
    except SessionLost as lost:
        if attempt.draft.request_written and not attempt.test.idempotent:
            raise
        attempt.draft.note(f"its session ended during the call, so it was confirmed on a fresh one: {lost}")
        attempt.draft.confirmed = True
    async with attempt.sessions.lease_fresh(attempt.test, attempt.plan, attempt.context) as leased:
        return await body(attempt, leased)


async def _call(attempt: _Attempt, leased: LeasedSession) -> _Seen | None:
    """Call the tool. None when there is no such tool."""
    test, draft, session = attempt.test, attempt.draft, leased.session
    draft.note_session(leased)
    if session.tools is not None and test.tool not in session.tools:
        conclude_no_such_tool(draft, test.tool, session.tools)
        return None
    names = names_in(leased.sandbox)
    given = replace(names, secret=attempt.context.secret)
    arguments = {name: fill_all(value, given) for name, value in test.input.items()}
    attempt.context.deadline.at = time.monotonic() + test.timeout_s + HARD_GRACE_S
    attempt.context.deadline.called = True
    draft.begin_call()
    asked = draft.trace.begin(Asked("", Method.CALL_TOOL, test.tool, arguments, time.monotonic()))
    try:
        observation = await session.call_tool(test.tool, arguments, timeout_s=test.timeout_s)
        draft.observe(observation.call_s, observation.our_delay_s, observation.others_in_flight)
        expected = filled(test.expected, names)
        draft.trace.end(asked, observation)
        return _Seen(observation, expected)
    except SessionGone:
        draft.request_written = attempt.context.deadline.called = False
        raise
    finally:
        attempt.context.deadline.at = None
        draft.end_call()
        for finding in session.notes():
            draft.note(finding)


async def _run_request_test(attempt: _Attempt) -> None:
    await _with_session(attempt, _flow)


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
    TestKind.TOOL: _run_tool_test,
    TestKind.REQUEST: _run_request_test,
    TestKind.CAPABILITIES: _compare_capabilities,
    TestKind.UNSUPPORTED: _refuse,
}
