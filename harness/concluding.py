"""How an answer becomes a verdict on the attempt: judged, and written into its draft."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from harness.checks.answer import Answer
from harness.checks.case import JudgeInputs
from harness.checks.judge import judge
from harness.checks.verdict import Judgement
from harness.draft import SNAPSHOT, Draft, MadeFile
from harness.mcp.observation import Observation
from harness.models.attempt import CheckFailure
from harness.models.expected import Expected
from harness.models.outcomes import AttemptOutcome, CauseKind

LARGE_ANSWER_BYTES = 256 * 1024
"""Larger answers are judged in a thread, so that other tests' loop goes on."""
MAX_TOOLS_SHOWN = 12


async def judge_answer(
    draft: Draft, expected: Expected, observation: Observation, inputs: JudgeInputs, step: str = "", snapshot: str = ""
) -> tuple[CheckFailure, ...]:
    """The checks that do not hold, labelled with the step.

    What holds, and what only warns, is kept in the draft, and a new snapshot with the path `snapshot`.
    """
    judgement = await _judgement(expected, observation, inputs)
    draft.trace.judged(observation, judgement)
    for warning in judgement.warnings:
        draft.warn(_of_step(warning, step))
    if judgement.new_snapshot is not None:
        draft.keep(MadeFile(SNAPSHOT, snapshot, judgement.new_snapshot.encode()))
    for left_out, what in ((judgement.left_out, "do not hold"), (judgement.warnings_left_out, "only warn")):
        if left_out:
            draft.note(f"{left_out} more checks {what}: max_validation_errors is {expected.max_validation_errors}")
    return tuple(_of_step(failure, step) for failure in judgement.failures)


async def _judgement(expected: Expected, observation: Observation, inputs: JudgeInputs) -> Judgement:
    if observation.size_bytes > LARGE_ANSWER_BYTES:
        return await asyncio.to_thread(judge, expected, observation.answer, inputs)
    return judge(expected, observation.answer, inputs)


def _of_step(check: CheckFailure, step: str) -> CheckFailure:
    return check.model_copy(update={"step": step}) if step else check


def conclude(draft: Draft, failures: Sequence[CheckFailure], answer: Answer) -> None:
    """The verdict of a test whose answer was judged."""
    if failures:
        draft.answer = answer.result if answer.error is None else {"error": asdict(answer.error)}
    if failures and failures[0].check == "error" and answer.is_error:
        draft.failures = tuple(failures)
        draft.conclude(AttemptOutcome.FAILED, CauseKind.UNEXPECTED_ERROR, failures[0].actual)
    else:
        conclude_checks(draft, failures)


def conclude_checks(draft: Draft, failures: Sequence[CheckFailure]) -> None:
    """The verdict of checks on anything else."""
    draft.failures = tuple(failures)
    if not failures:
        draft.conclude(AttemptOutcome.PASSED)
        return
    message = str(failures[0])
    if any(failure.check == "budget" for failure in failures):
        draft.conclude(AttemptOutcome.ERROR, CauseKind.JUDGING, message)
    else:
        draft.conclude(AttemptOutcome.FAILED, CauseKind.CHECK, message)


def conclude_no_such_tool(draft: Draft, tool: str, tools: frozenset[str]) -> None:
    """A tool that is not listed is an error of the test, never a negative test that passed."""
    shown = ", ".join(sorted(tools)[:MAX_TOOLS_SHOWN])
    more = f" and {len(tools) - MAX_TOOLS_SHOWN} more" if len(tools) > MAX_TOOLS_SHOWN else ""
    message = f"the server offers no tool '{tool}'; it offers {shown or 'none'}{more}"
    draft.conclude(AttemptOutcome.ERROR, CauseKind.NO_SUCH_TOOL, message)
