"""The suite models on their way to a worker and back."""

from harness.models.expected import Expected, FieldExpectation
from harness.models.job import PlannedTest, TestKind


def test_a_null_that_was_given_is_told_from_a_key_that_was_not_after_a_trip_through_json() -> None:
    expected = Expected(fields=(FieldExpectation(path="$.a", value=None), FieldExpectation(path="$.b", min=1)))
    test = PlannedTest(number=0, test_id="p/s/t/x", kind=TestKind.TOOL, name="x", expected=expected)

    arrived = PlannedTest.model_validate_json(test.model_dump_json())

    assert arrived == test
    assert [field.model_fields_set for field in arrived.expected.fields] == [{"path", "value"}, {"path", "min"}]
