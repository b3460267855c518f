"""How a judgement enters the draft of an attempt: what fails is returned, what warns or holds is kept."""

import asyncio
import time

from harness.checks.answer import Answer
from harness.checks.case import NO_INPUTS
from harness.concluding import judge_answer
from harness.draft import Draft
from harness.mcp.observation import Observation
from harness.models.attempt import CheckFailure
from harness.models.evidence import HeldCheck
from harness.models.expected import Expected
from harness.models.job import PlannedTest, TestKind
from harness.trace import Asked

TEST = PlannedTest(number=0, test_id="a/b/c/d", kind=TestKind.TOOL, name="d")


def test_what_fails_is_returned_and_what_warns_or_holds_is_kept_with_its_step() -> None:
    draft = Draft("r1", 1, "w1", TEST)
    asked = draft.trace.begin(Asked("step 1", "tools/call", "t", {}, time.monotonic()))
    observation = Observation(Answer(result={"content": [], "n": 3}), 0.1, 0.0, 0, 0, 10)
    draft.trace.end(asked, observation)
    fields = [
        {"path": "$.n", "value": 4},
        {"path": "$.n", "min": 5, "severity": "warning"},
        {"path": "$.n", "field_type": "integer"},
    ]

    failures = asyncio.run(
        judge_answer(draft, Expected.model_validate({"fields": fields}), observation, NO_INPUTS, "step 1")
    )

    seen = {"path": "$.n", "actual": "3", "actual_type": "number", "step": "step 1"}
    assert failures == (CheckFailure(check="value", expected="4", **seen),)
    assert [(warning.check, warning.step) for warning in draft.warnings] == [("min", "step 1")]
    assert asked.held == (
        HeldCheck(check="error", expected="false", step="step 1"),
        HeldCheck(check="field_type", path="$.n", expected='"integer"', step="step 1"),
    )


def test_the_same_warning_of_many_calls_is_kept_once() -> None:
    draft = Draft("r1", 1, "w1", TEST)
    for _ in range(3):
        draft.warn(CheckFailure(check="min", expected="5", actual="3"))
    assert len(draft.warnings) == 1
