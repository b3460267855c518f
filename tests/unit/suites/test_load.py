"""Loading a suite: every problem with its place and its remedy, and what is accepted with a word."""

import os
import time
from pathlib import Path

import pytest

from harness.errors import SuiteErrors, UsageError
from harness.models.expected import FieldType
from harness.models.performance import Percentiles, Performance
from harness.models.server import Server
from harness.models.suite import Isolation
from harness.models.target import TargetQuery
from harness.suites.files import BundleFiles
from harness.suites.load import STRICT, Loading, find_suites, load_each, load_paths, load_suite, load_suites

HEAD = "name: s\nserver: {command: c}\n"  # what follows starts on line 3
TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"
GOOD = (HEAD + TESTS).encode()


def problems_of(text: str, loading: Loading = STRICT) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        load_suite(text.encode(), "s.yaml", loading)
    return [str(problem).removeprefix("s.yaml:") for problem in caught.value.problems]


def field_problems(field: str) -> list[str]:
    return problems_of(f"{HEAD}tools: [{{name: t, tests: [{{name: a, expected: {{fields: [\n{field}\n]}}}}]}}]\n")


def problems_of_tests(*tests: str) -> list[str]:
    lines = "\n".join(f"      - {test}" for test in tests)
    return problems_of(f"{HEAD}tools:\n  - name: t\n    tests:\n{lines}\n")


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        ("toolz: []", "3:1: unknown key 'toolz'; did you mean 'tools'?"),
        ("quux: 1", "3:1: unknown key 'quux'"),
        ('"\\e[31m": 1', "3:1: unknown key '\\x1b[31m'"),
        ("version: 1.0", "3:10: 'version' must be text, not 1.0; put it in quotes"),
        ("version: [1]", "3:10: 'version' must be text, not a list"),
        ("isolation: frsh", "3:12: 'isolation' must be shared or suite or fresh, not 'frsh'; did you mean 'fresh'?"),
        (
            "capabilities: {tools: yes}",
            "3:23: 'tools' must be true or false, not 'yes'; YAML 1.2 knows only true and false",
        ),
        ("capabilities: {tols: true}", "3:16: unknown key 'tols'; did you mean 'tools'?"),
        (
            "test_config: {timeout_seconds: '30'}",
            "3:32: 'timeout_seconds' must be a number, not '30'; remove the quotes",
        ),
        ("test_config: {timeout_seconds: 0}", "3:32: 'timeout_seconds' must be more than 0, not 0"),
        ("test_config: {max_concurrency: 65}", "3:32: 'max_concurrency' must be at most 64, not 65"),
        ("test_config: {max_concurrency: 1.5}", "3:32: 'max_concurrency' must be a whole number, not 1.5"),
        ("test_config: {retry: {max_retris: 1}}", "3:23: unknown key 'max_retris'; did you mean 'max_retries'?"),
        ("files: [{target: x}]", "3:9: 'source' is missing in item 1 of 'files'"),
        (f"files: [{'{source: x},' * 201}]", "3:8: 'files' must have at most 200 items, not 201"),
        ("files: [{source: ../x}]", "3:18: '../x' does not stay inside its folder; give a path without .."),
        ("files: [{source: /x}]", "3:18: '/x' does not stay inside its folder; give a path without .."),
        (
            "files: [{source: x, target: a/../../b}]",
            "3:29: 'a/../../b' does not stay inside its folder; give a path without ..",
        ),
        ("files: [{source: 'a\\b'}]", "3:18: 'a\\b' does not stay inside its folder; give a path without .."),
        ("resources: [{name: r, tests: []}]", "3:13: 'uri_template' is missing in item 1 of 'resources' ('r')"),
        ("prompts: [5]", "3:11: item 1 of 'prompts' must be a mapping, not 5"),
    ],
)
def test_a_problem_names_its_place_the_key_and_the_remedy(addition: str, problem: str) -> None:
    assert problems_of(f"{HEAD}{addition}\n{TESTS}") == [problem]


