"""Markdown reports: golden files, budgets, and that no text of others acts in them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.models.causes import RunCause
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport
from scheduler.reports.comment import MAX_COMMENT, render_comment
from scheduler.reports.github import MAX_SUMMARY_BYTES, render_job_summary
from scheduler.reports.markdown import render_markdown
from scheduler.reports.markdown_text import code, code_in_html, fence, table
from tests.unit.reports.causes import run_with_causes
from tests.unit.reports.runs import HOSTILE, case, cause, check, every_outcome, record, run_of

GOLDEN = Path(__file__).parent / "golden"


def test_a_run_with_causes_as_a_report() -> None:
    assert render_markdown(run_with_causes()) == (GOLDEN / "report.md").read_text()


def test_a_run_with_causes_as_the_summary_of_a_job() -> None:
    assert render_job_summary(run_with_causes()) == (GOLDEN / "job-summary.md").read_text()


def test_a_run_with_causes_as_a_comment() -> None:
    assert render_comment(run_with_causes()) == (GOLDEN / "comment.md").read_text()


def test_a_run_that_tells_no_causes_has_them_found() -> None:
    text = render_markdown(every_outcome())
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### NEW · 3 tests on `billing` · `the server did not start` · `cde212f9b`",
        "### NEW · 2 tests on `orders` · `max at $.price` · `c33ebc3b4`",
        "### NEW · 1 test on `billing-2` · <code>server unavailable&#58; exit code 1 after &#60;n&#62;</code> · "
        "`c8176db0c`",
        "### NEW · 1 test on `orders` · `it took down the workers that tried it` · `cfb0956ca`",
        "### NEW · 1 test on `orders` · `no answer in phase call` · `c6697b793`",
    ]


def test_a_comment_says_how_many_failed_before_when_all_is_well_again() -> None:
    report = run_with_causes()
    good = report.model_copy(update={"tests": report.tests[7:], "causes": ()})
    assert render_comment(good) == (
        "<!-- mcp-test-harness:nightly -->\n✓ `nightly`: 4 of 4 tests passed, 1 flaky (was 3 failed)\n\n"
        "run `8f2c1a` of 2026-11-24 02:00 UTC\n"
    )


def test_counts_of_the_table_sum_to_the_tests_of_the_headline() -> None:
    for report in (run_with_causes(), every_outcome()):
        lines = render_markdown(report).splitlines()
        head = [cell.strip() for cell in lines[2].strip("|").split("|")]
        cells = [cell.strip() for cell in lines[4].strip("|").split("|")]
        counts = [int(cell) for name, cell in zip(head, cells, strict=True) if name not in ("time", "servers")]
        assert sum(counts) == len(report.tests)


def test_an_open_run_has_no_time_and_says_what_is_missing() -> None:
    report = run_of(case("a", TestOutcome.PASSED), case("b", None), finished_at=None)
    assert render_markdown(report).startswith(
        "## - `nightly`: 1 of 2 tests have a result\n\n| passed | flaky | failed | error | timeout | open | servers |\n"
    )


RENDERERS: dict[str, tuple[Callable[[RunReport], str], int, int]] = {
    "comment": (render_comment, MAX_COMMENT, 5),
    "job summary": (render_job_summary, MAX_SUMMARY_BYTES, 20),
}


@pytest.mark.parametrize("name", RENDERERS)
def test_a_large_run_keeps_within_the_budget_and_loses_detail_before_causes(name: str) -> None:
    render, most, causes = RENDERERS[name]
    text = render(_large_run())
    assert len(text.encode()) <= most
    assert text.count("\n### ") == causes
    assert "more causes of" in text


def test_names_that_leave_no_room_for_causes_leave_the_verdict() -> None:
    report = run_of(*(case("é" * 400, TestOutcome.ERROR, target="é" * 90 + str(n)) for n in range(9)))
    hostile = report.model_copy(update={"run": report.run.model_copy(update={"warnings": ("é" * 1_000,) * 99})})
    text = render_comment(hostile)
    assert len(text) <= MAX_COMMENT
    assert text.splitlines()[1] == "## ✗ `nightly`: 9 of 9 tests failed, 9 causes (9 new)"


@given(st.text(st.sampled_from("`\n x"), max_size=40) | st.text(st.characters(exclude_categories=()), max_size=200))
def test_no_text_ends_its_fence(text: str) -> None:
    shown = fence(text, 500)
    marks = shown.partition("text\n")[0]
    assert len(marks) >= 3
    assert marks == "`" * len(marks)
    assert shown.endswith(f"\n{marks}")
    assert marks not in shown[len(marks) : -len(marks)]


@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_no_text_leaves_its_code_or_its_cell(text: str) -> None:
    for shown in (code(text), code_in_html(text)):
        inner = shown[1:-1] if shown.startswith("`") else shown.removeprefix("<code>").removesuffix("</code>")
        assert not set(inner) & set("`|<>\n\r")
    assert table(("a",), [(code(text),)], "l").count("\n") == 2


def test_hostile_text_makes_no_mention_no_link_no_markup_and_no_command() -> None:
    nasty = "@everyone #12 `` ``` ```` | <img src=x> [a](http://b) <!-- --> *b* https://evil.example\n::error::x"
    failed = record(
        AttemptOutcome.FAILED,
        failures=(check(nasty + HOSTILE),),
        stderr_tail=nasty,
        answer={nasty: nasty},
        worker=nasty,
    )
    late = record(AttemptOutcome.TIMEOUT, cause=cause(CauseKind.TIME_LIMIT, nasty))
    report = run_of(
        case(nasty, TestOutcome.FAILED, failed, suite=nasty, target=nasty, file=nasty, reason=nasty),
        case(nasty, TestOutcome.FLAKY, late, record(AttemptOutcome.PASSED), suite=nasty, target=nasty),
        case(nasty, TestOutcome.SKIPPED, reason=nasty),
        name=nasty,
        warnings=(nasty,),
    )
    for text in (render_markdown(report), render_job_summary(report), render_comment(report)):
        plain = _outside_of_code(text)
        for token in ("@", "#1", "http", "<img", "evil", "::error", "|x", "[a]", "*b*"):
            assert token not in plain
        assert not re.search(r"^\s*::", text, re.MULTILINE)


def _outside_of_code(text: str) -> str:
    kept, closing = [], ""
    for line in text.splitlines():
        if closing:
            closing = "" if line == closing else closing
        elif line.startswith("```"):
            closing = line.removesuffix("text")
        else:
            kept.append(re.sub(r"`[^`]*`|<code>[^<]*</code>", "", line))
    assert not closing
    return re.sub(r"^<!-- mcp-test-harness:[\w.-]+ -->", "", "\n".join(kept))


def _large_run() -> RunReport:
    """Too large for the first rung of every ladder: 600 tests in each of 60 causes, all names long and not ASCII."""
    failed = record(
        AttemptOutcome.FAILED, failures=(check("你" * 300),) * 5, stderr_tail="你" * 9_000, answer=["z" * 9_000]
    )
    tests = [case(f"{'你' * 390}{n}", TestOutcome.FAILED, failed, number=n) for n in range(600)]
    everything = tuple(range(600))
    causes = [
        RunCause(cause_id=f"c{n:08}", key="k", targets=("你" * 80,) * 3, title="你" * 200, example=n, tests=everything)
        for n in range(60)
    ]
    return run_of(*tests).model_copy(update={"causes": tuple(causes)})
