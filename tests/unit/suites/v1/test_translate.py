"""The v1 format in our words: what each of its keys becomes, and what is said of those that do not act."""

import pytest

from harness.suites.findings import Findings
from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, plain
from harness.suites.v1.translate import is_v1, translate

HEAD = "server: {start_command: c, args: [x]}\n"


def translated(text: str) -> tuple[list[dict], Findings]:
    findings = Findings("v1.yaml")
    root = read_yaml(text.encode(), "v1.yaml")
    assert isinstance(root, MapNode)
    assert is_v1(root)
    return [plain(part.root) for part in translate(root, findings)], findings


def case(text: str) -> dict:
    """The modern form of one case below a suite, with the section that it stands in."""
    [suite], _ = translated(f"{HEAD}test_suites: [{{name: s, test_cases: [{text}]}}]\n")
    return {key: value for key, value in suite.items() if key not in ("name", "server")}


def test_every_suite_of_a_file_has_what_stands_beside_them() -> None:
    suites, findings = translated(
        "global: {max_global_concurrency: 2, fail_fast: true, log_level: info, retry: {max_retries: 3, x: 1}}\n"
        + HEAD
        + "environment: {variables: {a: 1}, setup_commands: [touch x], limits: {max_processes: 5}}\n"
        "reporting: {formats: [html]}\n"
        "test_suites:\n"
        "- {name: one, variables: {b: 2}, parallel_execution: false, continue_on_failure: false, timeout_seconds: 30,\n"
        "   max_concurrency: 1, test_cases: [{id: x, tool_name: t}]}\n"
        "- {name: two, skip_condition: 'a == 1', required_success_rate: 0.8, depends_on: [one],\n"
        "   test_cases: [{id: y, tool_name: t}]}\n"
    )

    shared = {"server": {"command": "c", "args": ["x"]}, "setup_commands": ["touch x"]}
    config = {"max_concurrency": 2, "fail_fast": True, "retry": {"max_retries": 3}}
    assert suites == [
        {
            "name": "one",
            **shared,
            "variables": {"b": 2, "a": 1},
            "isolation": "suite",
            "test_config": {**config, "max_concurrency": 1},
            "tools": [{"name": "t", "tests": [{"name": "x"}]}],
        },
        {
            "name": "two",
            **shared,
            "variables": {"a": 1},
            "skip_if": "a == 1",
            "required_success_rate": 0.8,
            "depends_on": ["one"],
            "test_config": config,
            "tools": [{"name": "t", "tests": [{"name": "y"}]}],
        },
    ]
    assert [problem.message for problem in findings.deferred] == [
        "global.log_level does not act yet",
        "retry.x does not act yet",
        "environment.limits.max_processes does not act yet",
        "reporting.formats does not act yet",
        "timeout_seconds does not act yet",
    ]


@pytest.mark.parametrize(
    ("text", "section", "owner"),
    [
        ("{id: a, tool_name: echo, input_params: {x: 1}}", "tools", "echo"),
        ("{id: a, tool_name: tools/list, input_params: {x: 1}}", "methods", "tools/list"),
        ("{id: a, tool_name: initialize, input_params: {x: 1}}", "methods", "initialize"),
    ],
)
def test_a_case_stands_below_what_it_asks_for(text: str, section: str, owner: str) -> None:
    assert case(text) == {section: [{"name": owner, "tests": [{"name": "a", "input": {"x": 1}}]}]}


def test_steps_find_stored_results_by_their_own_names() -> None:
    assert case(
        "{id: a, setup_steps: [{tool: login, params: {u: 1}, store_result_as: session}],\n"
        " steps: [{tool: go, params: {t: '${session.token}', u: '${sessions}'}, expected: {patterns: []}}],\n"
        " cleanup_steps: [{tool: tools/list}]}"
    ) == {
        "flows": [
            {
                "name": "a",
                "setup": [{"tool": "login", "input": {"u": 1}, "store_result_as": "session"}],
                "steps": [
                    {
                        "tool": "go",
                        "expected": {"subject": "content"},
                        "input": {"t": "${steps.session.token}", "u": "${sessions}"},
                    }
                ],
                "cleanup": [{"method": "tools/list"}],
            }
        ]
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("expected: {error_expected: true}", {"error": True}),
        ("expect_error: true, expected_error_code: -32602", {"error": True, "error_code": -32602}),
        (
            "expected_error_pattern: 'no.*'",
            {"fields": [{"path": "$.error.message", "pattern": "no.*"}], "error": True},
        ),
        (
            "expected: {ignore_order: true, max_validation_errors: 3}",
            {"ignore_order": True, "max_validation_errors": 3},
        ),
        ("expected: {schema: {type: object}}", {"schema": {"type": "object"}}),
    ],
)
def test_what_is_expected_of_the_answer(written: str, expected: dict) -> None:
    [tool] = case(f"{{id: a, tool_name: t, {written}}}")["tools"]
    assert tool["tests"] == [{"name": "a", "expected": {"subject": "content", **expected}}]