@pytest.mark.parametrize(
    ("server", "problems"),
    [
        (
            "{}",
            [
                "2:1: 'command' is missing in 'server'; give the command that starts the server, or the url of one "
                "that runs already"
            ],
        ),
        ("{command: ''}", ["2:19: 'command' must not be empty"]),
        (
            "{command: c, working_dir: /}",
            [
                "2:35: working_dir '/' is not a folder inside the sandbox; write one such as data or ${sandbox}/data, "
                "without .., or leave the key out"
            ],
        ),
        (
            "{url: 'http://x', transport: sse}",
            [
                "2:38: transport 'sse' is not supported yet; write http where the server speaks streamable HTTP as "
                "well, or stdio"
            ],
        ),
        (
            "{command: c, transport: grpc}",
            ["2:33: 'transport' must be stdio or http or streamable-http or streamable_http, not 'grpc'"],
        ),
        ("{command: c, env: {A: 1}}", ["2:31: 'A' must be text, not 1; put it in quotes"]),
        ("{command: c, env: {A: null}}", ["2:31: 'A' must be text, not null"]),
        ("{command: c, env: {'A=B': x}}", ["2:28: 'A=B' is not a variable name"]),
        ('{command: c, args: [a, "\\0"]}', ["2:32: a NUL character cannot be passed to a server"]),
        ("{command: c, args: a}", ["2:28: 'args' must be a list, not 'a'"]),
        ("{command: c, env: {}, environment: {}}", ["2:31: 'environment' and 'env' mean the same; keep 'env'"]),
    ],
)
def test_a_server_that_could_not_be_started_is_refused(server: str, problems: list[str]) -> None:
    assert problems_of(f"name: s\nserver: {server}\n{TESTS}") == problems


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("{patern: x}", "4:2: unknown key 'patern'; did you mean 'pattern'?"),
        ("{pattern: 'a(?=b)'}", "4:11: 'pattern' 'a(?=b)': lookahead (?=…) is not supported"),
        ("{path: '$.['}", "4:8: 'path' '$.[': not a path: expected a shorthand selector at character 3 of '$.['"),
        ("{pattern: }", "4:2: 'pattern' has no value; give one, or remove the key"),
        ("{min: 2, max: 1}", "4:10: 'min' is 2, more than 'max', which is 1"),
        ("{min_length: 2, max_length: 1}", "4:17: 'min_length' is 2, more than 'max_length', which is 1"),
        ("{max_length: -1}", "4:14: 'max_length' must be at least 0, not -1"),
        (
            "{type: strng}",
            "4:8: 'field_type' must be string or number or integer or boolean or array or object or null, not 'strng';"
            " did you mean 'string'?",
        ),
        ("{type: string, field_type: string}", "4:16: 'field_type' and 'type' mean the same; keep 'field_type'"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused(field: str, problem: str) -> None:
    assert field_problems(field) == [problem]


@pytest.mark.parametrize(
    ("test", "problems"),
    [
        ("{name: a, expected: }", ["6:19: 'expected' has no value; give one, or remove the key"]),
        ("{name: a, expected: {fields: }}", ["6:30: 'fields' has no value; give one, or remove the key"]),
        (
            "{name: a, expected: {error_code: 4}}",
            ["6:30: 'error_code' cannot hold where no error is expected; add 'error: true'"],
        ),
        ("{name: a, skip: no}", ["6:25: 'skip' must be true or false, not 'no'; YAML 1.2 knows only true and false"]),
        ("{name: a, input: []}", ["6:26: 'input' must be a mapping, not a list"]),
        ("{name: ' '}", ["6:16: ' ' is not a printable name; use visible characters"]),
        ('{name: "a\\nb"}', ["6:16: 'a\\nb' is not a printable name; use visible characters"]),
        ("{name: a, tags: [x, 1]}", ["6:29: item 2 of 'tags' must be text, not 1; put it in quotes"]),
        (
            "{name: a, performance: {max_durations_ms: 1}}",
            ["6:33: unknown key 'max_durations_ms'; did you mean 'max_duration_ms'?"],
        ),
        (
            "{name: a, expected_response: {}}",
            [
                "6:19: 'expected_response' is refused: nobody says how an answer is compared with it; write 'expected' "
                "with 'fields'"
            ],
        ),
    ],
)
def test_a_test_that_would_not_say_what_it_means_is_refused(test: str, problems: list[str]) -> None:
    assert problems_of_tests(test) == problems


def test_an_unknown_dependency_is_refused_with_the_nearest_name() -> None:
    assert problems_of_tests("{name: write_file}", "{name: b, dependencies: [write_fil, zzz]}") == [
        "7:34: test 'b' depends on 'write_fil', which does not exist; did you mean 'write_file'?",
        "7:45: test 'b' depends on 'zzz', which does not exist",
    ]


def test_a_cycle_is_named_at_its_first_test_and_its_dependents_are_not_blamed() -> None:
    tests = ("{name: x, depends_on: [a]}", "{name: a, depends_on: [b]}", "{name: b, depends_on: [a]}")

    assert problems_of_tests(*tests) == [
        "7:19: these tests depend on each other in a circle: 'a' → 'b' → 'a'; remove one dependency"
    ]


def test_a_test_that_depends_on_itself_is_refused() -> None:
    assert problems_of_tests("{name: a, depends_on: [t/a]}") == ["6:32: test 't/a' depends on itself"]


def test_a_dependency_that_means_two_tests_names_both() -> None:
    text = (
        f"{HEAD}tools:\n- {{name: t, tests: [{{name: a}}, {{name: b, depends_on: [a]}}]}}\n"
        "- {name: u, tests: [{name: a}]}"
    )

    assert problems_of(text) == ["4:55: dependency 'a' means 2 tests; write 't/a' or 'u/a'"]
    assert load_suite(text.replace("[a]", "[u/a]").encode(), "s.yaml").suite.tools[0].tests[1].dependencies == ("u/a",)


def test_the_same_test_twice_is_refused_even_below_two_entries_of_its_tool() -> None:
    text = f"{HEAD}tools:\n- {{name: t, tests: [{{name: a}}]}}\n- {{name: t, tests: [{{name: a}}, {{name: b}}]}}"

    assert problems_of(text) == ["5:28: test 't/a' is already given on line 4; rename one"]


def test_two_names_with_one_id_are_refused() -> None:
    assert problems_of_tests("{name: a b}", "{name: a/b}") == [
        "7:16: tests 't/a/b' and 't/a b' (line 6) have the same id; rename one"
    ]


@pytest.mark.parametrize("tools", ["", "tools: []\n", "tools:\n", "tools: [{name: t}]\n", "error_tests: [{tool: t}]\n"])
def test_a_suite_without_a_test_is_refused(tools: str) -> None:
    assert problems_of(HEAD + tools) == ["1:1: no tests; give at least one below 'tools'"]


@pytest.mark.parametrize(("text", "found"), [("[]", "a list"), ("text", "'text'"), ("null", "null")])
def test_a_file_that_is_no_mapping_is_refused(text: str, found: str) -> None:
    assert problems_of(text) == [f"1:1: the suite must be a mapping, not {found}"]


V1_HEAD = "server: {start_command: c}\ntest_suites:\n"
V1_SUITES = "- {name: one, test_cases: [{id: a, tool_name: t}]}\n- {name: two, test_cases: [{id: b, tool_name: t}]}\n"


def test_a_file_of_the_v1_format_is_as_many_suites_as_it_holds() -> None:
    one, two = load_suites((V1_HEAD + V1_SUITES).encode(), "s.yaml")

    assert [(loaded.file, loaded.part, loaded.suite.name) for loaded in (one, two)] == [
        ("s.yaml", "one", "one"),
        ("s.yaml", "two", "two"),
    ]
    assert two.line_of(("tools", 0, "tests", 0)) == 4


def test_problems_of_the_v1_format_name_its_own_lines() -> None:
    cases = "- {name: one, test_cases: [{id: a, tool_name: t, depends_on: [x]},\n  {id: b, tool_name: t, skip: no}]}\n"

    assert problems_of(V1_HEAD + cases) == [
        "4:31: 'skip' must be true or false, not 'no'; YAML 1.2 knows only true and false",
    ]
    assert problems_of(V1_HEAD + cases.replace("skip: no", "skip: true")) == [
        "3:63: test 'a' depends on 'x', which does not exist"
    ]


def test_an_unknown_key_of_the_v1_format_is_a_warning_with_lenient() -> None:
    text = (V1_HEAD + V1_SUITES).replace("name: one,", "name: one, nme: 1,")

    assert problems_of(text) == ["3:15: unknown key 'nme'; did you mean 'name'?"]
    one, _ = load_suites(text.encode(), "s.yaml", Loading(lenient=True))
    assert [str(problem) for problem in one.warnings] == ["s.yaml:3:15: unknown key 'nme'; did you mean 'name'?"]


def test_all_problems_are_reported_at_once_in_file_order_also_when_some_are_of_types() -> None:
    problems = problems_of(
        "nam: x\nserver: {command: 1}\ntools:\n"
        "- {name: t, tests: [{name: a, expected: {fields: [{pattern: '('}]}}, {}]}\n"
    )

    assert problems == [
        "1:1: 'name' is missing in the suite",
        "1:1: unknown key 'nam'; did you mean 'name'?",
        "2:19: 'command' must be text, not 1; put it in quotes",
        "4:61: 'pattern' '(': missing ): (",
        "4:70: 'name' is missing in item 2 of 'tests'",
    ]


def test_the_message_shows_twenty_problems_and_counts_the_rest() -> None:
    text = GOOD.decode() + "".join(f"zz{number}: 1\n" for number in range(25))

    with pytest.raises(SuiteErrors) as caught:
        load_suite(text.encode(), "s.yaml")

    assert len(caught.value.problems) == 25
    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (21, "and 5 more")


def test_unknown_keys_are_warnings_when_asked_and_nothing_else_is() -> None:
    loaded = load_suite(GOOD + b"toolz: 1\n", "s.yaml", Loading(lenient=True))

    assert [str(warning) for warning in loaded.warnings] == ["s.yaml:4:1: unknown key 'toolz'; did you mean 'tools'?"]
    assert problems_of(f"{HEAD}toolz: 1\nversion: 1\n{TESTS}", Loading(lenient=True)) == [
        "4:10: 'version' must be text, not 1; put it in quotes"
    ]


def test_another_spelling_is_read_as_ours_with_a_word() -> None:
    text = (
        "name: s\nserver: {command: c, working_directory: d, environment: {A: b}}\n"
        "tools: [{name: t, test_cases: [{name: z}, {name: a, parameters: {x: 1}, depends_on: [z],"
        " expected: {fields: [{type: integer}]}}]}]\n"
    )

    loaded = load_suite(text.encode(), "s.yaml")

    test = loaded.suite.tools[0].tests[1]
    assert (loaded.suite.server.working_dir, loaded.suite.server.env) == ("d", {"A": "b"})
    assert (test.input, test.dependencies, test.expected.fields[0].field_type) == ({"x": 1}, ("z",), FieldType.INTEGER)
    assert [str(warning) for warning in loaded.warnings] == [
        "s.yaml:2:22: 'working_directory' is read as 'working_dir'",
        "s.yaml:2:44: 'environment' is read as 'env'",
        "s.yaml:3:19: 'test_cases' is read as 'tests'",
        "s.yaml:3:53: 'parameters' is read as 'input'",
        "s.yaml:3:111: 'type' is read as 'field_type'",
    ]


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        ("startup_timeout", "startup_timeout_seconds"),
        ("shutdown_timeout", "shutdown_timeout_seconds"),
        ("connection_timeout", "connection_timeout_seconds"),
        ("request_timeout", "request_timeout_seconds"),
    ],
)
def test_other_names_of_times_are_read_as_ours(other: str, ours: str) -> None:
    reached = "url: 'http://127.0.0.1:1/mcp'" if "connection" in other or "request" in other else "command: c"
    loaded = load_suite(f"name: s\nserver: {{{reached}, {other}: 7}}\n{TESTS}".encode(), "s.yaml")

    assert getattr(loaded.suite.server, ours) == 7
    assert [problem.message for problem in loaded.warnings] == [f"'{other}' is read as '{ours}'"]


