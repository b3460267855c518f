"""Variables, matrices and parameters written out: one test for each combination, with its own values."""

import pytest

from harness.errors import SuiteErrors
from harness.models.job import Bundle, BundleFile
from harness.models.suite import TestCase
from harness.models.target import Target
from harness.suites.expand import Planning, plan_suite
from harness.suites.listing import list_tests
from harness.suites.load import Loading, load_suite
from harness.suites.unfold import MAX_TESTS, MAX_VARIANTS

HEAD = "name: S\nserver: {command: c}\n"


def read(text: str, environment: dict[str, str] | None = None) -> list[TestCase]:
    loaded = load_suite((HEAD + text).encode(), "s.yaml", Loading(environment=environment or {}))
    return [listed.test for listed in list_tests(loaded.suite)]


def problems_of(text: str) -> list[str]:
    with pytest.raises(SuiteErrors) as caught:
        load_suite((HEAD + text).encode(), "s.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_variables_are_filled_in_with_their_types_and_may_use_those_before_them() -> None:
    [test] = read(
        "variables: {limit: 5, twice: '${limit * 2}', url: 'http://${host}/'}\n"
        "tools: [{name: t, tests: [{name: a, variables: {limit: 7}, timeout_seconds: '${limit}',\n"
        "  input: {n: '${limit}', m: '${twice}', text: 'at ${url}', raw: '$${limit}'}}]}]\n",
        {"host": "example.test"},
    )

    assert (test.timeout_seconds, test.input) == (
        7,
        {"n": 7, "m": 10, "text": "at http://example.test/", "raw": "$${limit}"},
    )


def test_a_variable_that_nobody_gave_is_an_error_at_its_place() -> None:
    assert problems_of("tools: [{name: t, tests: [{name: a, input: {n: '${gone}', m: '${HOME}'}}]}]\n") == [
        "s.yaml:3:48: ${gone}: there is no 'gone'; give it in 'variables'; a variable of the environment must be "
        "allowed (MCPF_ALLOWED_ENV)",
        "s.yaml:3:62: ${HOME}: there is no 'HOME'; give it in 'variables'; a variable of the environment must be "
        "allowed (MCPF_ALLOWED_ENV)",
    ]


def test_what_is_known_later_is_left_and_prose_and_programs_are_not_touched() -> None:
    [test] = read(
        "variables: {x: 1}\nmetadata: {a: '${gone}'}\nsetup_commands: ['echo ${HOME}']\n"
        "tools: [{name: t, tests: [{name: a, description: '${gone}', input: {p: '${sandbox}/${x}', q: '${steps.a.b}',\n"
        "  r: '${secret:KEY}'}, scripts: [{language: javascript, source: 'console.log(`${gone}`)'}]}]}]\n"
    )

    assert test.input == {"p": "${sandbox}/1", "q": "${steps.a.b}", "r": "${secret:KEY}"}
    assert test.scripts[0].source == "console.log(`${gone}`)"


def test_a_matrix_makes_one_test_of_each_combination_and_parameters_one_of_each_row() -> None:
    tests = read(
        "tools: [{name: t, tests: [{name: a, matrix: {x: [1, 2], y: [u]}, parameters: [{z: 3}, {z: 4}],\n"
        "  input: {sum: '${matrix.x + matrix.z}', y: '${matrix.y}'}}]}]\n"
    )

    assert [(test.name, test.input) for test in tests] == [
        ("a[x=1,y=u,z=3]", {"sum": 4, "y": "u"}),
        ("a[x=1,y=u,z=4]", {"sum": 5, "y": "u"}),
        ("a[x=2,y=u,z=3]", {"sum": 5, "y": "u"}),
        ("a[x=2,y=u,z=4]", {"sum": 6, "y": "u"}),
    ]


def test_values_of_a_matrix_and_of_parameters_may_be_variables_of_the_suite() -> None:
    tests = read(
        "variables: {limit: 4}\n"
        "tools: [{name: t, tests: [{name: a, matrix: {x: [1, '${limit}']}, parameters: [{z: '${limit + 1}'}],\n"
        "  input: {x: '${matrix.x}', z: '${matrix.z}'}}]}]\n"
    )

    assert [test.input for test in tests] == [{"x": 1, "z": 5}, {"x": 4, "z": 5}]
    assert "there is no 'gone'" in problems_of("tools: [{name: t, tests: [{name: a, matrix: {x: ['${gone}']}}]}]\n")[0]


def test_a_matrix_of_the_suite_multiplies_all_tests_and_a_name_may_say_its_values_itself() -> None:
    tests = read(
        "matrix: {m: [1, 2]}\ntools: [{name: t, tests: [{name: a}, {name: 'b ${matrix.m}', "
        "dependencies: ['a[m=${matrix.m}]']}]}]\n"
    )

    assert [(test.name, test.dependencies) for test in tests] == [
        ("a[m=1]", ()),
        ("a[m=2]", ()),
        ("b 1", ("a[m=1]",)),
        ("b 2", ("a[m=2]",)),
    ]


def test_the_values_of_a_variant_stand_in_its_id() -> None:
    text = (HEAD + "flows: [{name: 'a b', matrix: {x: [1, 'ä/b', -2.5]}, steps: [{tool: t}]}]\n").encode()
    bundle = Bundle(suites=("s.yaml",), files=(BundleFile(path="s.yaml", digest="d", size_bytes=1),))

    plan = plan_suite(load_suite(text, "s.yaml"), Target(name="S", command="c"), Planning(bundle, "p"), 0)

    assert [test.test_id for test in plan.tests] == [
        "p/s/S/flows/a-b[x=1]",
        "p/s/S/flows/a-b[x=b-1cc6ae74]",
        "p/s/S/flows/a-b[x=-2.5]",
    ]


def test_parameters_that_are_a_mapping_are_another_spelling_of_input() -> None:
    [test] = read("variables: {v: 2}\ntools: [{name: t, tests: [{name: a, parameters: {x: '${v}'}}]}]\n")
    assert (test.name, test.input) == ("a", {"x": 2})


def test_too_many_combinations_are_refused_and_cost_nothing() -> None:
    many = "[" + ",".join(map(str, range(101))) + "]"
    problems = problems_of(f"tools: [{{name: t, tests: [{{name: a, matrix: {{x: {many}, y: {many}}}}}]}}]\n")
    assert f"s.yaml:3:27: more than {MAX_VARIANTS:,} combinations of one test; split the test" in problems
    tests = ",".join(f"{{name: a{number}, matrix: {{x: {many}}}}}" for number in range(MAX_TESTS // 100))
    assert f"more than {MAX_TESTS:,} tests" in problems_of(f"tools: [{{name: t, tests: [{tests}]}}]\n")[0]


@pytest.mark.parametrize("matrix", ["5", "{x: 5}", "{x: []}", "[1]"])
def test_a_matrix_of_another_shape_is_refused_by_its_type(matrix: str) -> None:
    assert "s.yaml:3:" in problems_of(f"tools: [{{name: t, tests: [{{name: a, matrix: {matrix}}}]}}]\n")[0]
