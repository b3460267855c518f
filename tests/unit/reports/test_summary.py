"""The summary for people, compared whole: every ending that is drawn, wide and narrow, with and without glyphs."""

import re
from pathlib import Path

import pytest

from harness.models.outcomes import BAD, AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport, RunState
from scheduler.reports.levels import Level
from scheduler.reports.slow import SlowTerms
from scheduler.reports.style import Style
from scheduler.reports.summary import TERMS, Terms, render_summary
from tests.unit.reports.endings import ENDINGS, three_causes
from tests.unit.reports.runs import HOSTILE, case, cause, check, every_outcome, record, run_of

GOLDEN = Path(__file__).parent / "golden"
RERUN = Terms(rerun="mcp-test-harness run suites/")
STYLES = {
    f"endings-{width}-{name}.txt": Style(width, unicode=name == "utf8")
    for width in (80, 120)
    for name in ("utf8", "ascii")
}


def summary(report: RunReport, width: int = 100, terms: Terms = TERMS) -> str:
    return render_summary(report, Style(width), terms)


def drawn(style: Style) -> str:
    return "\n".join(f"### {name}\n\n{render_summary(report, style, RERUN)}" for name, report in ENDINGS.items())


@pytest.mark.parametrize("file", STYLES)
def test_every_ending_is_drawn(file: str) -> None:
    assert drawn(STYLES[file]) == (GOLDEN / file).read_text()


@pytest.mark.parametrize("name", ENDINGS)
def test_the_counts_of_every_ending_sum_to_its_tests(name: str) -> None:
    report = ENDINGS[name]
    counts = summary(report, 200).splitlines()[1].split(";")[0].split(". ")[0]
    assert sum(int(count.replace(",", "")) for count in re.findall(r"([\d,]+) [a-z]", counts)) == len(report.tests)
    told = re.findall(r"^ ?\d+  (?:NEW|STILL) +([\d,]+) test", summary(report, 200), re.MULTILINE)
    assert sum(map(int, told)) == sum(test.outcome in BAD for test in report.tests)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_ours_is_wider_than_the_terminal(width: int) -> None:
    """Names and reasons of others are broken at their blanks alone."""
    for report in ENDINGS.values():
        assert [line for line in summary(report, width).splitlines() if len(line) > width and " " in line[60:]] == []


def test_more_than_a_person_reads_is_counted() -> None:
    checks = [check().model_copy(update={"path": f"$.p{number}"}) for number in range(35)]
    tests = [
        case(f"t/{number}", TestOutcome.FAILED, record(AttemptOutcome.FAILED, failures=(failure,) * 9), number=number)
        for number, failure in enumerate(checks)
    ]
    text = summary(run_of(*tests, warnings=tuple(f"w{number}" for number in range(30))))
    assert (text.count("  NEW "), text.count("and 4 more checks")) == (10, 10)
    assert "\n and 25 more causes of 25 tests: the report has them all\n" in text
    assert "\nwarning      w0\n             w1\n" in text
    assert "\n             w9\n             and 20 more\n" in text


def test_very_many_causes_are_told_by_family() -> None:
    tests = [
        case(
            f"t/{number}",
            TestOutcome.FAILED,
            record(AttemptOutcome.FAILED, failures=(check().model_copy(update={"path": f"$.p{number}"}),)),
            number=number,
            tool=("get", "list")[number % 3 > 0],
            cause=CauseKind.CHECK,
        )
        for number in range(60)
    ]
    lines = summary(run_of(*tests)).splitlines()
    assert lines[0] == "FAILED       60 of 60 tests, 60 causes (60 new), in 1m52s"
    assert [line for line in lines[3:-2] if line] == [
        " 60 causes in 2 families",
        " 1  40 new   40 causes, 40 tests on 1 server: check · list",
        "    for one: max at $.p1: expected number of at most 1000, got 1204.5",
        " 2  20 new   20 causes, 20 tests on 1 server: check · get",
        "    for one: max at $.p0: expected number of at most 1000, got 1204.5",
    ]


def test_a_run_that_goes_on_is_incomplete() -> None:
    report = run_of(
        case("a", TestOutcome.PASSED, record(AttemptOutcome.PASSED)),
        case("b", None),
        finished_at=None,
        state=RunState.RUNNING,
    )
    assert summary(report) == (
        "INCOMPLETE   1 of 2 tests have a result\n"
        "             1 passed, 1 open\n"
    )  # fmt: skip


