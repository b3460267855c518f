"""Runs, one line each."""

from datetime import timedelta

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import Lane, RunState
from scheduler.console.cli.cancel_run import outcome_text
from scheduler.console.cli.run_list import age, run_lines
from tests.unit.console.cli.reports import START, run_view


def test_each_run_is_one_line_in_columns() -> None:
    waits = run_view(lane=Lane.INTERACTIVE, name="a.yaml", notice="no worker of pool 'default' has been alive")
    totals = {TestOutcome.FAILED: 2, TestOutcome.PASSED: 1_000, TestOutcome.NOT_RUN: 1}
    over = run_view("51c09b", state=RunState.CLOSED, totals=totals, total=1_003, project="shop", notice="old news")

    assert list(run_lines([waits, over], START + timedelta(hours=3))) == [
        "run     state    tests                              age  lane         project  name    notice",
        "8f2c1a  running  4 open                             3h   interactive  default  a.yaml  "
        "no worker of pool 'default' has been alive",
        "51c09b  closed   1,000 passed, 2 failed, 1 not run  3h   batch        shop",
    ]


def test_text_of_others_stays_on_its_line() -> None:
    lines = list(run_lines([run_view(name="a\n::error::", notice="\x1b[2J")], START))

    assert len(lines) == 2
    assert "\x1b" not in lines[1]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (59.9, "59s"), (60, "1m"), (3_599, "59m"), (86_399, "23h"), (200_000, "2d")]
)
def test_an_age_has_one_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("state", "notice", "text"),
    [
        (RunState.RUNNING, "", "run 8f2c1a (a.yaml) is cancelled with 4 tests open"),
        (RunState.RUNNING, "no worker", "run 8f2c1a (a.yaml) is cancelled with 4 tests open; no worker"),
        (RunState.CANCELLING, "", "run 8f2c1a (a.yaml) was cancelled before"),
        (RunState.CLOSED, "", "run 8f2c1a (a.yaml) has ended already; nothing to cancel"),
    ],
)
def test_a_cancelled_run_is_told_by_how_it_stood(state: RunState, notice: str, text: str) -> None:
    assert outcome_text(run_view(name="a.yaml", state=state, notice=notice)) == text
