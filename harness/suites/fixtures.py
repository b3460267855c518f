"""Fixtures of a suite: which tests use them, and what those of scope `run` add to its tests. Pure.

A fixture of scope `run` is two tests more, its set-up before all that use it and its clean-up after them; all are one
group. One of scope `session` is prepared by the worker in each session.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.models.suite import Fixture, FixtureScope, Step, Suite, TestCase
from harness.suites.declared import declared_tests
from harness.suites.listing import ListedTest, dependencies_of, list_tests

SECTION = "fixtures"
SETUP, CLEANUP = "setup", "cleanup"


@dataclass(frozen=True)
class Arranged:
    """All tests of a suite, those that fixtures add at the end, and for each the positions of what it needs."""

    tests: tuple[ListedTest, ...]
    edges: tuple[tuple[int, ...], ...]
    always: frozenset[int]
    """Positions of clean-ups."""


def arrange(suite: Suite) -> Arranged:
    """The tests of a suite, what it declares of its server, and its fixtures of scope `run`."""
    tests = list(list_tests(suite))
    own = len(tests)
    tests += declared_tests(suite)
    edges = [list(needed) for needed in dependencies_of(tests)]
    always: set[int] = set()
    for number, fixture in enumerate(suite.fixtures):
        users = [place for place, listed in enumerate(tests[:own]) if uses(fixture, listed.test)]
        if fixture.scope is not FixtureScope.RUN or not users:
            continue
        setup = _added(tests, edges, _phase(number, fixture, SETUP, fixture.setup), ())
        for user in users:
            edges[user].append(setup)
        if fixture.cleanup:
            always.add(_added(tests, edges, _phase(number, fixture, CLEANUP, fixture.cleanup), (setup, *users)))
    return Arranged(tuple(tests), tuple(map(tuple, edges)), frozenset(always))


def uses(fixture: Fixture, test: TestCase) -> bool:
    """Whether a test uses a fixture."""
    return fixture.autouse or fixture.name in test.uses


def session_fixtures(suite: Suite, test: TestCase) -> tuple[str, ...]:
    """The names of the fixtures that a test's session must be prepared with."""
    return tuple(
        fixture.name for fixture in suite.fixtures if fixture.scope is FixtureScope.SESSION and uses(fixture, test)
    )


def _phase(number: int, fixture: Fixture, phase: str, steps: tuple[Step, ...]) -> ListedTest:
    test = TestCase(name=f"{fixture.name} {phase}", steps=steps)
    return ListedTest((SECTION, number), None, test)


def _added(tests: list[ListedTest], edges: list[list[int]], added: ListedTest, needed: Iterable[int]) -> int:
    tests.append(added)
    edges.append(list(needed))
    return len(tests) - 1
