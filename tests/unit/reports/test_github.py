"""Annotations: one line each, within GitHub's numbers, and no text of others is a command."""

import re

from hypothesis import given
from hypothesis import strategies as st

from harness.models.outcomes import AttemptOutcome, TestOutcome
from scheduler.reports.github import annotations
from tests.unit.reports.causes import run_with_causes
from tests.unit.reports.runs import case, check, record, run_of


def test_each_cause_is_an_error_at_its_first_test_and_each_flaky_test_a_warning() -> None:
    assert list(annotations(run_with_causes(), lambda file: f"mcp/{file}")) == [
        "::error file=mcp/suites/checkout.yaml,line=42,title=NEW 4 tests on orders"
        "::$.price: expected number of at most 1000, got 1204.5",
        "::error file=mcp/suites/export.yaml,line=8,title=NEW 2 tests on reports::no answer within 60s",
        "::error file=mcp/suites/search.yaml,line=77,title=STILL 1 test on catalog"
        '::expected "Found 3 items", got "Found 3 item(s)"',
        "::warning file=mcp/suites/search.yaml,line=77,title=flaky search/catalog/search/empty"
        "::passed on attempt 2; attempt 1: time limit: no answer within 60s",
    ]


def test_more_than_nine_are_counted() -> None:
    failed = [case("a", TestOutcome.FAILED, target=f"s{n}", number=n) for n in range(12)]
    flaky = [
        case("b", TestOutcome.FLAKY, record(AttemptOutcome.FAILED), record(AttemptOutcome.PASSED), number=20 + n)
        for n in range(10)
    ]
    lines = list(annotations(run_of(*failed, *flaky)))
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10
    assert lines[9] == "::error title=mcp-test-harness::and 3 more causes"
    assert lines[19] == "::warning title=mcp-test-harness::and 1 more warning"


@given(st.text(st.characters(exclude_categories=()), max_size=600))
def test_any_text_stays_within_its_own_line_and_member(text: str) -> None:
    failed = record(AttemptOutcome.FAILED, failures=(check(text),))
    (line,) = annotations(run_of(case(text, TestOutcome.FAILED, failed, file=text or "f", target=text)))
    found = re.fullmatch(r"::error file=([^:,]*),line=42,title=([^:,]*)::(.*)", line)
    assert found
    assert "\n" not in line and "\r" not in line
    assert len(re.sub("%(25|3A|2C)", "x", found[3])) <= 400