@pytest.mark.parametrize(
    ("other", "limits"),
    [
        ("max_execution_time_ms: 5", Performance(max_duration_ms=5)),
        ("max_memory_usage_mb: 5", Performance(max_memory_mb=5)),
        ("max_cpu_usage_percent: 5", Performance(max_cpu_percent=5)),
        ("min_throughput_per_second: 5", Performance(min_ops_per_sec=5)),
        ("min_requests_per_second: 5", Performance(min_ops_per_sec=5)),
        ("response_time_percentiles: {p50_ms: 5}", Performance(percentiles=Percentiles(p50_ms=5))),
    ],
)
def test_other_names_of_limits_are_read_as_ours(other: str, limits: Performance) -> None:
    text = f"{HEAD}tools: [{{name: t, tests: [{{name: a, performance: {{{other}}}}}]}}]\n"

    assert load_suite(text.encode(), "s.yaml").suite.tools[0].tests[0].performance == limits


def test_targets_may_be_named_by_their_labels() -> None:
    loaded = load_suite(f"name: s\ntargets: {{labels: {{team: web}}}}\n{TESTS}".encode(), "s.yaml")

    assert loaded.suite.targets_where == TargetQuery(labels={"team": "web"})


def test_a_file_of_the_v1_format_has_what_it_extends() -> None:
    base = "server: {start_command: c, args: [x]}\ntest_suites: [{name: one, test_cases: [{id: a, tool_name: t}]}]\n"
    own = "extends: base.yaml\n_merge_mode: append\ntest_suites: [{name: two, test_cases: [{id: b, tool_name: t}]}]\n"
    files = BundleFiles({"base.yaml": "d"}, lambda _: base.encode())

    loaded = load_suites(own.encode(), "own.yaml", Loading(files=files))

    assert [(suite.part, suite.suite.server) for suite in loaded] == [
        ("one", Server(command="c", args=("x",))),
        ("two", Server(command="c", args=("x",))),
    ]


