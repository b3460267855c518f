"""Snapshots: what is kept, when it is taken, and what differs from it."""

from typing import Any

import pytest

from harness.checks.answer import Answer
from harness.checks.case import JudgeInputs
from harness.checks.judge import judge
from harness.checks.verdict import Judgement
from harness.models.expected import Expected, SnapshotMode
from tests.unit.checks.rows import saying

ANSWER = Answer(result={"structuredContent": {"b": [1, 2], "a": "at 12:30, req-af01"}})


def judged(answer: Answer, stored: str | None, mode: str = "compare", **options: Any) -> Judgement:
    expected = Expected.model_validate({"subject": "content", "snapshot": True, **options})
    return judge(expected, answer, JudgeInputs(snapshot=stored, snapshot_mode=SnapshotMode(mode)))


def test_a_missing_one_is_taken_with_sorted_keys_and_passes() -> None:
    judgement = judged(ANSWER, None)

    assert judgement.failures == ()
    assert judgement.new_snapshot == ('{\n  "a": "at 12:30, req-af01",\n  "b": [\n    1,\n    2\n  ]\n}\n')
    assert judged(ANSWER, judgement.new_snapshot).new_snapshot is None


@pytest.mark.parametrize(
    ("stored", "mode", "fails", "is_taken"),
    [
        (None, "compare", False, True),
        (None, "update", False, True),
        (None, "ci", True, False),
        ("{}", "compare", True, False),
        ("{}", "update", False, True),
        ("{}", "ci", True, False),
        ("no json", "compare", True, False),
        ("no json", "update", False, True),
        ("[" * 100_000, "ci", True, False),
        ('{"b": [1, 2.0], "a": "at 12:30, req-af01"}', "update", False, False),
    ],
)
def test_what_becomes_of_it_is_a_matter_of_the_mode(stored: str | None, mode: str, fails: bool, is_taken: bool) -> None:
    judgement = judged(ANSWER, stored, mode)

    assert (bool(judgement.failures), judgement.new_snapshot is not None) == (fails, is_taken)


def test_what_differs_is_shown_with_the_remedy() -> None:
    (failure,) = judged(ANSWER, '{"b": [1, 3], "a": "at 12:30, req-af01"}').failures

    assert failure.diff == "~ b[1]  3 .. 2\nrun with --update-snapshots to accept it"


def test_redactions_replace_values_and_parts_of_texts() -> None:
    redactions = [
        {"path": "b[*]", "replace": "n"},
        {"pattern": r"\d\d:\d\d", "replace": r"\1 TIME"},
        {"pattern": "req-[0-9a-f]+"},
    ]

    judgement = judged(ANSWER, None, redactions=redactions)

    assert judgement.new_snapshot == ('{\n  "a": "at \\\\1 TIME, [redacted]",\n  "b": [\n    "n",\n    "n"\n  ]\n}\n')
    later = Answer(result={"structuredContent": {"b": [5, 6], "a": "at 08:00, req-0"}})
    assert judged(later, judgement.new_snapshot, redactions=redactions).failures == ()


def test_the_answer_itself_is_not_changed() -> None:
    before = repr(ANSWER)
    judged(ANSWER, None, redactions=[{"path": "a"}])
    assert repr(ANSWER) == before


def test_terms_hold_for_snapshots_too() -> None:
    stored = '{"a": "AT 12:30, REQ-AF01", "b": [2, 1]}'

    assert judged(ANSWER, stored, case_sensitive=False, ignore_order=True).failures == ()
    assert judged(ANSWER, stored, case_sensitive=False).failures != ()


def test_none_is_taken_of_an_answer_that_fails_otherwise() -> None:
    judgement = judged(ANSWER, None, fields=[{"path": "a", "min": 1}])

    assert ([failure.check for failure in judgement.failures], judgement.new_snapshot) == (["min"], None)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (nested(65), "nested too deeply to be kept"),
        (nested(10_000), "nested too deeply to be kept"),
        (["x" * 1024 * 1024], "1,048,600 characters, more than a snapshot holds"),
        ([float("nan")], "Out of range float values are not JSON compliant: nan"),
    ],
)
def test_what_cannot_be_kept_fails(value: Any, reason: str) -> None:
    (failure,) = judged(Answer(result={"structuredContent": {"x": value}}), None).failures

    assert (failure.check, failure.expected) == ("snapshot", "an answer that a snapshot can hold")
    assert failure.actual.startswith(reason.removesuffix(": nan"))


def test_lone_surrogates_come_back_as_they_were() -> None:
    taken = judged(saying("a\ud800b"), None).new_snapshot

    assert taken == '"a\\ud800b"\n'
    assert judged(saying("a\ud800b"), taken).failures == ()


def test_a_redaction_that_writes_more_than_it_takes_ends_at_the_budget() -> None:
    (failure,) = judged(saying("a" * 100_000), None, redactions=[{"pattern": "", "replace": "x" * 200}]).failures

    assert failure.check == "budget"
