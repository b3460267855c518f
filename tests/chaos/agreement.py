"""I3: store, JSON, JUnit and metrics tell the same totals, and the same of each test."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from tests.chaos.evidence import Evidence
from tests.chaos.violations import Kind, Violation

JUNIT: Mapping[str | None, str] = {
    "passed": "",
    "flaky": "",
    "failed": "failure",
    "timeout": "failure",
    "error": "error",
}
"""What stands in the testcase of an outcome; `skipped` for all others."""


def totals_agree(evidence: Evidence) -> Iterator[Violation]:
    """I3. What was not handed in is not compared."""
    counted = Counter(str(test.outcome) for test in evidence.tests if test.outcome is not None)
    yield from _same("runs.totals", evidence.run.totals, counted)
    yield from _same("runs.total", evidence.run.total, len(evidence.tests))
    stale = sum(attempt.stale for attempts in evidence.attempts.values() for attempt in attempts)
    yield from _same("runs.stale_records", evidence.run.stale_records, stale)
    if evidence.report is not None:
        yield from _json_agrees(evidence, evidence.report, counted)
    if evidence.junit is not None:
        yield from _junit_agrees(evidence, evidence.junit)
    yield from _metrics_agree(evidence)


def _json_agrees(evidence: Evidence, report: dict[str, Any], counted: Counter[str]) -> Iterator[Violation]:
    yield from _same("JSON totals", {key: count for key, count in report["run"]["totals"].items() if count}, counted)
    told = {test["test_id"]: test["outcome"] for test in report["tests"]}
    yield from _same("tests in JSON", len(report["tests"]), len(evidence.tests))
    for test in evidence.tests:
        yield from _same(f"JSON outcome of {test.test_id}", told.get(test.test_id), test.outcome)


def _junit_agrees(evidence: Evidence, root: Element) -> Iterator[Violation]:
    wanted = {test.test_id: JUNIT.get(test.outcome, "skipped") for test in evidence.tests}
    sums = Counter(wanted.values())
    for attribute, word in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        yield from _same(f"JUnit {attribute}", int(root.get(attribute, "-1")), sums[word])
    yield from _same("JUnit tests", int(root.get("tests", "-1")), len(wanted))
    told = {_test_id(case): _word(case) for case in root.iter("testcase")}
    for test_id, word in wanted.items():
        yield from _same(f"JUnit testcase of {test_id}", told.get(test_id), word)


def _test_id(case: Element) -> str:
    """Our names hold no dot, so that the class name can be taken apart again."""
    return f"{case.get('classname', '').replace('.', '/')}/{case.get('name')}"


def _word(case: Element) -> str:
    return next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "")


def _metrics_agree(evidence: Evidence) -> Iterator[Violation]:
    if evidence.metrics is None:
        return
    ours = {(test.target, test.suite) for test in evidence.tests}
    for series in sorted(set(evidence.metrics) | set(evidence.ended)):
        if series[:2] in ours:
            yield from _same(f"mcp_test_total{series}", evidence.metrics.get(series, 0), evidence.ended.get(series, 0))
    if evidence.stale_metric is not None:
        yield from _same("mcp_farm_stale_records_total", evidence.stale_metric, evidence.stale_everywhere)


def _same(what: str, told: object, stored: object) -> Iterator[Violation]:
    if told != stored:
        yield Violation(Kind.TOTALS_DIFFER, what, f"{told}, and the store says {stored}")
