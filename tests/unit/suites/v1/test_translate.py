"""A file of the v1 format in our words: suites, what stands beside them, and what is said of what does not act."""

import json

import pytest

from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, plain
from harness.suites.v1.notes import NoteKind
from harness.suites.v1.translate import Translated, is_v1, translate

SERVER = "server: {start_command: c, args: [x]}\n"
SUITE = "test_suites: [{name: s, test_cases: [{id: a, tool_name: t}]}]\n"


def translated(text: str) -> Translated:
    root = read_yaml(text.encode(), "v1.yaml")
    assert isinstance(root, MapNode)
    assert is_v1(root)
    return translate(root)


def suites_of(text: str) -> list[dict]:
    return [plain(part.root) for part in translated(text).parts]


def suite_of(text: str) -> dict:
    [suite] = suites_of(text)
    return suite


def notes_of(text: str, *kinds: NoteKind) -> list[tuple[int, str, str]]:
    return [(note.mark.line, note.key, note.said) for note in translated(text).notes if note.kind in kinds]


def test_every_suite_of_a_file_has_what_stands_beside_them() -> None:
    suites = suites_of(
        "global: {max_global_concurrency: 2, fail_fast: true, retry: {max_retries: 3}, environment: ci,\n"
        "  default_project_path: p}\n"
        + SERVER
        + "environment: {variables: {a: 1}, setup_commands: [touch x], teardown_commands: [rm x]}\n"
        "test_suites:\n"
        "- {name: one, variables: {b: '${a}'}, parallel_execution: true, max_concurrency: 1,\n"
        "   timeout_override_seconds: 30, test_cases: [{id: x, tool_name: t}]}\n"
        "- {name: two, skip_condition: a == 1, required_success_rate: 0.8, depends_on: [one], enabled: false,\n"
        "   priority: 3, tags: [slow], matrix: {m: [1]}, fail_fast: false, description: d,\n"
        "   retry_config: {max_retries: 1}, test_cases: [{id: y, tool_name: t}]}\n"
    )

    shared = {
        "server": {"command": "c", "args": ["x"], "env": {"a": "1"}},
        "setup_commands": ["touch x"],
        "teardown_commands": ["rm x"],
    }
    assert suites == [
        {
            "name": "one",
            **shared,
            "variables": {"environment": "ci", "default_project_path": "p", "a": 1, "b": "${a}"},
            "isolation": "shared",
            "test_config": {
                "max_concurrency": 1,
                "timeout_seconds": 30,
                "fail_fast": True,
                "retry": {"max_retries": 3},
            },
            "tools": [{"name": "t", "tests": [{"name": "x"}]}],
        },
        {
            "name": "two",
            "description": "d",
            **shared,
            "variables": {"environment": "ci", "default_project_path": "p", "a": 1},
            "isolation": "suite",
            "skip_if": "a == 1",
            "required_success_rate": 0.8,
            "depends_on": ["one"],
            "enabled": False,
            "priority": 3,
            "tags": ["slow"],
            "matrix": {"m": [1]},
            "test_config": {"max_concurrency": 2, "fail_fast": False, "retry": {"max_retries": 1}},
            "tools": [{"name": "t", "tests": [{"name": "y"}]}],
        },
    ]
    assert list(suites[0]["variables"]) == ["environment", "default_project_path", "a", "b"]


def test_tests_stand_in_the_order_of_the_file() -> None:
    suite = suite_of(
        f"{SERVER}test_suites: [{{name: s, test_cases: [{{id: a, tool_name: t}}, {{id: b, tool_name: u}},\n"
        "{id: c, tool_name: t}, {id: d, tool_name: tools/list}]}]\n"
    )

    assert [(tool["name"], [test["name"] for test in tool["tests"]]) for tool in suite["tools"]] == [
        ("t", ["a"]),
        ("u", ["b"]),
        ("t", ["c"]),
    ]
    assert suite["methods"] == [{"name": "tools/list", "tests": [{"name": "d"}]}]