@pytest.mark.parametrize(
    ("validation", "field"),
    [
        ("{type: exists}", {"exists": True}),
        ("{type: not_exists}", {"exists": False}),
        ("{type: not_null}", {"not_null": True}),
        ("{type: equals, value: 5}", {"value": 5}),
        ("{type: not_equals, value: 5}", {"not_value": 5}),
        ("{type: one_of, values: [1, 2]}", {"one_of": [1, 2]}),
        ("{type: range, min: 1, max: 2}", {"min": 1, "max": 2}),
        ("{type: greater_than, value: 0}", {"greater_than": 0}),
        ("{type: greater_equal, value: 0}", {"greater_equal": 0}),
        ("{type: less_than, value: 0}", {"less_than": 0}),
        ("{type: less_equal, value: 0}", {"less_equal": 0}),
        (
            "{type: numeric, min_value: 0, max_value: 1, decimal_places: 2}",
            {"field_type": "number", "min": 0, "max": 1, "decimal_places": 2},
        ),
        ("{type: regex, pattern: x, flags: i}", {"pattern": "x", "flags": "i"}),
        ("{type: string_length, min: 1, max: 2}", {"field_type": "string", "min_length": 1, "max_length": 2}),
        ("{type: contains, value: x, case_sensitive: false}", {"contains": "x", "case_sensitive": False}),
        ("{type: starts_with, value: x}", {"starts_with": "x"}),
        ("{type: ends_with, value: x}", {"ends_with": "x"}),
        ("{type: array}", {"field_type": "array"}),
        ("{type: array_length, min: 1, max: 2}", {"field_type": "array", "min_length": 1, "max_length": 2}),
        ("{type: array_contains, value: x}", {"field_type": "array", "contains": "x"}),
        ("{type: array_contains_all, values: [x]}", {"field_type": "array", "contains_all": ["x"]}),
        ("{type: object}", {"field_type": "object"}),
        ("{type: object_keys, keys: [a], strict: true}", {"field_type": "object", "keys": ["a"], "strict_keys": True}),
        ("{type: object_size, min: 1}", {"field_type": "object", "min_length": 1}),
        ("{type: boolean, value: true}", {"field_type": "boolean", "value": True}),
        ('{type: "null"}', {"field_type": "null"}),
        ("{type: integer}", {"field_type": "integer"}),
        ("{type: string}", {"field_type": "string"}),
        ("{Equals: {value: 5}}", {"value": 5}),
        ("{Range: {min: 1, max: 2}}", {"min": 1, "max": 2}),
        ("{Contains: {values: [a, b]}}", {"contains_all": ["a", "b"]}),
        ("{Regex: {pattern: x}}", {"pattern": "x"}),
        ("{OneOf: {options: [1]}}", {"one_of": [1]}),
        ("{ArrayLength: {min: 1}}", {"field_type": "array", "min_length": 1}),
        ("{HasKeys: {keys: [a]}}", {"field_type": "object", "keys": ["a"]}),
        ("{array_min_length: 3}", {"field_type": "array", "min_length": 3}),
        ("exists", {"exists": True}),
    ],
)
def test_a_validation_is_keys_of_a_field(validation: str, field: dict) -> None:
    pattern = f"{{key: 'x[0].y', validation: {validation}, required: true}}"
    [tool] = case(f"{{id: a, tool_name: t, expected: {{patterns: [{pattern}]}}}}")["tools"]
    assert tool["tests"][0]["expected"]["fields"] == [{"path": "x[0].y", **field}]


def test_a_pattern_that_is_not_required_is_a_warning() -> None:
    [tool] = case(
        "{id: a, tool_name: t, expected: {patterns: [{key: x, validation: {type: exists}, required: false}]}}"
    )["tools"]
    assert tool["tests"][0]["expected"]["fields"] == [{"path": "x", "exists": True, "severity": "warning"}]


def test_scripts_are_texts_or_files() -> None:
    [tool] = case(
        "{id: a, tool_name: t, expected: {custom_scripts: [{script: 'scripts/x.py', engine: node, min_score: 0.5},\n"
        " {script: 'print(1)', language: python, timeout_seconds: 3}]}}"
    )["tools"]
    assert tool["tests"][0]["scripts"] == [
        {"file": "scripts/x.py", "language": "javascript", "min_score": 0.5},
        {"source": "print(1)", "language": "python", "timeout_seconds": 3},
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{type: equal}", "unknown validation type 'equal'; did you mean 'equals'"),
        ("{type: range, from: 1}", "validation 'range' has no 'from'"),
    ],
)
def test_a_check_that_nobody_knows_is_an_error(text: str, message: str) -> None:
    case_text = f"{{id: a, tool_name: t, expected: {{patterns: [{{key: x, validation: {text}}}]}}}}"
    _, findings = translated(f"{HEAD}test_suites: [{{name: s, test_cases: [{case_text}]}}]\n")
    with pytest.raises(Exception, match=message):
        findings.raise_errors()


def test_a_key_that_nobody_knows_is_an_error_in_the_file_and_in_a_suite() -> None:
    _, findings = translated(f"{HEAD}servr: 1\ntest_suites: [{{name: s, test_caes: []}}]\n")
    with pytest.raises(Exception, match="unknown key 'servr'; did you mean 'server'") as caught:
        findings.raise_errors()
    assert "unknown key 'test_caes'" in str(caught.value)
