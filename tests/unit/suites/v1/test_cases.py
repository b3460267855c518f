"""A case of the v1 format in our words: what it asks, what must come back, steps, scripts, limits, matrices."""

import json

import pytest

from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, plain
from harness.suites.v1.notes import NoteKind
from harness.suites.v1.translate import Translated, translate

HEAD = "server: {start_command: c}\n"


def translated(case: str) -> Translated:
    root = read_yaml(f"{HEAD}test_suites: [{{name: s, test_cases: [{case}]}}]\n".encode(), "v1.yaml")
    assert isinstance(root, MapNode)
    return translate(root)


def suite_with(case: str) -> dict:
    """What a suite has of one case."""
    suite = plain(translated(case).parts[0].root)
    assert isinstance(suite, dict)
    return {key: value for key, value in suite.items() if key not in ("name", "server", "isolation")}


def tool_test(keys: str) -> dict:
    """A case of the tool t without its name."""
    [tool] = suite_with(f"{{id: a, tool_name: t, {keys}}}")["tools"]
    [test] = tool["tests"]
    return {key: value for key, value in test.items() if key != "name"}


def said_of(case: str) -> list[tuple[NoteKind, str, str]]:
    kinds = (NoteKind.TRANSLATED, NoteKind.DEFERRED)
    return [(note.kind, note.key, note.said) for note in translated(case).notes if note.kind not in kinds]


@pytest.mark.parametrize(
    ("case", "section", "owner"),
    [
        ("{id: a, tool_name: echo, input_params: {x: 1}}", "tools", "echo"),
        ("{id: a, tool: echo, input: {x: 1}}", "tools", "echo"),
        ("{id: a, tool_name: tools/list, parameters: {x: 1}}", "methods", "tools/list"),
        ("{id: a, tool_name: ping, input_params: {x: 1}}", "methods", "ping"),
        ("{id: a, tool_name: resources/read, input_params: {x: 1}}", "methods", "resources/read"),
    ],
)
def test_a_case_stands_below_what_it_asks_for(case: str, section: str, owner: str) -> None:
    assert suite_with(case) == {section: [{"name": owner, "tests": [{"name": "a", "input": {"x": 1}}]}]}


def test_a_case_keeps_what_tests_have_too() -> None:
    assert tool_test(
        "name: N, enabled: false, priority: 2, skip: true, tags: [x], variables: {v: 1}, matrix: {m: [1, 2]},\n"
        "depends_on: [b], timeout_override_seconds: 3"
    ) == {
        "description": "N",
        "enabled": False,
        "priority": 2,
        "skip": True,
        "tags": ["x"],
        "variables": {"v": 1},
        "matrix": {"m": [1, 2]},
        "dependencies": ["b"],
        "timeout_seconds": 3,
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("expected: {error_expected: true}", {"error": True}),
        ("expected: {expect_error: true, error_message_contains: x}", {"error": True, "error_message_contains": "x"}),
        ("expect_error: true, expected_error_code: -32602", {"error": True, "error_code": -32602}),
        (
            "expected_error_pattern: 'no.*'",
            {"error": True, "expected_errors": [{"error_message_pattern": "no.*", "should_occur": True}]},
        ),
        (
            "expect_error: true, expected_error_code: GONE",
            {"error": True, "fields": [{"path": "error.code", "value": "GONE"}], "subject": "content"},
        ),
        ("expected: {error: false, error_code: 5}", {"error": False, "error_code": 5}),
        ("expected: {schema: {type: object}}", {"schema": {"type": "object"}, "subject": "content"}),
        ("expected: {schema: schemas/x.json}", {"schema_file": "schemas/x.json", "subject": "content"}),
        ("expected: {response_limits: {max_size_mb: 2, summary_only: true}}", {"response_limits": {"max_size_mb": 2}}),
        (
            "expected: {ignore_order: true, max_validation_errors: 3, allow_extra_fields: false, strict_mode: true,\n"
            "case_sensitive: false, continue_on_validation_error: false, normalize_whitespace: true,\n"
            "trim_strings: true, convert_types: true}",
            {
                "ignore_order": True,
                "max_validation_errors": 3,
                "allow_extra_fields": False,
                "strict_mode": True,
                "case_sensitive": False,
                "continue_on_validation_error": False,
                "normalize_whitespace": True,
                "trim_strings": True,
                "convert_types": True,
            },
        ),
    ],
)
def test_what_is_expected_of_the_answer(written: str, expected: dict) -> None:
    assert tool_test(written) == {"expected": expected}