def test_null_for_a_key_that_may_be_left_out_means_that_it_is_not_given() -> None:
    text = f"{HEAD[:-2]}, working_dir: null}}\nisolation:\ndescription: ~\ntest_config: null\n{TESTS}"

    suite = load_suite(text.encode(), "s.yaml").suite

    assert (suite.server.working_dir, suite.isolation, suite.description) == (None, Isolation.SHARED, "")


def test_null_is_a_value_to_check_for() -> None:
    text = f"{HEAD}tools: [{{name: t, tests: [{{name: a, expected: {{fields: [{{path: $.x, value: null}}]}}}}]}}]"

    field = load_suite(text.encode(), "s.yaml").suite.tools[0].tests[0].expected.fields[0]

    assert field.model_fields_set == {"path", "value"}


def test_documented_keys_that_do_not_act_yet_are_listed_one_by_one() -> None:
    text = (
        f"{HEAD}script_config: {{enabled: true}}\ntest_config:\n  progress_notifications:\n    enabled: true\n"
        "tools:\n- name: t\n  input_schema: x.json\n  tests:\n  - name: a\n"
        "    performance: {expect_progress_notifications: true}\n"
        "    expected:\n      progress_expected: true\n"
    )

    loaded = load_suite(text.encode(), "s.yaml")

    assert loaded.warnings == ()
    assert [str(key) for key in loaded.deferred] == [
        "s.yaml:3:17: script_config.enabled does not act yet",
        "s.yaml:6:5: test_config.progress_notifications.enabled does not act yet",
        "s.yaml:9:3: input_schema does not act yet",
        "s.yaml:12:19: performance.expect_progress_notifications does not act yet",
        "s.yaml:14:7: expected.progress_expected does not act yet",
    ]


