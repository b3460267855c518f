"""What an HTML report shows beside its run: earlier runs of the tests that matter."""

from pathlib import Path

import pytest

from harness.errors import FarmUnreachable, NoSuchTest
from harness.models.looking_back import PastTest, TestHistory
from harness.models.outcomes import TestOutcome
from scheduler.console.cli.html_sources import MAX_TESTS, Histories, html_sources
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.reports.html.options import HtmlOptions
from tests.unit.reports.html.nightly import nightly
from tests.unit.reports.runs import START, case, run_of


class Past:
    """A history of one run for every test, and who was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, test_id: str) -> TestHistory:
        self.asked.append(test_id)
        return TestHistory(test_id=test_id, entries=(PastTest(run_id="8e9c02", at=START, number=1),))


def test_the_example_of_each_cause_and_flaky_tests_are_looked_up_once_and_no_others() -> None:
    report, past = nightly(), Past()
    histories = Histories(report, past)
    found = [test.number for test in (*report.tests, *report.tests) if histories(test)]
    assert found == [0, 4, 6, 7, 8] * 2
    assert past.asked == [report.tests[number].test_id for number in (0, 4, 6, 7, 8)]


def test_of_very_many_only_the_first_are_looked_up() -> None:
    report = run_of(*(case(f"a/{n}", TestOutcome.FLAKY, number=n) for n in range(50)))
    histories = Histories(report, Past())
    assert sum(bool(histories(test)) for test in report.tests) == MAX_TESTS


@pytest.mark.parametrize("error", [NoSuchTest("no"), FarmUnreachable("away")])
def test_what_cannot_be_found_is_left_out(error: Exception) -> None:
    def fail(_: str) -> TestHistory:
        raise error

    report = nightly()
    assert Histories(report, fail)(report.tests[0]) == ()


def test_where_no_run_was_there_is_nothing_beside_it(tmp_path: Path) -> None:
    options = HtmlOptions()
    with html_sources(options, nightly(), ConsoleSettings(state_dir=tmp_path)) as found:
        assert found is options
