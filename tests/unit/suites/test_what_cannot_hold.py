"""Expectations that no answer could meet, or that would check nothing: refused with line and remedy."""

import pytest

from harness.errors import SuiteErrors
from harness.suites.load import LoadedSuite, load_suite

HEAD = "name: s\nserver: {command: c}\ntools:\n- name: t\n  tests:\n  - name: a\n"


def load(expected: str) -> LoadedSuite:
    return load_suite(f"{HEAD}    expected: {expected}\n".encode(), "s.yaml")


def problems_of(text: str) -> list[str]:
    try:
        load_suite(text.encode(), "s.yaml")
    except SuiteErrors as errors:
        return [str(problem).removeprefix("s.yaml:") for problem in errors.problems]
    return []


FIELDS = (
    ("{exists: false, value: 1}", "where nothing exists, 'value' cannot hold; keep one of them"),
    ("{exists: true, required: false}", "'required: false' and 'exists: true' contradict each other; keep one of them"),
    ("{not_null: false}", "'not_null: false' checks nothing; write 'value: null' if it must be null"),
    (
        "{not_null: true, value: null}",
        "'not_null' and a null that is asked for contradict each other; keep one of them",
    ),
    (
        "{not_null: true, type: 'null'}",
        "'not_null' and a null that is asked for contradict each other; keep one of them",
    ),
    ("{min: 2, max: 1}", "'min' is 2, more than 'max', which is 1"),
    ("{greater_equal: 2, less_equal: 1.5}", "'greater_equal' is 2, more than 'less_equal', which is 1.5"),
    ("{greater_than: 2, max: 2}", "no number is between 'greater_than' and 'max': both are 2"),
    ("{min: 2, less_than: 2}", "no number is between 'min' and 'less_than': both are 2"),
    ("{min_length: 2, max_length: 1}", "'min_length' is 2, more than 'max_length', which is 1"),
    ("{array_length: 3, max_length: 1}", "'array_length' is 3, more than 'max_length', which is 1"),
    ("{min_length: 4, array_length: 3}", "'min_length' is 4, more than 'array_length', which is 3"),
    ("{flags: i}", "'flags' belong to a 'pattern', and there is none; add the pattern"),
    ("{strict_keys: true}", "'strict_keys' needs 'keys': they are the only ones then; add the keys"),
    ("{value: 1, type: string}", "'value' is no string; keep one of them"),
    ("{value: {a: 1}, not_value: {a: 1.0}}", "'value' and 'not_value' are the same; keep one of them"),
    ("{value: null, not_value: null}", "'value' and 'not_value' are the same; keep one of them"),
)

