"""What stands in for workers writes records as they do."""

from bench.stand_in import record_text
from harness.models.attempt import AttemptRecord
from harness.models.job import TestMessage
from harness.models.outcomes import AttemptOutcome


def message(number: int) -> TestMessage:
    return TestMessage(run_id="r", number=number, lease=1, plan="d" * 64, test_id=f"p/s/t/echo/t{number}", token="t")


def test_records_have_the_size_of_real_ones() -> None:
    sizes = [len(record_text(message(number))) for number in range(100_000, 100_020)]
    assert min(sizes) >= 1_500 and max(sizes) <= 2_304


def test_one_record_of_ten_is_a_failure_and_all_name_their_attempt() -> None:
    records = [AttemptRecord.model_validate_json(record_text(message(number))) for number in range(20)]
    assert [record.number for record in records] == list(range(20))
    assert [record.number for record in records if record.outcome is AttemptOutcome.FAILED] == [0, 10]


def test_a_cancelled_test_is_recorded_as_aborted() -> None:
    record = AttemptRecord.model_validate_json(record_text(message(7), AttemptOutcome.ABORTED))
    assert record.outcome is AttemptOutcome.ABORTED
