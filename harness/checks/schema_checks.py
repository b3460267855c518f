"""The checks `schema` (with `schema_file`) and `check_output_schema`: an answer against a JSON Schema."""

from collections.abc import Iterator
from typing import Any

from harness.checks.case import Case, Found
from harness.checks.paths import written_keys
from harness.checks.query import keys_of
from harness.checks.show import LIMIT, Mismatch, type_name
from harness.safe_text import one_line

STRUCTURED = "structuredContent"
ROOT = "$"


def obeys_schema(case: Case) -> Iterator[Found]:
    """What paths look at obeys the author's schema; with `subject: auto` that is the content."""
    if case.expected.json_schema is not None:
        yield from _violations(case.expected.json_schema, case.documents[-1], ROOT, case)
    elif case.expected.schema_file is not None:
        yield Found(Mismatch("the schema that schema_file names", "it was not read when the run was planned"))


def obeys_output_schema(case: Case) -> Iterator[Found]:
    """The structured content obeys what the server announces. An error needs none (MCP 2025-06-18)."""
    if not case.expected.check_output_schema or case.answer.result is None or case.answer.is_error:
        return
    schema, where = case.inputs.output_schema, f"{ROOT}.{STRUCTURED}"
    if schema is None:
        yield Found(Mismatch("an outputSchema", "the server announces none for this tool"))
    elif STRUCTURED not in case.answer.result:
        yield Found(Mismatch("content that obeys the outputSchema", "nothing"), where, "absent")
    else:
        yield from _violations(schema, case.answer.result[STRUCTURED], where, case)


def _violations(schema: Any, value: Any, root: str, case: Case) -> Iterator[Found]:
    from harness.checks.json_schema.schemas import violations_of  # noqa: PLC0415  # 45 ms, and few suites need it
    from harness.checks.json_schema.wording import worded  # noqa: PLC0415

    try:
        found = violations_of(schema, value, case.budget)
    except ValueError as error:
        yield Found(Mismatch("a JSON Schema that can be judged by", one_line(str(error), LIMIT)))
        return
    for violation in found:
        where = root + written_keys(keys_of(violation.steps))
        yield Found(worded(violation), where, type_name(violation.value))
