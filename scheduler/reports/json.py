"""The JSON report: `RunReport` as it is, in plain ASCII. Its schema is `docs/report.schema.json`."""

import json
import math
from typing import Any

from harness.models.run import RunReport
from scheduler.reports.totals import count_outcomes


def render_json(report: RunReport) -> str:
    """The report as JSON text. Everything beyond ASCII is escaped, so that no text of a server acts on a screen."""
    return json.dumps(report_members(report), indent=2, allow_nan=False) + "\n"


def report_members(report: RunReport) -> dict[str, Any]:
    """The report as what JSON can hold, for an object that has it as one of its members."""
    members: dict[str, Any] = finite(_with_own_totals(report).model_dump(mode="json"))
    return members


def _with_own_totals(report: RunReport) -> RunReport:
    totals = count_outcomes(report.tests)
    run = report.run.model_copy(update={"total": totals.total, "totals": dict(totals.by_outcome)})
    return report.model_copy(update={"run": run})


def finite(value: Any) -> Any:
    """`value` as JSON can hold it: it has no NaN and no infinity, so null instead."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(member) for key, member in value.items()}
    return [finite(element) for element in value] if isinstance(value, list) else value