ANSWERS = (
    ("{error_code: 1}", "'error_code' cannot hold where no error is expected; add 'error: true'"),
    (
        "{expected_errors: [{error_type: mine}]}",
        "this entry does not say which error it means; "
        "give error_message_pattern, expected_code, or an error_type that is compared",
    ),
    (
        "{expected_errors: [{error_type: invalid_params, expected_code: 5}]}",
        "'invalid_params' is code -32602, not 5; keep one of them",
    ),
    (
        "{error: false, expected_errors: [{expected_code: 5, should_occur: true}]}",
        "an entry of 'expected_errors' should occur, so an error is expected; remove 'error: false'",
    ),
    ("{schema: {}, schema_file: x.json}", "the schema is given twice; keep one of 'schema' and 'schema_file'"),
    (
        "{schema: {type: strnig}}",
        'this is no JSON Schema that can be used: type in {"type": "strnig"} should be a value that one of 2 schemas '
        "allows (anyOf)",
    ),
    (
        "{schema: {pattern: (?=a)}}",
        'this is no JSON Schema that can be used: its pattern "(?=a)": lookahead (?=…) is not supported',
    ),
    (
        "{error: true, check_output_schema: true}",
        "'check_output_schema' is about results, and an error is expected; remove one of them",
    ),
    ("{response_limits: {}}", "'response_limits' limits nothing; give max_size_mb or max_size_bytes"),
    ("{strict_mode: true, convert_types: true}", "'strict_mode' converts no types; keep one of them"),
    ("{redactions: [{path: a}]}", "'redactions' belong to a 'snapshot', and there is none; add 'snapshot: true'"),
    ("{snapshot: true, redactions: [{}]}", "a redaction has 'path' or 'pattern', one of them"),
    ("{snapshot: true, redactions: [{path: a, pattern: b}]}", "a redaction has 'path' or 'pattern', one of them"),
    ("{snapshot: true, redactions: [{path: 'a['}]}", "'path' 'a[': not a path: unexpected end of query in 'a['"),
    ("{snapshot: true, redactions: [{pattern: (}]}", "'pattern' '(': missing ): ("),
    (
        "{error: true, expected_errors: [{error_message_pattern: (?=a)}]}",
        "'error_message_pattern' '(?=a)': lookahead (?=…) is not supported",
    ),
    ("{response_limits: {max_size_mb: null}}", "'max_size_mb' has no value; give one, or remove the key"),
    ("{security_constraints: [{constraint_type: no_secrets}]}", ""),
    ("{snapshot: ../x}", ""),
    ("{fields: [{flags: g, pattern: a}]}", ""),
    ("{fields: [{one_of: []}]}", ""),
    ("{fields: [{min: .inf}]}", ""),
    ("{max_validation_errors: 0}", ""),
)  # fmt: skip


@pytest.mark.parametrize(("field", "message"), FIELDS)
def test_a_field_that_cannot_hold_is_refused(field: str, message: str) -> None:
    (problem,) = problems_of(f"{HEAD}    expected:\n      fields:\n      - {field}\n")

    place, _, said = problem.partition(": ")
    assert (place.split(":")[0], said) == ("9", message)


@pytest.mark.parametrize(("expected", "message"), ANSWERS)
def test_an_expectation_that_cannot_hold_is_refused(expected: str, message: str) -> None:
    problems = problems_of(f"{HEAD}    expected: {expected}\n")

    assert {problem.split(":")[0] for problem in problems} == {"7"}
    assert not message or message in [problem.partition(": ")[2] for problem in problems]


def test_a_pattern_is_read_with_its_flags() -> None:
    field = "{pattern: 'a{2}{3} # (', flags: x}"
    assert problems_of(f"{HEAD}    expected: {{fields: [{{pattern: 'a # (', flags: x}}]}}\n") == []
    assert len(problems_of(f"{HEAD}    expected: {{fields: [{{pattern: 'a # (', flags: i}}]}}\n")) == 1
    assert len(problems_of(f"{HEAD}    expected: {{fields: [{field}]}}\n")) == 1


def test_what_may_not_mean_what_its_author_thinks_is_a_warning() -> None:
    expected = "{error: true, expected_errors: [{error_type: timeout, expected_code: 4}], allow_extra_fields: false}"

    assert [str(warning) for warning in load(expected).warnings] == [
        "s.yaml:7:60: 'timeout' only names this entry; answers are compared with parse_error, invalid_request, "
        "method_not_found, invalid_params, internal_error, tool_error",
        "s.yaml:7:109: without 'fields' no path says which fields there may be; "
        "add fields, or a schema with additionalProperties: false",
    ]


def test_the_schema_is_written_as_schema_and_means_json_schema() -> None:
    loaded = load("{schema: {type: object}}")

    assert loaded.warnings == ()
    assert loaded.suite.tools[0].tests[0].expected.json_schema == {"type": "object"}


def test_expectations_of_steps_are_judged_like_those_of_tests() -> None:
    text = f"{HEAD}    steps: [{{tool: t, expected: {{fields: [{{pattern: (}}]}}}}]\n"

    assert problems_of(text) == ["7:53: 'pattern' '(': missing ): ("]
