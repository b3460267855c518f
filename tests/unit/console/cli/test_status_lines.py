"""How a run stands, as lines, and the block that shows them anew."""

import io
from datetime import timedelta
from typing import Any

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import FailedTest, OpenTests, RunState, RunStatus, SuiteStatus
from scheduler.console.cli.live_block import LiveBlock, size_of
from scheduler.console.cli.run_status import fit, watch
from scheduler.console.cli.status_lines import status_lines
from tests.terminal import Screen
from tests.unit.console.cli.reports import START, run_view

PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED


def status(**members: Any) -> RunStatus:
    return RunStatus(**{"at": START + timedelta(seconds=192), "run": run_view(), **members})


def closed() -> RunStatus:
    finished = {"finished_at": START + timedelta(seconds=30), "exit_code": 1, "deadline_at": START}
    return status(run=run_view(state=RunState.CLOSED, totals={PASSED: 3, FAILED: 1}, notice="old news", **finished))


def test_a_run_that_goes_on_is_told_from_the_whole_to_its_parts() -> None:
    run = run_view(
        name="a.yaml",
        total=20,
        totals={PASSED: 10, FAILED: 2},
        retries=1,
        deadline_at=START + timedelta(hours=2),
        stale_records=1,
        notice="no worker of pool 'default' is alive",
    )
    given = status(
        run=run,
        open=OpenTests(ready=3, retry_wait=1, published=2, started=2),
        rate=4.1,
        suites=(
            SuiteStatus(suite="fine", target="a", total=6, totals={PASSED: 6}),
            SuiteStatus(suite="bad", target="a", total=4, totals={PASSED: 2, FAILED: 2}),
            SuiteStatus(suite="going", target="b", total=10, totals={PASSED: 2}),
        ),
        suites_left_out=2,
        newest_failures=(
            FailedTest(number=4, test_id="default/bad/a/echo/x", outcome=FAILED, reason="check: no", duration_s=0.4),
        ),
    )
    assert list(status_lines(given)) == [
        "run 8f2c1a (a.yaml): running, lane batch, project default",
        "  waiting: no worker of pool 'default' is alive",
        "  12 of 20 tests (60%): 10 passed, 2 failed, 8 open",
        "  open: 3 ready, 1 waiting for retry, 2 published, 2 started",
        "  4.1 tests/s   age 3m12s   deadline in 1h56m   retries used: 1   1 stale record",
        "newest failures",
        "  FAIL       0.40s  bad/a/echo/x  check: no",
        "suite  target  tests",
        "going  b       2 passed, 8 open",
        "bad    a       2 passed, 2 failed",
        "fine   a       6 passed",
        "and 2 suites more",
    ]


def test_a_run_that_has_ended_tells_how_long_it_took_and_keeps_silent_about_its_last_notice() -> None:
    assert list(status_lines(closed())) == [
        "run 8f2c1a: closed with exit code 1, lane batch, project default",
        "  4 of 4 tests (100%): 3 passed, 1 failed",
        "  0 tests/s   took 30.0s   retries used: 0",
    ]


def test_a_deadline_that_is_over_is_said_to_be() -> None:
    lines = list(status_lines(status(run=run_view(deadline_at=START))))

    assert "past its deadline" in lines[3]


def test_text_of_others_stays_on_its_line() -> None:
    failure = FailedTest(number=0, test_id="a\x1b[2J", outcome=FAILED, reason="x\n::error::")
    suite = SuiteStatus(suite="s\n", target="t\r", total=1, totals={})
    lines = list(status_lines(status(run=run_view(name="\n"), newest_failures=(failure,), suites=(suite,))))

    assert not any(sign in line for line in lines for sign in "\x1b\n\r")


@pytest.mark.parametrize(
    ("most", "shown"),
    [
        (4, ["a", "b", "c", "d"]),
        (3, ["a", "b", "... and 2 more lines; --once shows all"]),
        (0, ["a", "... and 3 more lines; --once shows all"]),
    ],
)
def test_a_block_is_never_higher_than_the_terminal(most: int, shown: list[str]) -> None:
    assert fit(["a", "b", "c", "d"], most) == shown


def test_a_run_is_looked_at_until_it_has_ended() -> None:
    answers, pauses, stream = [status(), status(), closed(), status()], list[float](), io.StringIO()

    watch(lambda: answers.pop(0), LiveBlock(stream, size_of(stream), colour=False, keeps=True), pauses.append)

    assert (len(answers), len(pauses)) == (1, 2)
    screen = Screen(80, 24)
    screen.feed(stream.getvalue())
    assert screen.text.splitlines() == list(status_lines(closed()))