@pytest.mark.parametrize(
    ("server", "modern"),
    [
        (
            "{start_command: cargo run --bin 'my server', args: [stdio]}",
            {"command": "cargo", "args": ["run", "--bin", "my server", "stdio"]},
        ),
        ("{args: [stdio], start_command: a b}", {"command": "a", "args": ["b", "stdio"]}),
        ("{command: c, env: {A: b}, environment: }", {"command": "c", "env": {"A": "b"}}),
        (
            "{start_command: c, working_directory: /w, startup_timeout: 9}",
            {"command": "c", "working_dir": "/w", "startup_timeout_seconds": 9},
        ),
        (
            "{start_command: c, transport: stdio, startup_timeout_seconds: 9, shutdown_timeout_seconds: 2}",
            {"command": "c", "transport": "stdio", "startup_timeout_seconds": 9, "shutdown_timeout_seconds": 2},
        ),
    ],
)
def test_a_server_is_started_by_a_program_and_its_arguments(server: str, modern: dict) -> None:
    assert suite_of(f"server: {server}\n{SUITE}")["server"] == modern


def test_a_server_over_http_keeps_what_ours_have_too() -> None:
    server = suite_of(
        "server: {url: 'http://h/mcp', transport: http, headers: {A: b}, connection_timeout: 3,\n"
        f"request_timeout_seconds: 4, protocol_version: '2025-06-18'}}\n{SUITE}"
    )["server"]

    assert server == {
        "url": "http://h/mcp",
        "transport": "http",
        "headers": {"A": "b"},
        "connection_timeout_seconds": 3,
        "request_timeout_seconds": 4,
        "protocol_version": "2025-06-18",
    }
    assert suite_of(f"server: {{url: x, connection_timeout_seconds: 3}}\n{SUITE}")["server"] == {
        "url": "x",
        "connection_timeout_seconds": 3,
    }


def test_conditions_that_ask_for_the_environment_find_one() -> None:
    case = "test_cases: [{id: a, tool_name: t, only_if: environment == 'production'}]"
    of_file = "global: {environment: production}\n"

    assert suite_of(f"{SERVER}test_suites: [{{name: s, {case}}}]\n")["variables"] == {"environment": "development"}
    assert suite_of(f"{of_file}{SERVER}test_suites: [{{name: s, {case}}}]\n")["variables"] == {
        "environment": "production"
    }
    assert "variables" not in suite_of(f"{SERVER}{SUITE}")


def test_a_policy_of_retries_is_ours() -> None:
    policy = {
        "max_retries": 1,
        "retry_delay_ms": 2,
        "exponential_backoff": False,
        "max_backoff_ms": 3,
        "jitter": False,
        "retry_on_patterns": ["x"],
        "no_retry_patterns": ["y"],
    }

    assert suite_of(f"{SERVER}global: {{retry: {json.dumps(policy)}}}\n{SUITE}")["test_config"] == {"retry": policy}


def test_a_suite_says_when_it_runs_and_how_much_of_it_at_once() -> None:
    keys = "only_if: '!a', max_suite_concurrency: 2, continue_on_failure: true"
    suite = suite_of(f"{SERVER}test_suites: [{{name: s, {keys}, test_cases: [{{id: a, tool_name: t}}]}}]\n")

    assert (suite["only_if"], suite["test_config"]) == ("not a", {"max_concurrency": 2})


def test_a_server_may_say_its_name_and_version() -> None:
    suite = suite_of(f"server: {{start_command: c, name: Notes, version: 1.5}}\n{SUITE}")

    assert (suite["metadata"], suite["version"]) == ({"server_name": "Notes"}, "1.5")


def test_variables_of_the_environment_are_the_servers_where_it_has_none_of_that_name() -> None:
    suite = suite_of(
        "environment: {variables: {A: 1, B: true, C: x}}\nserver: {start_command: c, env: {C: own, D: d}}\n" + SUITE
    )

    assert suite["server"]["env"] == {"A": "1", "B": "true", "C": "own", "D": "d"}
    assert suite["variables"] == {"A": 1, "B": True, "C": "x"}


