"""The difference of two runs: what is worse, and what is noise."""

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.models.attempt import SessionFacts, Timing
from harness.models.causes import FixedCause, VersionChange
from harness.models.looking_back import DurationChange, OutcomeChange
from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.compare import MAX_ENTRIES, compare
from scheduler.reports.compare_text import difference_lines
from tests.unit.reports.causes import CAUSES, run_with_causes
from tests.unit.reports.runs import HOSTILE, START, case, record, run_of

GOLDEN = Path(__file__).parent / "golden" / "difference.txt"


def timed(path: str, call_s: float) -> TestReport:
    return case(path, TestOutcome.PASSED, record(AttemptOutcome.PASSED, timing=Timing(call_s=call_s)))


def test_two_runs_that_are_equal_have_no_difference() -> None:
    report = run_with_causes()
    difference = compare(report, report)
    assert (difference.is_worse, difference.new, difference.fixed) == (False, (), ())
    assert difference.still == CAUSES
    assert (difference.outcomes, difference.durations, difference.versions) == ((), (), ())
    assert (difference.added, difference.removed) == ((), ())


def test_a_test_that_fails_now_is_worse_and_stands_first() -> None:
    before = run_of(case("a", TestOutcome.FAILED), case("b", TestOutcome.PASSED), case("c", TestOutcome.PASSED))
    after = run_of(
        case("a", TestOutcome.PASSED), case("b", TestOutcome.FLAKY), case("c", TestOutcome.TIMEOUT, reason="too late")
    )
    difference = compare(before, after)
    assert difference.is_worse
    assert difference.outcomes == (
        OutcomeChange(
            test_id="default/checkout/orders/c",
            before=TestOutcome.PASSED,
            after=TestOutcome.TIMEOUT,
            reason="too late",
        ),
        OutcomeChange(test_id="default/checkout/orders/a", before=TestOutcome.FAILED, after=TestOutcome.PASSED),
        OutcomeChange(test_id="default/checkout/orders/b", before=TestOutcome.PASSED, after=TestOutcome.FLAKY),
    )


def test_what_failed_before_fails_on_without_being_worse() -> None:
    before, after = (run_of(case("a", outcome, reason="r")) for outcome in (TestOutcome.FAILED, TestOutcome.ERROR))
    assert not compare(before, after).is_worse


def test_causes_are_new_or_still_or_fixed_by_key_and_server() -> None:
    report = run_with_causes()
    elsewhere = CAUSES[1].model_copy(update={"targets": ("other",)})
    difference = compare(
        report.model_copy(update={"causes": (CAUSES[0], CAUSES[1])}),
        report.model_copy(update={"causes": (CAUSES[1], elsewhere, CAUSES[2])}),
    )
    assert difference.new == (elsewhere, CAUSES[2])
    assert difference.still == (CAUSES[1],)
    assert difference.fixed == (
        FixedCause(cause_id=CAUSES[0].cause_id, targets=("orders",), title="max at $.price", tests=4),
    )
    assert difference.is_worse


def test_tests_come_and_go_and_servers_change_their_versions() -> None:
    old, new = (
        record(AttemptOutcome.PASSED, session=SessionFacts(session_id="s", position=0, server_version=version))
        for version in ("1.0", "1.1")
    )
    before = run_of(case("a", TestOutcome.PASSED, old), case("b", TestOutcome.PASSED, old))
    after = run_of(case("a", TestOutcome.PASSED, new), case("c", TestOutcome.PASSED, new))
    difference = compare(before, after)
    assert difference.versions == (VersionChange(target="orders", before="1.0", after="1.1"),)
    assert difference.added == ("default/checkout/orders/c",)
    assert difference.removed == ("default/checkout/orders/b",)
    assert not difference.is_worse


def test_a_duration_is_told_when_it_changes_more_than_all_the_others() -> None:
    quiet = [timed(f"t{n}", 0.1 + n / 1000) for n in range(9)]
    busy = [timed(f"t{n}", 0.1 * (1 + n / 20)) for n in range(9)]
    before, after = run_of(*quiet, timed("slow", 0.1)), run_of(*busy, timed("slow", 1.0))
    assert compare(before, after).durations == (
        DurationChange(test_id="default/checkout/orders/slow", before_s=0.1, after_s=1.0),
    )
    noisy = [timed(f"t{n}", 0.1 * 3 ** (n % 3)) for n in range(9)]
    assert compare(run_of(*quiet, timed("slow", 0.1)), run_of(*noisy, timed("slow", 1.0))).durations == ()


def test_a_few_milliseconds_are_never_told() -> None:
    assert compare(run_of(timed("a", 0.001)), run_of(timed("a", 0.019))).durations == ()


def test_long_lists_are_cut_and_say_so() -> None:
    after = run_of(*(case(f"t{n}", TestOutcome.PASSED) for n in range(MAX_ENTRIES + 7)))
    difference = compare(run_of(), after)
    assert (len(difference.added), difference.added_left_out) == (MAX_ENTRIES, 7)
    assert list(difference_lines(difference))[-1] == "added     and 1,002 more"


def test_a_difference_as_text() -> None:
    lines = difference_lines(compare(_earlier(), _later()))
    assert "".join(f"{line}\n" for line in lines) == GOLDEN.read_text()


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_text_of_others_begins_a_line_or_breaks_one(text: str) -> None:
    bad = run_of(case(text, TestOutcome.FAILED, target=text or "t", reason=text), name=text + HOSTILE)
    labels = ("WORSE", "NOT WORSE", "new", "still", "fixed", "outcomes", "added", "removed", "versions", "durations")
    for difference in (compare(run_of(), bad), compare(bad, run_of())):
        lines = list(difference_lines(difference))
        assert all(line.startswith(labels) and line == one_line(line, 10**6) for line in lines)


def _earlier() -> RunReport:
    report = run_with_causes()
    tests = [timed("ping/0", 0.1), timed("ping/gone", 0.1), *report.tests[:6]]
    run = report.run.model_copy(update={"run_id": "8e9c02", "created_at": START - timedelta(days=1)})
    return report.model_copy(update={"run": run, "tests": tuple(tests), "causes": CAUSES[:2]})


def _later() -> RunReport:
    report = run_with_causes()
    fixed = report.tests[0].model_copy(update={"outcome": TestOutcome.PASSED, "reason": ""})
    tests = [timed("ping/0", 1.5), timed("ping/new", 0.1), fixed, *report.tests[1:7]]
    return report.model_copy(update={"tests": tuple(tests), "causes": CAUSES[1:]})
