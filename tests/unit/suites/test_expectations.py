"""What reading the patterns of a suite may cost."""

import pytest

from harness.errors import SuiteErrors
from harness.suites.expectations import MAX_PATTERN_WEIGHT, weight_of
from harness.suites.load import load_suite


def load_patterns(patterns: list[str]) -> None:
    fields = ",\n".join(f"{{pattern: '{pattern}'}}" for pattern in patterns)
    test = f"{{name: a, expected: {{fields: [\n{fields}]}}}}"
    load_suite(f"name: s\nserver: {{command: c}}\ntools: [{{name: t, tests: [{test}]}}]".encode(), "s.yaml")


def test_patterns_that_are_costly_to_compile_are_not_even_tried_once_they_are_too_many() -> None:
    with pytest.raises(SuiteErrors) as caught:
        load_patterns([rf"(\pL{{20}}){{9}}{number}" for number in range(10_000)])

    messages = [problem.message for problem in caught.value.problems]
    assert messages[-1] == "the patterns of this suite are too large together"
    assert all(message.endswith("pattern too large") for message in messages[:-1])
    assert len(messages) < 150


def test_thousands_of_ordinary_patterns_are_accepted() -> None:
    load_patterns([rf'"id{number}":\s*\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}' for number in range(3_000)])


def test_one_pattern_used_often_is_weighed_once() -> None:
    pattern = r"\pL{7}"

    load_patterns([pattern] * (MAX_PATTERN_WEIGHT // weight_of(pattern) + 1))
