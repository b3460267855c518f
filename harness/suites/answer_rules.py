"""What an `expected` cannot ask for as a whole: keys that contradict each other, schemas that are none. Pure."""

from collections.abc import Iterator
from typing import Any

from harness.checks.expected_errors import CODES, TOOL_ERROR, is_compared
from harness.models.expected import Expected, ExpectedError
from harness.suites.findings import quoted

Place = tuple[str | int, ...]
Contradiction = tuple[Place, str, str]  # where below `expected`, what is wrong, what to write instead

SCHEMA = "json_schema"


def contradictions_of_answer(expected: Expected) -> Iterator[Contradiction]:
    """Everything about it that no answer could meet, or that would check nothing."""
    yield from _about_errors(expected)
    yield from _about_schemas(expected)
    yield from _about_snapshots(expected)
    if expected.response_limits is not None and expected.response_limits.size_bytes is None:
        yield ("response_limits",), "'response_limits' limits nothing", "give max_size_mb or max_size_bytes"
    if expected.strict_mode and expected.convert_types:
        yield ("convert_types",), "'strict_mode' converts no types", "keep one of them"


def notes_on_answer(expected: Expected) -> Iterator[Contradiction]:
    """What holds, but perhaps not as its author thinks."""
    if not expected.allow_extra_fields and not expected.fields:
        hint = "add fields, or a schema with additionalProperties: false"
        yield ("allow_extra_fields",), "without 'fields' no path says which fields there may be", hint
    for number, entry in enumerate(expected.expected_errors):
        if entry.error_type and not is_compared(entry.error_type):
            message = f"{quoted(entry.error_type)} only names this entry"
            hint = f"answers are compared with {', '.join((*CODES, TOOL_ERROR))}"
            yield ("expected_errors", number, "error_type"), message, hint


def _about_errors(expected: Expected) -> Iterator[Contradiction]:
    for key in ("error_code", "error_message_contains"):
        if not expected.error and key in expected.model_fields_set:
            yield (key,), f"{quoted(key)} cannot hold where no error is expected", "add 'error: true'"
    for number, entry in enumerate(expected.expected_errors):
        place = ("expected_errors", number)
        if _says_nothing(entry):
            hint = "give error_message_pattern, expected_code, or an error_type that is compared"
            yield place, "this entry does not say which error it means", hint
        if entry.error_type in CODES and entry.expected_code not in (None, CODES[entry.error_type]):
            message = f"{quoted(entry.error_type)} is code {CODES[entry.error_type]}, not {entry.expected_code}"
            yield (*place, "expected_code"), message, "keep one of them"
    if "error" in expected.model_fields_set and not expected.error and _must_come(expected):
        yield ("error",), "an entry of 'expected_errors' should occur, so an error is expected", "remove 'error: false'"


def _says_nothing(entry: ExpectedError) -> bool:
    said = (entry.error_message_pattern, entry.expected_code)
    return all(each is None for each in said) and not is_compared(entry.error_type)


def _must_come(expected: Expected) -> bool:
    return any(entry.should_occur for entry in expected.expected_errors)


def _about_schemas(expected: Expected) -> Iterator[Contradiction]:
    if expected.json_schema is not None:
        if expected.schema_file is not None:
            yield ("schema_file",), "the schema is given twice", "keep one of 'schema' and 'schema_file'"
        if problem := _problem_of(expected.json_schema):
            yield (SCHEMA,), f"this is no JSON Schema that can be used: {problem}", ""
    if expected.check_output_schema and (expected.error or _must_come(expected)):
        message = "'check_output_schema' is about results, and an error is expected"
        yield ("check_output_schema",), message, "remove one of them"


def _problem_of(schema: Any) -> str:
    """What is wrong with a schema; empty: nothing."""
    from harness.checks.json_schema.schemas import check_schema  # noqa: PLC0415  # 45 ms, and few suites need it

    try:
        check_schema(schema)
    except ValueError as error:
        return str(error)
    return ""


def _about_snapshots(expected: Expected) -> Iterator[Contradiction]:
    if expected.redactions and expected.snapshot is False:
        yield ("redactions",), "'redactions' belong to a 'snapshot', and there is none", "add 'snapshot: true'"
    for number, redaction in enumerate(expected.redactions):
        if (redaction.path is None) == (redaction.pattern is None):
            yield ("redactions", number), "a redaction has 'path' or 'pattern', one of them", ""