def test_a_file_without_a_server_is_for_targets() -> None:
    suite = suite_of(f"environment: {{variables: {{A: 1}}}}\n{SUITE}")

    assert suite == {
        "name": "s",
        "variables": {"A": 1},
        "isolation": "suite",
        "tools": [{"name": "t", "tests": [{"name": "a"}]}],
    }


def test_what_servers_and_commands_name_beside_the_file_travels_with_it() -> None:
    suite = suite_of(
        "server: {start_command: python, args: [server.py, --port=1, data/x], working_dir: servers/db}\n"
        "setup_commands: ['mkdir -p out', 'sqlite3 a.db < test-data/schema.sql', 'sh ./prepare.sh']\n" + SUITE
    )

    assert suite["files"] == [
        {"source": source, "required": False} for source in ("servers/db", "test-data/schema.sql", "prepare.sh")
    ]


def test_programs_before_and_after_a_suite_are_commands() -> None:
    suite = suite_of(
        f"{SERVER}setup_commands: [first]\ntest_suites: [{{name: s, setup_script: scripts/setup.py,\n"
        "teardown_script: down, setup: {commands: [one]}, cleanup: {commands: [two], always_run: true},\n"
        "test_cases: [{id: a, tool_name: t}]}]\n"
    )

    assert suite["setup_commands"] == ["python3 scripts/setup.py", "one"]
    assert suite["teardown_commands"] == ["./down", "two"]


def test_what_commands_make_in_tmp_lies_in_the_sandbox_of_each_suite_wherever_it_is_named() -> None:
    text = (
        "server: {start_command: c, env: {URL: 'sqlite:///tmp/a.db', OTHER: /tmp/b}}\n"
        "setup_commands: ['rm -f /tmp/a.db /tmp/out', 'x > /var/tmp/a.db']\n"
        "test_suites: [{name: s, test_cases: [{id: a, tool_name: t, input_params: {path: /tmp/out/x, q: /tmp/output},\n"
        "  expected: {patterns: [{key: path, validation: {type: equals, value: /tmp/out/x}}]}}]}]\n"
    )

    suite = suite_of(text)
    assert suite["setup_commands"] == [
        'mkdir -p "$HOME/tmp"',
        "rm -f $HOME/tmp/a.db $HOME/tmp/out",
        "x > /var/tmp/a.db",
    ]
    assert suite["server"]["env"] == {"URL": "sqlite://${sandbox}/tmp/a.db", "OTHER": "/tmp/b"}
    [test] = suite["tools"][0]["tests"]
    assert test["input"] == {"path": "${sandbox}/tmp/out/x", "q": "/tmp/output"}
    assert test["expected"]["fields"] == [{"path": "path", "value": "${sandbox}/tmp/out/x"}]
    assert notes_of(text, NoteKind.READING) == [
        (2, "/tmp", "as commands make it is read as ${sandbox}/tmp/: a folder of the suite alone")
    ]


def test_what_does_not_act_is_noted_by_its_whole_name_and_line() -> None:
    assert notes_of(
        "global: {log_level: info, retry: {retry_on_status_codes: [500]}, resource_limits: {max_memory_mb: 1}}\n"
        "server: {start_command: c, limits: {nice_level: 1}, auto_restart: true}\n"
        "environment: {limits: {max_processes: 5}, container: {image: x}}\n"
        "security: {rbac: {enabled: true}}\n"
        "test_suites: [{name: s, resource_limits: {max_disk_usage_mb: 1}, include_in_summary: true,\n"
        "  test_cases: [{id: a, tool_name: t, skip_auth: true}]}]\n",
        NoteKind.DEFERRED,
    ) == [
        (1, "global.log_level", ""),
        (1, "retry.retry_on_status_codes", ""),
        (1, "global.resource_limits.max_memory_mb", ""),
        (2, "server.limits.nice_level", ""),
        (2, "server.auto_restart", "does not act: a server is started for each session, and another one when it dies"),
        (3, "environment.limits.max_processes", ""),
        (3, "environment.container.image", ""),
        (4, "security.rbac.enabled", ""),
        (5, "resource_limits.max_disk_usage_mb", ""),
        (5, "include_in_summary", "does not act: every suite is part of the summary"),
        (6, "skip_auth", ""),
    ]


