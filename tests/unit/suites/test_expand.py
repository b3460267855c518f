"""Planning: ids, numbers, order, groups, limits, and the reasons of tests that will not run."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import SuiteErrors
from harness.models.expected import FieldExpectation, FieldType
from harness.models.job import Bundle, BundleFile, PlannedFile, PlannedTest, SuitePlan, TestKind
from harness.models.method import Method
from harness.models.server import Server
from harness.models.suite import Isolation, Retry
from harness.models.target import Target
from harness.suites.expand import Planning, plan_suite
from harness.suites.load import load_suite

HEAD = "name: My Server\nserver: {command: c}\n"
TARGET = Target(name="My Server", command="c")
TOOLS = "tools: [{name: t, tests: [{name: a}]}]\n"


def plan(text: str, *files: str, timeout_s: float | None = None, first_number: int = 0) -> SuitePlan:
    loaded = load_suite((HEAD + text).encode(), "sub/my suite.yaml")
    bundle = Bundle(
        suites=("sub/my suite.yaml",),
        files=tuple(BundleFile(path=path, digest=f"digest of {path}", size_bytes=1) for path in files),
    )
    return plan_suite(loaded, TARGET, Planning(bundle, "p", timeout_s), first_number)


def plan_tests(*tests: str, more: str = "") -> tuple[PlannedTest, ...]:
    lines = "\n".join(f"    - {test}" for test in tests)
    return plan(f"{more}tools:\n  - name: t\n    tests:\n{lines}\n").tests


def test_tests_are_in_the_order_of_the_file_whatever_sections_they_stand_in() -> None:
    planned = plan(
        "methods: [{name: ping, tests: [{name: first}]}]\ntools: [{name: t, tests: [{name: second}]}]\n"
        "isolation: suite\n"
    )

    assert [test.name for test in planned.tests] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("skip_if: nobody\ntools: [{name: t, tests: [{name: a}]}]\n", "3:10"),
        ("tools: [{name: t, tests: [{name: a, skip_if: nobody}]}]\n", "3:46"),
    ],
)
def test_a_condition_that_names_what_nobody_gave_is_refused_where_it_stands(text: str, place: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        plan(text)

    assert [str(problem).removeprefix("sub/my suite.yaml:") for problem in caught.value.problems] == [
        f"{place}: skip_if 'nobody': there is no 'nobody'; give it in 'variables'; "
        "a variable of the environment must be allowed (MCPF_ALLOWED_ENV)"
    ]


def test_a_suite_without_a_policy_gets_that_of_the_run_and_one_with_keeps_its_own() -> None:
    bundle = Bundle(suites=("a.yaml",), files=())
    default = Retry(max_retries=1)
    for text, policy in (
        (TOOLS, default),
        (f"{TOOLS}test_config: {{retry: {{max_retries: 0}}}}", Retry(max_retries=0)),
    ):
        loaded = load_suite((HEAD + text).encode(), "a.yaml")
        planned = plan_suite(loaded, TARGET, Planning(bundle, "p", retry=default), 0)
        assert planned.retry == policy


def groups_of(*tests: str, more: str = "") -> dict[str, str | None]:
    return {test.name: test.group for test in plan_tests(*tests, more=more)}


def test_a_test_is_planned_with_all_that_a_worker_needs() -> None:
    planned = plan(
        "test_config: {timeout_seconds: 9, max_concurrency: 2, fail_fast: true}\n"
        "tools:\n- name: read file\n  tests:\n"
        "  - {name: a b, input: {x: 1}, tags: [quick], isolation: fresh, timeout_seconds: 3}\n",
        first_number=7,
    )

    assert (planned.project, planned.suite, planned.target) == ("p", "sub.my-suite", "My-Server")
    assert (planned.max_concurrency, planned.fail_fast, planned.file) == (2, True, "sub/my suite.yaml")
    assert planned.tests == (
        PlannedTest(
            number=7,
            test_id="p/sub.my-suite/My-Server/read-file/a-b",
            kind=TestKind.TOOL,
            tool="read file",
            name="a b",
            input={"x": 1},
            isolation=Isolation.FRESH,
            timeout_s=3,
            tags=("quick",),
            file="sub/my suite.yaml",
            line=7,
        ),
    )


def test_a_time_limit_comes_from_the_run_or_the_test_or_the_suite() -> None:
    text = "test_config: {timeout_seconds: 9}\ntools: [{name: t, tests: [{name: a}, {name: b, timeout_seconds: 3}]}]"

    assert [test.timeout_s for test in plan(text).tests] == [9, 3]
    assert [test.timeout_s for test in plan(text, timeout_s=1.5).tests] == [1.5, 1.5]


@pytest.mark.parametrize("capabilities", ["{tools: true}", "{tools: false}", "{logging: false, sampling: true}"])
def test_declared_capabilities_are_the_first_test(capabilities: str) -> None:
    first, second = plan_tests("{name: a}", more=f"capabilities: {capabilities}\n")

    assert (first.number, first.kind, first.name) == (0, TestKind.CAPABILITIES, "capabilities")
    assert (first.test_id, first.line) == ("p/sub.my-suite/My-Server/capabilities", 3)
    assert second.number == 1


@pytest.mark.parametrize("capabilities", ["{}", "{sampling: true}", "{experimental: {x: 1}}", "null"])
def test_capabilities_that_cannot_be_compared_make_no_test(capabilities: str) -> None:
    assert [test.name for test in plan_tests("{name: a}", more=f"capabilities: {capabilities}\n")] == ["a"]


def test_every_test_is_planned_with_its_request() -> None:
    planned = plan(
        "tools: [{name: r, tests: [{name: a}]}]\n"
        "resources: [{uri_template: 'x://{id}', name: r, tests: [{name: a, input: {id: 5}}]}]\n"
        "prompts: [{name: r, tests: [{name: a}]}]\n"
        "methods: [{name: ping, tests: [{name: a}]}]\nflows: [{name: a, steps: [{tool: r}]}]\n"
    )

    assert [(test.test_id, test.method, test.tool) for test in planned.tests] == [
        ("p/sub.my-suite/My-Server/r/a", Method.CALL_TOOL, "r"),
        ("p/sub.my-suite/My-Server/resources/r/a", Method.READ_RESOURCE, "x://5"),
        ("p/sub.my-suite/My-Server/prompts/r/a", Method.GET_PROMPT, "r"),
        ("p/sub.my-suite/My-Server/methods/ping/a", Method.PING, ""),
        ("p/sub.my-suite/My-Server/flows/a", Method.CALL_TOOL, ""),
    ]


def test_what_depends_on_a_skipped_test_is_skipped_too_and_says_on_which() -> None:
    tests = plan_tests(
        "{name: c, depends_on: [b]}",
        "{name: b, depends_on: [a]}",
        "{name: a, skip: true}",
        "{name: d, depends_on: [e]}",
        "{name: e}",
    )

    assert {test.name: test.skip_reason for test in tests} == {
        "a": "skipped in the suite",
        "b": "depends on a skipped test: t/a",
        "c": "depends on a skipped test: t/b",
        "d": "",
        "e": "",
    }


def test_dependencies_come_first_and_the_rest_keeps_the_order_of_the_file() -> None:
    tests = plan_tests("{name: c, depends_on: [a]}", "{name: b}", "{name: a}", "{name: d}")

    assert [(test.number, test.name, test.depends_on) for test in tests] == [
        (0, "b", ()),
        (1, "a", ()),
        (2, "c", (1,)),
        (3, "d", ()),
    ]


def test_dependencies_join_tests_into_a_group_and_others_have_none() -> None:
    assert groups_of("{name: x}", "{name: a}", "{name: b, depends_on: [a]}", "{name: c, depends_on: [t/b]}") == {
        "x": None,
        "a": "after:t/a",
        "b": "after:t/a",
        "c": "after:t/a",
    }


def test_an_explicit_group_has_its_name_and_takes_in_what_depends_on_it() -> None:
    tests = (
        "{name: a, group: g}",
        "{name: b}",
        "{name: c, group: g}",
        "{name: d, depends_on: [c]}",
        "{name: e, group: h}",
    )

    assert groups_of(*tests) == {"a": "group:g", "b": None, "c": "group:g", "d": "group:g", "e": "group:h"}


def test_isolation_suite_is_one_group_with_the_capabilities() -> None:
    more = "isolation: suite\ncapabilities: {tools: true}\n"

    assert groups_of("{name: a}", "{name: b, isolation: fresh}", "{name: c, group: g}", more=more) == {
        "capabilities": "suite",
        "a": "suite",
        "b": None,
        "c": "suite",
    }


def test_an_explicit_group_called_suite_is_another_group_than_isolation_suite() -> None:
    assert groups_of("{name: a, group: suite}", "{name: b, isolation: suite}") == {"a": "group:suite", "b": "suite"}


def test_files_are_planned_from_the_bundle() -> None:
    files = ("sub/a.txt", "sub/data/x", "sub/data/deep/y", "sub/my suite.yaml", "a.txt")

    planned = plan(
        "files: [{source: a.txt}, {source: ./a.txt, target: b/c.txt}, {source: a.txt, target: d/}, {source: data},"
        f" {{source: data, target: .}}, {{source: data/x, target: .}}]\n{TOOLS}",
        *files,
    )

    assert planned.files == (
        PlannedFile(target="a.txt", digest="digest of sub/a.txt"),
        PlannedFile(target="b/c.txt", digest="digest of sub/a.txt"),
        PlannedFile(target="d/a.txt", digest="digest of sub/a.txt"),
        PlannedFile(target="data/x", digest="digest of sub/data/x"),
        PlannedFile(target="data/deep/y", digest="digest of sub/data/deep/y"),
        PlannedFile(target="x", digest="digest of sub/data/x"),
        PlannedFile(target="deep/y", digest="digest of sub/data/deep/y"),
    )


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ("[{source: gone}]", "sub/my suite.yaml:3:9: 'gone' is not in the bundle"),
        ("[{source: a}, {source: b, target: a}]", "sub/my suite.yaml:3:22: two files go to 'a'; change one target"),
        (
            "[{source: a}, {source: b, target: a/b}]",
            "sub/my suite.yaml:3:9: 'a' is a file and a folder in the sandbox; change one target",
        ),
    ],
)
def test_files_that_cannot_be_placed_are_refused(files: str, problem: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        plan(f"files: {files}\n{TOOLS}", "sub/a", "sub/b")

    assert [str(each) for each in caught.value.problems] == [problem]


def test_the_paths_and_modes_of_a_bundle_are_not_believed() -> None:
    loaded = load_suite(f"{HEAD}files: [{{source: d}}]\n{TOOLS}".encode(), "s.yaml")

    def plan_with(path: str, mode: int) -> SuitePlan:
        files = (BundleFile(path=path, digest="d", size_bytes=1, mode=mode),)
        bundle = Bundle(suites=("s.yaml",), files=files)
        return plan_suite(loaded, TARGET, Planning(bundle, "p"), 0)

    assert plan_with("d/x", 0o4755).files == (PlannedFile(target="d/x", digest="d", mode=0o755),)
    with pytest.raises(SuiteErrors, match=r"'d/\.\./\.\./x' does not stay inside the sandbox"):
        plan_with("d/../../x", 0o644)


def test_a_target_gives_its_server_its_part_of_the_ids_and_what_conditions_say_of_it() -> None:
    text = f"{HEAD}tools: [{{name: t, tests: [{{name: a, only_if: target.labels.tier == 'gold'}}]}}]\n".encode()
    bundle = Bundle(suites=("s.yaml",), files=(BundleFile(path="s.yaml", digest="d", size_bytes=1),))

    def planned_for(tier: str) -> tuple[Server, str, tuple[tuple[str, str], ...]]:
        target = Target(name="Time, staging", command="t", args=("-x",), version="2", labels={"tier": tier})
        plan = plan_suite(load_suite(text, "s.yaml"), target, Planning(bundle, "p"), 0)
        return plan.server, plan.target, tuple((test.test_id, test.skip_reason) for test in plan.tests)

    server = Server(command="t", args=("-x",))
    assert planned_for("gold") == (server, "Time-staging", (("p/s/Time-staging/t/a", ""),))
    skipped = "only_if: target.labels.tier == 'gold'"
    assert planned_for("tin") == (server, "Time-staging", (("p/s/Time-staging/t/a", skipped),))


def test_a_suite_is_found_in_the_bundle_by_the_end_of_its_path_and_its_content() -> None:
    text = (HEAD + TOOLS).encode()
    bundle = Bundle(
        suites=("s.yaml", "b/s.yaml"),
        files=(
            BundleFile(path="s.yaml", digest="another", size_bytes=1),
            BundleFile(path="b/s.yaml", digest=hashlib.sha256(text).hexdigest(), size_bytes=1),
        ),
    )

    planned = plan_suite(load_suite(text, "/home/me/b/s.yaml"), TARGET, Planning(bundle, "p"), 0)

    assert (planned.file, planned.suite, planned.tests[0].file) == ("b/s.yaml", "b.s", "b/s.yaml")
    with pytest.raises(ValueError, match="is not a suite of this bundle"):
        plan_suite(load_suite(text, "/b/other.yaml"), TARGET, Planning(bundle, "p"), 0)


@st.composite
def suites(draw: st.DrawFn) -> str:
    count = draw(st.integers(1, 10))
    tests = []
    for number in range(count):
        depends = draw(st.lists(st.integers(0, count - 1), max_size=2, unique=True))
        acyclic = [f"t{(other * 7) % count}" for other in depends if (other * 7) % count != number]
        group = draw(st.sampled_from(["null", "g", "h"]))
        isolation = draw(st.sampled_from(["null", "shared", "suite", "fresh"]))
        skip = draw(st.sampled_from(["true", "false"]))
        tests.append((number, acyclic, f"group: {group}, isolation: {isolation}, skip: {skip}"))
    rank = draw(st.permutations(range(count)))
    lines = []
    for number, depends, rest in tests:
        earlier = [name for name in depends if rank.index(int(name[1:])) < rank.index(number)]
        lines.append(f"{{name: t{number}, depends_on: [{', '.join(earlier)}], {rest}}}")
    return f"tools: [{{name: t, tests: [{', '.join(lines)}]}}]\n"


@settings(deadline=None)
@given(suites(), st.integers(0, 1000))
def test_every_test_is_planned_once_after_its_dependencies_and_in_their_group(text: str, first: int) -> None:
    loaded = load_suite((HEAD + text).encode(), "s.yaml")

    tests = plan(text, first_number=first).tests

    assert sorted(test.name for test in tests) == sorted(test.name for test in loaded.suite.tools[0].tests)
    assert [test.number for test in tests] == list(range(first, first + len(tests)))
    by_number = {test.number: test for test in tests}
    for test in tests:
        assert all(other < test.number for other in test.depends_on)
        assert all(by_number[other].group == test.group is not None for other in test.depends_on)
        if any(by_number[other].skip_reason for other in test.depends_on):
            assert test.skip_reason


def test_the_declared_arguments_of_a_prompt_are_a_test_of_the_list_of_prompts() -> None:
    planned = plan(
        'prompts: [{name: "it\'s", arguments: [{name: city, required: true}, {name: state}], tests: [{name: a}]},\n'
        "  {name: other, tests: [{name: a}]}]\n"
    )

    [declared] = [test for test in planned.tests if test.method is Method.LIST_PROMPTS]
    listed = """$.prompts[?@.name == "it's"].arguments[?@.name == "%s"]"""
    assert declared.test_id.endswith("/prompts/prompts-list/it-s-arguments")
    assert declared.expected.fields == (
        FieldExpectation(path=listed % "city", field_type=FieldType.OBJECT),
        FieldExpectation(path=f"{listed % 'city'}.required", value=True),
        FieldExpectation(path=listed % "state", field_type=FieldType.OBJECT),
    )