def test_patterns_look_at_what_a_tool_says_and_at_the_result_of_other_requests() -> None:
    pattern = "expected: {patterns: [{key: x, validation: {type: exists}}]}"
    field = {"path": "x", "exists": True}

    assert tool_test(pattern) == {"expected": {"fields": [field], "subject": "content"}}
    assert suite_with(f"{{id: a, tool_name: tools/list, {pattern}}}") == {
        "methods": [{"name": "tools/list", "tests": [{"name": "a", "expected": {"fields": [field]}}]}]
    }


def test_scripts_are_texts_or_files() -> None:
    assert tool_test(
        "expected: {custom_scripts: [{script: scripts/x.py, engine: node, min_score: 0.5, working_dir: scripts/},\n"
        "{script: ./check.js, env: {A: b}, expected_exit_code: 3, params: {p: 1}},\n"
        "{script: 'print(1)', language: python3, timeout_seconds: 3},\n"
        "{name: n, content: 'return true', language: lua, required: false}]}"
    ) == {
        "scripts": [
            {"file": "scripts/x.py", "language": "javascript", "min_score": 0.5, "working_dir": "scripts/"},
            {
                "file": "./check.js",
                "language": "javascript",
                "env": {"A": "b"},
                "expected_exit_code": 3,
                "params": {"p": 1},
            },
            {"source": "print(1)", "language": "python", "timeout_seconds": 3},
            {"name": "n", "source": "return true", "language": "lua", "required": False},
        ]
    }


def test_limits_have_our_names() -> None:
    assert tool_test(
        "iterations: 20, concurrency: 4, performance: {max_execution_time_ms: 1, max_memory_usage_mb: 2,\n"
        "max_cpu_usage_percent: 3, percentiles: {p50: 1, p90: 2, p95: 3, p99: 4}, min_requests_per_second: 5, \n"
        "max_error_rate: 0.05, max_disk_io_mb: 1}"
    ) == {
        "performance": {
            "iterations": 20,
            "concurrency": 4,
            "max_duration_ms": 1,
            "max_memory_mb": 2,
            "max_cpu_percent": 3,
            "percentiles": {"p50_ms": 1, "p90_ms": 2, "p95_ms": 3, "p99_ms": 4},
            "min_ops_per_sec": 5,
            "min_success_rate": 0.95,
        }
    }


def test_limits_may_have_our_names() -> None:
    percentiles = {"p50_ms": 1, "p90_ms": 2, "p95_ms": 3, "p99_ms": 4}
    ours = {"max_duration_ms": 1, "max_memory_mb": 2, "max_cpu_seconds": 3, "min_ops_per_sec": 4, "concurrency": 6}
    more = {"min_success_rate": 0.5, "iterations": 7, "warmup_iterations": 8}

    assert tool_test(f"performance: {json.dumps(ours | more | {'response_time_percentiles': percentiles})}") == {
        "performance": {**ours, **more, "percentiles": percentiles}
    }


def test_older_tools_have_limits_below_what_is_expected() -> None:
    written = "expected: {performance_requirements: {max_execution_time_ms: 9}, allow_failure: false}"

    assert tool_test(written) == {"performance": {"max_duration_ms": 9}}


def test_steps_find_stored_results_by_their_own_names() -> None:
    assert suite_with(
        "{id: a, setup_steps: [{tool: login, params: {u: 1}, store_result_as: session}],\n"
        "steps: [{tool: go, params: {t: '${session.token}', u: '${sessions}', v: 'session', w: '${n * session.x}'},\n"
        "  expected: {patterns: [{key: y, validation: {type: exists}}]}}],\n"
        "cleanup_steps: [{tool: tools/list}]}"
    ) == {
        "flows": [
            {
                "name": "a",
                "setup": [{"tool": "login", "input": {"u": 1}, "store_result_as": "session"}],
                "steps": [
                    {
                        "tool": "go",
                        "input": {
                            "t": "${steps.session.token}",
                            "u": "${sessions}",
                            "v": "session",
                            "w": "${n * steps.session.x}",
                        },
                        "expected": {"fields": [{"path": "y", "exists": True}], "subject": "content"},
                    }
                ],
                "cleanup": [{"method": "tools/list"}],
            }
        ]
    }


