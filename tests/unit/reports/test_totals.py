"""Counts: one function, and every format sums to the total."""

import json
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.models.outcomes import TestOutcome
from scheduler.reports.json import render_json
from scheduler.reports.junit import render_junit
from scheduler.reports.style import Style
from scheduler.reports.summary import render_summary
from scheduler.reports.totals import count_outcomes
from tests.unit.reports.runs import case, run_of


@given(st.lists(st.sampled_from([None, *TestOutcome]), max_size=30))
def test_counts_sum_to_the_total_in_every_format(outcomes: list[TestOutcome | None]) -> None:
    report = run_of(*(case(f"t/{number}", outcome) for number, outcome in enumerate(outcomes)))
    totals = count_outcomes(report.tests)
    assert totals.total == len(outcomes)
    assert totals.total == totals.run + totals.of(TestOutcome.SKIPPED) + totals.unfinished

    run = json.loads(render_json(report))["run"]
    assert run["total"] == len(outcomes)
    assert sum(run["totals"].values()) + totals.open == len(outcomes)

    second_line = render_summary(report, Style(width=400)).splitlines()[1]
    assert sum(int(number) for number in re.findall(r"\d+", second_line)) == len(outcomes)

    root = ElementTree.fromstring(render_junit(report))
    passed = len([outcome for outcome in outcomes if outcome in (TestOutcome.PASSED, TestOutcome.FLAKY)])
    bad_or_skipped = sum(int(root.get(name, "-1")) for name in ("failures", "errors", "skipped"))
    assert int(root.get("tests", "-1")) == len(outcomes) == passed + bad_or_skipped
