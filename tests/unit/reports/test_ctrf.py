"""The CTRF report: compared whole, and held against what its specification asks."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport
from scheduler.reports.ctrf import render_ctrf
from tests.unit.reports.runs import case, cause, check, every_outcome, record, run_of

HERE = Path(__file__).parent
SCHEMA = Draft202012Validator(json.loads((HERE / "ctrf.schema.json").read_text()))


def problems_of(report: RunReport) -> list[str]:
    return [error.message for error in SCHEMA.iter_errors(json.loads(render_ctrf(report)))]


def test_a_run_with_every_outcome() -> None:
    assert render_ctrf(every_outcome()) == (HERE / "golden" / "ctrf-report.json").read_text()


def test_it_is_what_the_format_asks_for() -> None:
    assert problems_of(every_outcome()) == []
    assert problems_of(run_of()) == []


def test_counts_by_status_sum_to_the_tests() -> None:
    summary = json.loads(render_ctrf(every_outcome()))["results"]["summary"]
    assert summary["tests"] == 15
    assert sum(summary[status] for status in ("passed", "failed", "skipped", "pending", "other")) == 15
    assert (summary["flaky"], summary["suites"]) == (1, 3)


def test_a_flaky_test_has_passed_and_tells_the_attempts_before() -> None:
    late = record(AttemptOutcome.TIMEOUT, seconds=60, cause=cause(CauseKind.TIME_LIMIT, "no answer"))
    lost = record(AttemptOutcome.LOST)
    report = run_of(case("a", TestOutcome.FLAKY, late, lost, record(AttemptOutcome.PASSED)))
    (test,) = json.loads(render_ctrf(report))["results"]["tests"]
    assert (test["status"], test["flaky"], test["retries"]) == ("passed", True, 2)
    assert [(entry["attempt"], entry["status"], entry["message"]) for entry in test["retryAttempts"]] == [
        (1, "failed", "time limit: no answer"),
        (2, "other", "lost"),
    ]


@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_any_text_makes_a_valid_report_in_plain_ascii(text: str) -> None:
    failed = record(AttemptOutcome.FAILED, failures=(check(text),), stderr_tail=text, worker=text)
    report = run_of(case(text, TestOutcome.FAILED, failed, reason=text, file=text, suite=text, tags=(text,)), name=text)
    assert problems_of(report) == []
    assert render_ctrf(report).isascii()


def test_durations_that_are_no_numbers_are_nought() -> None:
    report = run_of(*(case("a", TestOutcome.PASSED, duration_s=value) for value in (float("nan"), -1.0)))
    assert [test["duration"] for test in json.loads(render_ctrf(report))["results"]["tests"]] == [0, 0]
