"""The JSON Schema of the JSON report, generated from the models; committed as `docs/report.schema.json`."""

from typing import Any

from harness.models.run import RunReport


def report_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render_json` writes."""
    schema = RunReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Report of a run"}