def test_what_two_aliases_share_is_reported_once() -> None:
    text = f"{HEAD}tools:\n- {{name: t, tests: [{{name: a, expected: &e {{erorr: 1}}}}, {{name: b, expected: *e}}]}}\n"

    assert problems_of(text) == ["4:45: unknown key 'erorr'; did you mean 'error'?"]


def test_a_file_full_of_typos_costs_little() -> None:
    text = HEAD + TESTS + "".join(f"nmae{number}: 1\n" for number in range(40_000))
    started_s = time.process_time()

    problems = problems_of(text)

    assert len(problems) == 40_000
    assert time.process_time() - started_s < 5


def test_lines_are_known_by_path() -> None:
    loaded = load_suite(f"{HEAD}tools:\n- name: t\n  tests:\n  - name: a\n    input: {{x: 1}}\n".encode(), "s.yaml")

    assert loaded.line_of(("tools", 0, "tests", 0)) == 6
    assert loaded.line_of(("tools", 0, "tests", 0, "input", "x")) == 7
    assert loaded.line_of(("nowhere", 3)) == 1


# -- files and folders


def test_a_folder_is_every_suite_below_it_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.yaml", "a/z.yml", "a/y.yaml", ".hidden.yaml", ".git/c.yaml", "node_modules/d.yaml", "e.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / "empty-suite.yaml").write_text("name: e\nserver: {command: c}\n")

    found = find_suites([tmp_path, tmp_path / "a" / "z.yml"])

    assert [str(path.relative_to(tmp_path)) for path in found] == ["b.yaml", "empty-suite.yaml", "a/y.yaml", "a/z.yml"]


