"""Fixtures: which tests use them, and what those of a run add to the tests of a suite."""

from harness.models.server import Server
from harness.models.suite import Fixture, FixtureScope, Step, Suite, TestCase, ToolTests
from harness.suites.fixtures import arrange, session_fixtures

STEPS = (Step(tool="login"),)


def suite(*fixtures: Fixture) -> Suite:
    tests = (TestCase(name="a", uses=("named",)), TestCase(name="b"))
    return Suite(name="s", server=Server(command="c"), fixtures=fixtures, tools=(ToolTests(name="t", tests=tests),))


def test_a_fixture_is_used_by_tests_that_name_it_and_by_all_when_it_says_so() -> None:
    made = suite(Fixture(name="named", setup=STEPS), Fixture(name="everywhere", autouse=True, setup=STEPS))

    assert [session_fixtures(made, test) for test in made.tools[0].tests] == [("named", "everywhere"), ("everywhere",)]


def test_a_fixture_of_a_run_is_a_test_before_all_that_use_it_and_one_after_them() -> None:
    arranged = arrange(suite(Fixture(name="named", scope=FixtureScope.RUN, setup=STEPS, cleanup=STEPS)))

    assert [listed.test.name for listed in arranged.tests] == ["a", "b", "named setup", "named cleanup"]
    assert (arranged.edges, arranged.always) == (((2,), (), (), (2, 0)), frozenset({3}))
