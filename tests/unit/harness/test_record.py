"""Records stay within what may travel, whatever the server sent."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.models.attempt import MAX_RECORD_BYTES, AttemptRecord, Cause, CheckFailure
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.record import CUT_NOTE, bound_record, clip_json, record_json

NOW = datetime(2026, 11, 24, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(), inner, max_size=30),
    max_leaves=60,
)


def test_a_record_that_fits_is_left_as_it_is() -> None:
    record = _record(answer={"small": 1}, stderr_tail="a line")

    assert bound_record(record) is record
    assert AttemptRecord.model_validate_json(record_json(record)) == record


def test_the_answer_goes_first_and_the_record_says_so() -> None:
    cut = bound_record(_record(answer=["x" * 1000] * 20, stderr_tail="last words"))

    assert cut.answer is None and cut.stderr_tail == "last words" and cut.notes == (CUT_NOTE,)


def test_the_worst_record_fits() -> None:
    wide = "\N{GRINNING FACE}"
    failure = CheckFailure(check=wide * 50, path=wide * 200, expected=wide * 300, actual=wide * 300)
    record = _record(
        answer=[wide * 1000] * 20,
        stderr_tail=wide * 3000,
        failures=(failure,) * 500,
        notes=(wide * 300,) * 10,
        cause=Cause(kind=CauseKind.CHECK, message=wide * 600),
        sessions_started=("s" * 12,) * 1000,
    )

    content = record_json(record)

    assert len(content) <= MAX_RECORD_BYTES
    kept = AttemptRecord.model_validate_json(content)
    assert kept.outcome is AttemptOutcome.FAILED and kept.failures and kept.cause and kept.cause.message


def test_deep_long_and_huge_values_are_clipped() -> None:
    deep: Any = "bottom"
    for _ in range(50):
        deep = {"deeper": deep}

    assert "bottom" not in str(clip_json(deep))
    assert clip_json(10**5000) == "an integer of 16610 bits"
    assert clip_json([1, True, None, 2.5]) == [1, True, None, 2.5]
    assert len(str(clip_json(["x" * 900] * 100))) < 6000


@settings(max_examples=60, deadline=None)
@given(json_values)
def test_whatever_is_clipped_is_small_printable_json(value: Any) -> None:
    record = _record(answer=clip_json(value))

    assert len(record_json(record)) <= MAX_RECORD_BYTES
    assert AttemptRecord.model_validate_json(record_json(record)).answer == record.answer


def _record(**changes: Any) -> AttemptRecord:
    head = {"run_id": "r", "number": 0, "test_id": "p/s/t/x", "lease": 1, "worker": "w"}
    times = {"started_at": NOW, "ended_at": NOW}
    return AttemptRecord(**{**head, **times, "outcome": AttemptOutcome.FAILED, **changes})