def test_configuration_is_told_from_what_a_suite_says() -> None:
    told = "is configuration: it acts in a file that is given as --config"
    assert notes_of(
        f"global: {{global_timeout_seconds: 9}}\n{SERVER}reporting: {{formats: [html]}}\n{SUITE}", NoteKind.DEFERRED
    ) == [(1, "global.global_timeout_seconds", told), (3, "reporting.formats", told)]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("servr: 1", (2, "servr", "")),
        ("security: {rbca: {enabled: true}}", (2, "security.rbca", "")),
        ("reporting: {distribution: {email: {enabld: true}}}", (2, "reporting.distribution.email.enabld", "")),
        ("global: 5", (2, "global", "must be a mapping, not a number")),
        ("environment: {variables: {a: [1]}}", (2, "a", "must be text: it is a variable of the environment")),
    ],
)
def test_what_nobody_knows_or_nobody_could_mean_is_noted(text: str, note: tuple[int, str, str]) -> None:
    assert notes_of(f"{SERVER}{text}\n{SUITE}", NoteKind.UNKNOWN, NoteKind.WRONG) == [note]


@pytest.mark.parametrize(
    ("suites", "note"),
    [
        ("{}", (2, "test_suites", "must be a list, not a mapping")),
        ("[]", (2, "test_suites", "must hold at least one suite")),
        ("[5]", (2, "test_suites", "must hold mappings; item 1 is a number")),
        ("[{name: s}]", (2, "test_cases", "are missing")),
        ("[{name: s, test_cases: {}}]", (2, "test_cases", "must be a list, not a mapping")),
        ("[{name: s, test_cases: [5]}]", (2, "test_cases", "must hold mappings; item 1 is a number")),
        ("[{name: s, test_cases: []}, {name: s, test_cases: []}]", (2, "s", "is the name of the suite on line 2, too")),
        ("[{name: s, parallel_execution: maybe, test_cases: []}]", (2, "parallel_execution", "must be true or false")),
        (
            "[{name: s, skip_if: a, skip_condition: b, test_cases: []}]",
            (2, "skip_if", "is said twice, here and on line 2: keep one"),
        ),
    ],
)
def test_nothing_of_a_suite_is_dropped_in_silence(suites: str, note: tuple[int, str, str]) -> None:
    assert notes_of(f"{SERVER}test_suites: {suites}\n", NoteKind.UNKNOWN, NoteKind.WRONG) == [note]


def test_the_limit_of_a_suite_is_read_as_that_of_each_test() -> None:
    text = f"{SERVER}test_suites: [{{name: s, timeout_seconds: 30, test_cases: [{{id: a, tool_name: t}}]}}]\n"

    assert suite_of(text)["test_config"] == {"timeout_seconds": 30}
    assert notes_of(text, NoteKind.READING) == [
        (2, "timeout_seconds", "is read as the limit of each test: a suite has none of its own")
    ]


def test_a_suite_offers_the_revision_that_its_cases_ask_for() -> None:
    text = (
        f"{SERVER}test_suites: [{{name: s, test_cases: [\n"
        "{id: a, tool_name: initialize, input_params: {protocolVersion: '2024-11-05', capabilities: {}}},\n"
        "{id: b, tool_name: initialize, input_params: {protocolVersion: '2025-06-18'}}]}]\n"
    )

    suite = suite_of(text)
    assert suite["server"]["protocol_version"] == "2024-11-05"
    assert suite["methods"] == [{"name": "initialize", "tests": [{"name": "a"}, {"name": "b"}]}]
    assert notes_of(text, NoteKind.DEFERRED, NoteKind.WRONG) == [
        (3, "input_params.capabilities", "is not sent: sessions begin in their own way"),
        (
            4,
            "protocolVersion",
            "differs: a suite offers one revision, here the one of line 3; give the case to another suite",
        ),
    ]