def test_steps_and_scripts_may_have_other_names() -> None:
    step = "{tool_name: go, input_params: {x: 1}, description: d}"

    assert tool_test(f"steps: [{step}], expected: {{custom_scripts: [{{path: x.py, description: d}}]}}") == {
        "steps": [{"tool": "go", "input": {"x": 1}, "name": "d"}],
        "scripts": [{"file": "x.py", "language": "python", "description": "d"}],
    }


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        ("!server.capabilities.tools", 'not has(server.capabilities, "tools")'),
        ("a == 'x' && !b || c !== 1", "a == 'x' and not b or c != 1"),
        ("${SKIP}", "SKIP"),
        ("env.CI == 'a && b'", "CI == 'a && b'"),
        ("server.capabilities.tools.listChanged", "server.capabilities.tools.listChanged"),
    ],
)
def test_conditions_are_expressions_of_ours(condition: str, expression: str) -> None:
    assert tool_test(f'skip_if: "{condition}", only_if: "{condition}"') == {
        "skip_if": expression,
        "only_if": expression,
    }
    assert tool_test(f'skip_condition: "{condition}"') == {"skip_if": expression}


def test_a_matrix_of_named_lists_is_pairs_and_a_matrix_of_lists_every_combination() -> None:
    pairs = "variables: {ps: [a, b], ns: [1, 2]}, matrix: {p: '${ps}', n: '${ ns }'}"

    assert tool_test(pairs)["parameters"] == [{"p": "a", "n": 1}, {"p": "b", "n": 2}]
    assert "matrix" not in tool_test(pairs)
    assert said_of(f"{{id: a, tool_name: t, {pairs}}}") == [
        (NoteKind.READING, "matrix", "names lists of one length, which are read as pairs ('parameters')")
    ]
    assert tool_test("variables: {ps: [a], ns: [1, 2]}, matrix: {p: '${ps}', n: '${ns}'}")["matrix"] == {
        "p": "${ps}",
        "n": "${ns}",
    }


REFUSAL = "a test that any answer satisfies proves nothing; say what must come back, or remove the test"


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ("input_parms: {}", (NoteKind.UNKNOWN, "input_parms", "")),
        ("expected: {paterns: []}", (NoteKind.UNKNOWN, "expected.paterns", "")),
        ("expected: ", (NoteKind.WRONG, "expected", "must be a mapping, not null")),
        ("expected: {patterns: }", (NoteKind.WRONG, "patterns", "must be a list, not null")),
        ("expected: {patterns: {}}", (NoteKind.WRONG, "patterns", "must be a list, not a mapping")),
        ("expected: {patterns: [x]}", (NoteKind.WRONG, "patterns", "must hold mappings; item 1 is text")),
        ("expected: {patterns: [{key: x}]}", (NoteKind.WRONG, "patterns", "need a 'validation' in each item")),
        ("expected: {custom_scripts: 5}", (NoteKind.WRONG, "custom_scripts", "must be a list, not a number")),
        (
            "expected: {custom_scripts: [{language: lua}]}",
            (NoteKind.WRONG, "custom_scripts", "need a 'script' in each item: a path, or the text itself"),
        ),
        ("expected: {custom_scripts: [{script: x.py, pth: 1}]}", (NoteKind.UNKNOWN, "custom_scripts.pth", "")),
        ("performance: {max_error_rate: 2}", (NoteKind.WRONG, "max_error_rate", "must be a number from 0 to 1")),
        ("performance: {max_execution_ms: 2}", (NoteKind.UNKNOWN, "performance.max_execution_ms", "")),
        ("steps: [{tool: x, parms: 1}]", (NoteKind.UNKNOWN, "steps.parms", "")),
        (
            "steps: [{tool: x, expected: {custom_scripts: [{script: x.py}]}}]",
            (NoteKind.WRONG, "steps", "have no scripts of their own: write them below the case"),
        ),
        ("input: {}, input_params: {}", (NoteKind.WRONG, "input", "is said twice, here and on line 2: keep one")),
        ("allow_any_response: true", (NoteKind.REFUSED, "allow_any_response", REFUSAL)),
        ("expected: {allow_failure: true}", (NoteKind.REFUSED, "expected.allow_failure", REFUSAL)),
    ],
)
def test_nothing_of_a_case_is_dropped_in_silence(keys: str, note: tuple[NoteKind, str, str]) -> None:
    assert said_of(f"{{id: a, tool_name: t, {keys}}}") == [note]


def test_a_case_of_no_tool_is_wrong() -> None:
    assert said_of("{id: a, tool_name: 5}") == [
        (NoteKind.WRONG, "tool_name", "must be the name of a tool, or a method such as tools/list")
    ]
