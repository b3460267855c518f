"""The JSON report and its schema."""

import json
from pathlib import Path

import jsonschema
from hypothesis import example, given
from hypothesis import strategies as st

from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import RunReport
from scheduler.reports.json import render_json
from scheduler.reports.schema import report_schema
from tests.unit.reports.runs import case, every_outcome, record, run_of

GOLDEN = Path(__file__).parent / "golden" / "report.json"
SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"


def test_a_run_with_every_outcome() -> None:
    assert render_json(every_outcome()) == GOLDEN.read_text()


def test_the_report_reads_back_as_the_same_run() -> None:
    report = every_outcome()
    again = RunReport.model_validate_json(render_json(report))
    assert again.tests == report.tests
    assert again.run.total == len(report.tests) == sum(again.run.totals.values()) + again.run.open


def test_the_committed_schema_is_that_of_the_models_and_holds() -> None:
    assert SCHEMA.read_text() == json.dumps(report_schema(), indent=2) + "\n", (
        "run: mcp-test-harness schema report > docs/report.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(report_schema())
    jsonschema.validate(json.loads(render_json(every_outcome())), report_schema())


@example(float("nan"))
@example("\x7f")
@given(st.text(st.characters(exclude_categories=())) | st.floats() | st.integers())
def test_any_answer_is_plain_ascii_and_strict_json(answer: str | float) -> None:
    failed = record(AttemptOutcome.FAILED, answer={"x": [answer]}, stderr_tail=str(answer))
    text = render_json(run_of(case("a", TestOutcome.FAILED, failed)))
    assert all(letter == "\n" or " " <= letter <= "~" for letter in text)
    json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(ValueError(word)))
