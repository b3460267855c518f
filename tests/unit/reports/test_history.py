"""The history of a test as text."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from harness.models.attempt import SessionFacts, Timing
from harness.models.looking_back import PastTest, TestHistory
from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.safe_text import one_line
from scheduler.reports.history import cells, head_lines, strip
from scheduler.reports.past_test import past_test
from tests.unit.reports.causes import CAUSES
from tests.unit.reports.runs import START, case, record, run_of


def past(outcome: TestOutcome | None, seconds: float = 0.5, **members: object) -> PastTest:
    given = {"run_id": "8f2c1a", "number": 0, "attempts": 1, **members}
    return PastTest.model_validate({"at": START, "outcome": outcome, "duration_s": seconds, **given})


def test_a_history_begins_with_its_strip_its_rate_its_durations_and_its_versions() -> None:
    outcomes = [
        None,
        TestOutcome.SKIPPED,
        TestOutcome.FLAKY,
        TestOutcome.FAILED,
        TestOutcome.PASSED,
        TestOutcome.PASSED,
    ]
    servers = ["", "", "orders 2.0", "orders 2.0", "orders 1.0", "orders 1.0"]
    entries = tuple(
        past(outcome, n, server=server, run_id=f"r{n}")
        for n, (outcome, server) in enumerate(zip(outcomes, servers, strict=True))
    )
    assert list(head_lines(TestHistory(test_id="default/a/b/c", entries=entries))) == [
        "a/b/c   6 runs",
        "outcomes  ..x~--   oldest to newest: . passed 2, ~ flaky 1, x failed 1, - no verdict 2",
        "flaky     25% of those with a verdict",
        "seconds   median 3.50s, 2.00s to 5.00s",
        "versions  orders 1.0 since r5, orders 2.0 since r3",
    ]


def test_a_history_of_nothing_says_only_that() -> None:
    assert list(head_lines(TestHistory(test_id="t", entries=()))) == ["t   0 runs"]
    assert TestHistory(test_id="t", entries=()).flaky_rate is None


def test_a_past_test_is_what_its_report_says() -> None:
    session = SessionFacts(session_id="s", position=0, server_name="orders", server_version="2.0")
    first = record(AttemptOutcome.FAILED)
    last = record(AttemptOutcome.FAILED, session=session, timing=Timing(call_s=0.2))
    report = run_of(case("a", TestOutcome.FAILED, first, last, reason="r", duration_s=1.0))
    report = report.model_copy(update={"causes": CAUSES[:1]})
    assert past_test(report, report.tests[0]) == PastTest(
        run_id="8f2c1a",
        at=START,
        number=0,
        outcome=TestOutcome.FAILED,
        reason="r",
        duration_s=1.0,
        call_s=0.2,
        attempts=2,
        server="orders 2.0",
        cause_id="c3f9a01bc",
    )


def test_a_row_shows_the_seconds_of_the_call() -> None:
    entry = past(TestOutcome.FAILED, 9, call_s=0.25, at=START + timedelta(minutes=5), reason="why\nnot", server="s 1")
    assert cells(entry) == ("8f2c1a", "2026-11-24 02:05", "failed", "0.25s", "1", "s 1", "-", "why\\nnot")


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_safe_to_print(text: str) -> None:
    entry = past(TestOutcome.FAILED, reason=text, server=text, run_id=text, cause_id=text)
    history = TestHistory(test_id=text, entries=(entry,))
    assert all(line == one_line(line, 10**6) for line in (*head_lines(history), *cells(entry), strip(history.entries)))
