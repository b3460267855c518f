"""Why a test did not pass, in lines."""

import pytest

from harness.models.attempt import CheckFailure, SessionFacts
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import TestReport
from scheduler.reports.explain import attempts_text, flaky_text, stacked_lines, stderr_lines, why_lines
from tests.unit.reports.runs import case, cause, check, record


def failed(*failures: CheckFailure, stderr_tail: str = "", session: SessionFacts | None = None) -> TestReport:
    entry = record(AttemptOutcome.FAILED, failures=failures, stderr_tail=stderr_tail, session=session)
    return case("a", TestOutcome.FAILED, entry)


def test_a_check_stands_on_one_line_where_that_fits() -> None:
    line = "max at $.price   expected number of at most 1000   got 1204.5"
    assert list(why_lines(failed(check()), len(line))) == [line]
    assert tuple(why_lines(failed(check()), len(line) - 1)) == stacked_lines(check())


def test_stacked_texts_are_one_line_each_and_bounded() -> None:
    failure = CheckFailure(check="value", expected="a\nb", actual="x" * 99)
    assert stacked_lines(failure, 10) == ("value", "  expected  a\\nb", "  got       xxxxxxx...")


def test_without_checks_the_reason_is_told() -> None:
    lost = record(AttemptOutcome.ERROR, cause=cause(CauseKind.SERVER_DIED, "exit code 1"))
    assert list(why_lines(case("a", TestOutcome.ERROR, lost), 80)) == ["server died: exit code 1"]
    assert list(why_lines(case("a", TestOutcome.ERROR, reason="no worker"), 80)) == ["no worker"]


@pytest.mark.parametrize(
    ("session", "title"),
    [
        (None, "stderr:"),
        (SessionFacts(session_id="s", position=0), "stderr:"),
        (SessionFacts(session_id="s", position=1), "stderr of the session (shared with other tests):"),
        (
            SessionFacts(session_id="s", position=0, others_in_flight=1),
            "stderr of the session (shared with other tests):",
        ),
    ],
)
def test_stderr_is_said_to_be_shared_where_others_may_have_written_it(session: SessionFacts | None, title: str) -> None:
    test = failed(stderr_tail="one\n\n::error::two\n", session=session)
    assert list(stderr_lines(test)) == [title, "  | one", "  | ::error::two"]


def test_a_server_that_wrote_nothing_is_not_told_of() -> None:
    assert list(stderr_lines(failed(stderr_tail="\n \n"))) == []


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ("", ""),
        ("failed", ""),
        ("lost passed", "lost 1 of 2 attempts"),
        ("failed error timeout", "failed 3 of 3 attempts"),
        ("failed lost failed", "failed 2, lost 1 of 3 attempts"),
        ("lost lost lost", "lost 3 of 3 attempts"),
        ("aborted aborted", ""),
    ],
)
def test_what_became_of_all_attempts_is_counted(outcomes: str, text: str) -> None:
    records = [record(AttemptOutcome(word)) for word in outcomes.split()]
    assert attempts_text(case("a", TestOutcome.ERROR, *records)) == text


def test_a_flaky_test_tells_when_it_passed_and_why_it_did_not_at_first() -> None:
    first, second = (record(AttemptOutcome.FAILED, failures=(check(text),), lease=2) for text in ("7", "8"))
    tries = (record(AttemptOutcome.LOST), first, second, record(AttemptOutcome.PASSED, lease=4))
    told = "passed on attempt 4; attempt 2: max at $.price: expected number of at most 1000, got 7"
    assert flaky_text(case("a", TestOutcome.FLAKY, *tries)) == told
    assert flaky_text(case("a", TestOutcome.PASSED, record(AttemptOutcome.PASSED))) == ""
