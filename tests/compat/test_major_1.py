"""Messages of major 1, as they were first written: today's models read them, and what a newer process adds to them.

Never change a file in `v1/`: a process of that age may still send it. New keys come with a new file beside it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest, SuitePlan, TestMessage
from harness.models.wire import Wire
from workers.bundles import LoadedPlan

V1 = Path(__file__).parent / "v1"
GOLDEN: dict[str, type[Wire]] = {
    "test_message": TestMessage,
    "test_message_retried": TestMessage,
    "suite_plan": SuitePlan,
    "suite_plan_retry": SuitePlan,
    "suite_plan_target": SuitePlan,
    "suite_plan_snapshots": SuitePlan,
    "attempt_record": AttemptRecord,
    "attempt_record_written": AttemptRecord,
    "attempt_record_passed_over": AttemptRecord,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_message_of_major_1_is_read_without_loss(name: str) -> None:
    written = _read(name)

    read = GOLDEN[name].model_validate(written)

    assert written.get("schema_version") == 1
    assert _with_keys_of(read.model_dump(mode="json"), written) == written


@pytest.mark.parametrize("name", GOLDEN)
def test_keys_that_a_newer_process_adds_are_ignored(name: str) -> None:
    written = _read(name)

    newer = GOLDEN[name].model_validate({**written, "added_later": {"by": "a newer process"}})

    assert newer == GOLDEN[name].model_validate(written)


def test_a_test_of_a_newer_plan_is_read_and_runs() -> None:
    plan = _read("suite_plan")
    for test in plan["tests"]:
        test["added_later"] = True
    plan["added_later"] = True

    loaded = LoadedPlan("digest", json.dumps(plan).encode())

    assert loaded.test(41).model_dump() == PlannedTest.model_validate(_read("suite_plan")["tests"][1]).model_dump()
    assert [member.number for member in loaded.group("forecast")] == [41, 42]


def test_a_check_that_this_process_does_not_know_is_refused_and_never_passed_over() -> None:
    """Ignoring it would let a test pass unchecked; refused, the test is lost here and goes to another worker."""
    test = _read("suite_plan")["tests"][1]
    test["expected"]["fields"][0]["sounds_like"] = "Oslo"

    with pytest.raises(ValidationError, match="sounds_like"):
        PlannedTest.model_validate(test)


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((V1 / f"{name}.json").read_text())
    return content


def _with_keys_of(read: Any, written: Any) -> Any:
    """`read` with only those keys that were written: what was added since is not compared."""
    if isinstance(written, dict) and isinstance(read, dict):
        return {key: _with_keys_of(read[key], written[key]) for key in written if key in read}
    if isinstance(written, list) and isinstance(read, list):
        return [_with_keys_of(one, other) for one, other in zip(read, written, strict=True)]
    return read
