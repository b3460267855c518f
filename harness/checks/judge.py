"""The verdict on one answer: which expectations do not hold. Pure, and bounded in work whatever the server sent.

An answer that is an error where none was expected, or the reverse, fails on `error` alone: everything else in it is
then about the wrong thing. Otherwise every key that the author gave is checked, in this order: the end of the call,
`fields`, the answer as a whole, the snapshot.
"""

from harness.checks.answer import Answer
from harness.checks.budget import MAX_STEPS, Budget, BudgetSpent
from harness.checks.case import NO_INPUTS, Case, Found, JudgeInputs
from harness.checks.fields import Judged, judge_field
from harness.checks.given import WRITTEN, given_answer_checks
from harness.checks.show import Mismatch
from harness.checks.snapshot import judge_snapshot
from harness.checks.table import ANSWER_CHECKS, END_CHECKS, AnswerCheck
from harness.checks.verdict import Enough, Judgement, Verdict
from harness.models.expected import Expected, FieldExpectation, Severity

OUT_OF_BUDGET = Mismatch("an answer that can be judged", f"judging it takes more than {MAX_STEPS:,} steps")


def judge(expected: Expected, answer: Answer, inputs: JudgeInputs = NO_INPUTS) -> Judgement:
    """What holds and what does not, in the order of the suite. Never raises."""
    verdict = Verdict(expected)
    case = Case(expected, answer, inputs, Budget())
    try:
        _judge(case, verdict)
    except BudgetSpent:
        verdict.fail_at_last("budget", Found(OUT_OF_BUDGET))
    except Enough:
        pass
    return verdict.judgement()


def _judge(case: Case, verdict: Verdict) -> None:
    given = given_answer_checks(case.expected)
    for name in given:
        if name in END_CHECKS and _judge_answer(name, END_CHECKS[name], case, verdict) and name == "error":
            return
    for field in case.expected.fields:
        for judged in judge_field(field, case):
            _note(judged, field, case, verdict)
    for name in given:
        if name in ANSWER_CHECKS:
            _judge_answer(name, ANSWER_CHECKS[name], case, verdict)
    if "snapshot" in given:
        _judge_snapshot(case, verdict)


def _judge_answer(name: str, check: AnswerCheck, case: Case, verdict: Verdict) -> bool:
    """Whether something was found."""
    is_found = False
    for found in check(case):
        is_found = True
        verdict.fail(WRITTEN.get(name, name), found)
    if not is_found:
        verdict.hold(WRITTEN.get(name, name), "", getattr(case.expected, name))
    return is_found


def _judge_snapshot(case: Case, verdict: Verdict) -> None:
    taken = judge_snapshot(case)
    if taken.found:
        verdict.fail("snapshot", taken.found)
    elif taken.new_text is None:
        verdict.hold("snapshot", "", case.expected.snapshot)
    else:
        verdict.take(taken.new_text)


def _note(judged: Judged, field: FieldExpectation, case: Case, verdict: Verdict) -> None:
    if judged.mismatch is None:
        verdict.hold(judged.check, judged.path, getattr(field, judged.check))
        return
    found = Found(judged.mismatch, judged.path, judged.actual_type)
    is_warning = judged.is_allowed or field.severity is Severity.WARNING
    if is_warning and not case.expected.strict_mode:
        verdict.warn(judged.check, found)
    else:
        verdict.fail(judged.check, found)