def test_each_level_tells_what_the_one_before_tells_and_more() -> None:
    report = every_outcome()
    shown = {level: summary(report, terms=Terms(show=level)) for level in Level}
    told = ("  NEW ", "\nflaky ", "\nskipped ", "\npassed ")
    assert [[word in text for word in told] for text in shown.values()] == [
        [False, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


def test_what_takes_three_times_its_usual_time_is_slow_and_says_so() -> None:
    tests = [
        case(f"t/{n}", TestOutcome.PASSED, record(AttemptOutcome.PASSED, seconds=seconds), number=n)
        for n, seconds in enumerate((1.3, 4.0, 0.5, 12.0))
    ]
    usual = {tests[0].test_id: 0.4, tests[1].test_id: 2.0, tests[2].test_id: 0.01}
    text = summary(run_of(*tests), terms=Terms(slow=SlowTerms(10.0, usual)))
    assert text.splitlines()[1:] == [
        "             4 passed. 2 slow",
        "",
        "slow         checkout/orders/t/3   12.0s",
        "             checkout/orders/t/0   1.30s   (95 of 100 runs: 0.40s)",
    ]


def test_text_of_others_stays_behind_our_words_and_is_escaped() -> None:
    text = summary(hostile_run())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800\ufffe]", text)
    labels = "FAILED|flaky|slow|warned|skipped|not run|warning|look closer"
    ours = rf"({labels})  | {{13}}\S| {{15}}\S| ?\d  NEW  |    \S| {{8}}\S| {{10}}\S| +\^+$|      same: |$"
    assert [line for line in text.split("\n") if not re.match(ours, line)] == []


def test_no_line_is_a_command_to_a_ci_system() -> None:
    tests = [
        case("t", TestOutcome.ERROR, reason=f"{mark}error::x", file=f"{mark}a", target=mark, number=n)
        for n, mark in enumerate(("::", "##["))
    ]
    text = summary(run_of(*tests))
    assert not re.search(r"^\s*(::|##\[)", text, re.MULTILINE)
    assert "\n    | ::error::x\n" in text
    coloured = render_summary(run_of(*tests), Style(colour=True))
    assert not re.search(r"^(\x1b\[[0-9;]*m|\s)*(::|##\[)", coloured, re.MULTILINE)


def hostile_run() -> RunReport:
    """Every text that can come from outside is hostile."""
    bad = {"check": HOSTILE, "path": HOSTILE, "expected": HOSTILE, "actual": HOSTILE, "diff": HOSTILE, "step": HOSTILE}
    failures = (check().model_copy(update={**bad, "diff": ""}), check().model_copy(update=bad))
    failed = record(AttemptOutcome.FAILED, failures=failures, stderr_tail=HOSTILE, answer=HOSTILE, worker=HOSTILE)
    error = record(AttemptOutcome.ERROR, cause=cause(CauseKind.PROTOCOL, HOSTILE), stderr_tail=HOSTILE)
    warned = record(AttemptOutcome.PASSED, warnings=failures)
    names = {"suite": HOSTILE, "target": HOSTILE, "file": HOSTILE, "reason": HOSTILE, "tool": HOSTILE}
    return run_of(
        case(HOSTILE, TestOutcome.FAILED, error, failed, **names),
        case(HOSTILE, TestOutcome.ERROR, error, **names),
        case(HOSTILE, TestOutcome.FLAKY, failed, record(AttemptOutcome.PASSED), **names),
        case(HOSTILE, TestOutcome.PASSED, warned, warned=True, duration_s=99.0, **names),
        case(HOSTILE, TestOutcome.SKIPPED, **names),
        case(HOSTILE, TestOutcome.NOT_RUN, **names),
        name=HOSTILE,
        warnings=(HOSTILE,),
    )


def test_colour_decorates_and_changes_no_text() -> None:
    for report in (every_outcome(), three_causes()):
        coloured = render_summary(report, Style(100, colour=True))
        assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == summary(report)
    assert coloured.startswith("\x1b[31;1mFAILED\x1b[0m       7 of 300 tests")
    assert "\x1b[34m- expected" in coloured and "\x1b[33m+ got" in coloured
