"""Runs one test: lease a session → observe → judge. Sessions come from outside; the result is a value.

Knows no queue and no store, and never raises but CancelledError: a server that misbehaves is an outcome, and so is a
fault of our own.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from harness.checks.answer import Answer
from harness.checks.capabilities import compare
from harness.checks.judge import judge
from harness.draft import Draft
from harness.errors import SessionGone, SessionLost
from harness.leasing import HARD_GRACE_S, AttemptContext, LeasedSession, SessionSource
from harness.mcp.sandbox import expand_all, expand_expected
from harness.mcp.session import Observation
from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.expected import Expected
from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.outcomes import AttemptOutcome, CauseKind

LARGE_ANSWER_BYTES = 256 * 1024
"""Larger answers are judged in a thread, so that other tests' loop goes on."""
MAX_TOOLS_SHOWN = 12


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
    return draft.record()


async def _run_tool_test(attempt: _Attempt) -> None:
    seen = await _observe(attempt)
    if seen is not None:
        _conclude(attempt.draft, await _judge(seen), seen.observation.answer)


@dataclass(frozen=True)
class _Seen:
    """What a server answered, and what it should have: `${sandbox}` in an expectation means the sandbox it ran in."""

    observation: Observation
    expected: Expected


async def _observe(attempt: _Attempt) -> _Seen | None:
    """Call the tool; once more on a fresh session when the first one died. None when there is no such tool."""
    try:
        async with attempt.sessions.lease(attempt.test, attempt.plan, attempt.context) as leased:
            return await _call(attempt, leased)
    except SessionLost as lost:
        if attempt.draft.request_written and not attempt.test.idempotent:
            raise
        attempt.draft.note(f"its session ended during the call, so it was confirmed on a fresh one: {lost}")
        attempt.draft.confirmed = True
    async with attempt.sessions.lease_fresh(attempt.test, attempt.plan, attempt.context) as leased:
        return await _call(attempt, leased)


async def _call(attempt: _Attempt, leased: LeasedSession) -> _Seen | None:
    test, draft, session = attempt.test, attempt.draft, leased.session
    _note_session(draft, leased)
    if session.tools is not None and test.tool not in session.tools:
        draft.conclude(AttemptOutcome.ERROR, CauseKind.NO_SUCH_TOOL, _offered(test.tool, session.tools))
        return None
    arguments = {name: expand_all(value, leased.sandbox) for name, value in test.input.items()}
    attempt.context.deadline.at = time.monotonic() + test.timeout_s + HARD_GRACE_S
    attempt.context.deadline.called = True
    draft.begin_call()
    try:
        observation = await session.call_tool(test.tool, arguments, timeout_s=test.timeout_s)
        draft.observe(observation.call_s, observation.our_delay_s, observation.others_in_flight)
        return _Seen(observation, expand_expected(test.expected, leased.sandbox))
    except SessionGone:
        draft.request_written = attempt.context.deadline.called = False
        raise
    finally:
        attempt.context.deadline.at = None
        draft.end_call()
        for finding in session.notes():
            draft.note(finding)


async def _judge(seen: _Seen) -> tuple[CheckFailure, ...]:
    if seen.observation.size_bytes > LARGE_ANSWER_BYTES:
        return await asyncio.to_thread(judge, seen.expected, seen.observation.answer)
    return judge(seen.expected, seen.observation.answer)


async def _compare_capabilities(attempt: _Attempt) -> None:
    async with attempt.sessions.lease(attempt.test, attempt.plan, attempt.context) as leased:
        _note_session(attempt.draft, leased)
        failures = compare(attempt.plan.capabilities, leased.session.capabilities)
    if failures:
        attempt.draft.answer = dict(leased.session.capabilities)
    _conclude_checks(attempt.draft, failures)


async def _refuse(attempt: _Attempt) -> None:
    attempt.draft.conclude(AttemptOutcome.ERROR, CauseKind.UNSUPPORTED, "tests of this kind are not run yet")


_BY_KIND: dict[TestKind, Callable[[_Attempt], Awaitable[None]]] = {
    TestKind.TOOL: _run_tool_test,
    TestKind.CAPABILITIES: _compare_capabilities,
    TestKind.REQUEST: _refuse,
    TestKind.UNSUPPORTED: _refuse,
}


def _conclude(draft: Draft, failures: tuple[CheckFailure, ...], answer: Answer) -> None:
    if failures:
        draft.answer = answer.result if answer.error is None else {"error": asdict(answer.error)}
    if failures and failures[0].check == "error" and answer.is_error:
        draft.failures = failures
        draft.conclude(AttemptOutcome.FAILED, CauseKind.UNEXPECTED_ERROR, failures[0].actual)
    else:
        _conclude_checks(draft, failures)


def _conclude_checks(draft: Draft, failures: tuple[CheckFailure, ...]) -> None:
    draft.failures = failures
    if not failures:
        draft.conclude(AttemptOutcome.PASSED)
        return
    message = str(failures[0])
    if any(failure.check == "budget" for failure in failures):
        draft.conclude(AttemptOutcome.ERROR, CauseKind.JUDGING, message)
    else:
        draft.conclude(AttemptOutcome.FAILED, CauseKind.CHECK, message)


def _note_session(draft: Draft, leased: LeasedSession) -> None:
    draft.wait_s += leased.wait_s
    draft.facts = leased.session.facts
    draft.stderr_of = leased.session.stderr_tail
    if leased.started_for_us:
        draft.sessions_started.append(leased.session.session_id)


def _offered(tool: str, tools: frozenset[str]) -> str:
    shown = ", ".join(sorted(tools)[:MAX_TOOLS_SHOWN])
    more = f" and {len(tools) - MAX_TOOLS_SHOWN} more" if len(tools) > MAX_TOOLS_SHOWN else ""
    return f"the server offers no tool '{tool}'; it offers {shown or 'none'}{more}"
