"""What counts as a verdict of a script, and when it is good enough."""

import pytest

from harness.errors import ScriptFault
from harness.models.attempt import CheckFailure
from harness.models.script import Language, PlannedScript
from harness.scripts.verdict import ScriptVerdict, judge_script, read_verdict


@pytest.mark.parametrize(
    ("stdout", "verdict"),
    [
        ('{"success": true, "score": 0.9, "message": "fine"}', ScriptVerdict(0, True, 0.9, "fine")),
        ('{\n  "success": false\n}\n', ScriptVerdict(0, False)),
        ('looking at it\n{"score": 1}\n\n', ScriptVerdict(0, None, 1.0)),
        ('{"success": false}\n{"success": true}', ScriptVerdict(0, True)),
        ("all well\nreally", ScriptVerdict(0, message="really")),
        ('{"tables": 3}', ScriptVerdict(0, message='{"tables": 3}')),
        ("[" * 5000, ScriptVerdict(0, message="[" * 297 + "...")),
        ("", ScriptVerdict(0)),
        ('{"success": true, "message": "\\u001b[31mred\\n"}', ScriptVerdict(0, True, None, "\\x1b[31mred\\n")),
    ],
)
def test_a_verdict_is_all_of_the_output_or_its_last_line(stdout: str, verdict: ScriptVerdict) -> None:
    assert read_verdict(stdout.encode(), "", 0, 0.0) == verdict


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"success": "yes"}', 'its verdict says success: "yes"; it must be true or false'.replace('"', "")),
        ('{"success": 1}', "its verdict says success: 1; it must be true or false"),
        ('{"score": "high"}', "its verdict says score: high; it must be a number"),
        ('{"score": true}', "its verdict says score: true; it must be a number"),
        ('{"score": NaN}', "its verdict says score: NaN; it must be a number"),
        ('{"score": 1e999}', "its verdict says score: Infinity; it must be a number"),
    ],
)
def test_a_verdict_that_cannot_be_read_is_a_fault_of_the_script(said: str, why: str) -> None:
    with pytest.raises(ScriptFault) as caught:
        read_verdict(said.encode(), "", 0, 0.0)
    assert str(caught.value) == why


def planned(**fields: object) -> PlannedScript:
    return PlannedScript.model_validate({"name": "precision", "language": Language.LUA, **fields})


@pytest.mark.parametrize(
    ("verdict", "script", "expected", "actual"),
    [
        (ScriptVerdict(1, message="two are missing"), {}, "exit code 0", "exit code 1: two are missing"),
        (ScriptVerdict(0), {"expected_exit_code": 3}, "exit code 3", "exit code 0"),
        (ScriptVerdict(1, success=True), {}, "exit code 0", "exit code 1"),
        (ScriptVerdict(0, success=False, message="off by 2"), {}, "success", "no success: off by 2"),
        (ScriptVerdict(0, success=True, score=0.6), {"min_score": 0.7}, "a score of at least 0.7", "0.6"),
        (ScriptVerdict(0, success=True), {"min_score": 0.7}, "a score of at least 0.7", "no score"),
    ],
)
def test_exit_code_success_and_score_must_all_be_as_expected(
    verdict: ScriptVerdict, script: dict[str, object], expected: str, actual: str
) -> None:
    failure = CheckFailure(check="script", path="precision", expected=expected, actual=actual)
    assert judge_script(verdict, planned(**script)) == failure


@pytest.mark.parametrize(
    ("verdict", "script"),
    [
        (ScriptVerdict(0), {}),
        (ScriptVerdict(3), {"expected_exit_code": 3}),
        (ScriptVerdict(0, success=True), {}),
        (ScriptVerdict(0, score=0.1), {}),
        (ScriptVerdict(0, score=0.7), {"min_score": 0.7}),
    ],
)
def test_a_script_that_says_nothing_against_the_answer_holds(verdict: ScriptVerdict, script: dict[str, object]) -> None:
    assert judge_script(verdict, planned(**script)) is None
