"""What reading the patterns of a suite may cost."""

import pytest

from harness.checks.pattern_weight import weight_of
from harness.errors import SuiteErrors
from harness.models.expected import Expected, FieldExpectation
from harness.suites.expectations import MAX_PATTERN_WEIGHT, ExpectationChecker
from harness.suites.findings import Findings
from harness.suites.load import load_suite
from harness.suites.shape import Shape, Spot
from harness.suites.tree import Mark


def load_patterns(patterns: list[str]) -> None:
    fields = ",\n".join(f"{{pattern: '{pattern}'}}" for pattern in patterns)
    test = f"{{name: a, expected: {{fields: [\n{fields}]}}}}"
    load_suite(f"name: s\nserver: {{command: c}}\ntools: [{{name: t, tests: [{test}]}}]".encode(), "s.yaml")


def test_patterns_that_are_costly_to_compile_are_not_even_tried_once_they_are_too_many() -> None:
    findings = Findings("s.yaml")
    costly = r"(\pL{20}){9}"
    checker = ExpectationChecker(
        Shape({}, {(): Spot(Mark(1, 1), Mark(1, 1))}), findings, max_weight=3 * weight_of(costly + "000")
    )

    for number in range(1000):
        field = FieldExpectation(pattern=f"{costly}{number:03}")
        checker.check(Expected(fields=(field,)), ())

    with pytest.raises(SuiteErrors) as caught:
        findings.raise_errors()
    messages = [problem.message for problem in caught.value.problems]
    assert len(messages) == 4
    assert [message for message in messages if not message.endswith("pattern too large")] == [
        "the patterns of this suite are too large together"
    ]


@pytest.mark.parametrize(
    ("pattern", "weight"),
    [
        ("abc", 4),
        (r"\pL{7}", 2_113),
        (r"(\pL{20}){9}", 54_192),
        (r"[^\pL\pN\pP]" * 160, 145_921),
        (r"(.{31}){31}", 972),
    ],
)
def test_the_weight_of_a_pattern_follows_what_compiling_it_costs(pattern: str, weight: int) -> None:
    assert weight_of(pattern) == weight


def test_thousands_of_ordinary_patterns_are_accepted() -> None:
    load_patterns([rf'"id{number}":\s*\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}' for number in range(3_000)])


def test_one_pattern_used_often_is_weighed_once() -> None:
    pattern = r"\pL{7}"

    load_patterns([pattern] * (MAX_PATTERN_WEIGHT // weight_of(pattern) + 1))