def test_a_file_that_is_named_is_a_suite_whatever_it_holds(tmp_path: Path) -> None:
    (tmp_path / "compose.txt").write_text("services: {}\n")

    assert find_suites([tmp_path / "compose.txt"]) == (tmp_path / "compose.txt",)


def test_a_missing_path_and_a_folder_without_suites_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.yaml: no such file or folder"):
        find_suites([tmp_path / "gone.yaml"])
    with pytest.raises(UsageError, match="no suite below this folder"):
        find_suites([tmp_path])


def test_problems_of_all_files_are_raised_together(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("tools: [\n")

    with pytest.raises(SuiteErrors) as caught:
        load_paths([tmp_path])

    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


def test_a_bad_file_is_left_out_when_the_others_shall_go_on(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("tools: [\n")
    (tmp_path / "good.yaml").write_bytes(GOOD)

    suites = load_paths([tmp_path], keep_going=True)
    loaded = load_each([tmp_path])

    assert [Path(suite.file).name for suite in suites] == ["good.yaml"]
    assert [Path(problem.file).name for problem in loaded.problems] == ["bad.yaml"]
    with pytest.raises(SuiteErrors):
        load_paths([tmp_path / "bad.yaml"], keep_going=True)


def test_a_pipe_and_an_enormous_file_are_refused_without_reading_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(10 * 1024**3)

    loaded = load_each([tmp_path / "pipe.yaml", tmp_path / "big.yaml"])

    assert [problem.message for problem in loaded.problems] == [
        "not a regular file",
        "the file is larger than 1024 KiB",
    ]
