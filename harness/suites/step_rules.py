"""Rules about steps, fixtures and flows that single values cannot tell. Applied by `rules.py`."""

from collections.abc import Iterator

from harness.models.expected import Expected
from harness.models.suite import Step, Suite
from harness.suites.calls import subjects_of
from harness.suites.findings import Findings, quoted
from harness.suites.fixtures import SECTION
from harness.suites.listing import FLOWS, list_tests
from harness.suites.shape import Path, Shape

PHASES = ("setup", "steps", "cleanup")


def steps_ask_for_one_thing(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Each step is one request, and names under which results are stored are there once in a test."""
    for place, step in all_steps(suite):
        subjects = subjects_of(step)
        if len(subjects) != 1:
            found = " and ".join(map(quoted, subjects)) or "none of them"
            message = f"a step has 'tool', 'resource', 'prompt' or 'method', not {found}"
            findings.error(shape.spot_of(place).value, message)
    for listed in list_tests(suite):
        if listed.section == FLOWS and not listed.test.steps:
            findings.error(shape.spot_of(listed.place).value, "a flow consists of steps", "give at least one")


def fixtures_exist(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Names of fixtures are there once, and tests use those that there are."""
    names = [fixture.name for fixture in suite.fixtures]
    for number, name in enumerate(names):
        if names.index(name) != number:
            mark = shape.spot_of((SECTION, number, "name")).value
            findings.error(mark, f"fixture {quoted(name)} is already given", "rename one")
    for listed in list_tests(suite):
        for number, name in enumerate(listed.test.uses):
            if name not in names:
                mark = shape.spot_of((*listed.place, "uses", number)).value
                findings.error(mark, f"there is no fixture {quoted(name)}", findings.did_you_mean(name, names))


def all_expectations(suite: Suite) -> Iterator[tuple[Path, Expected]]:
    """What every test and every step of a suite expects, with its place."""
    for listed in list_tests(suite):
        yield (*listed.place, "expected"), listed.test.expected
    for place, step in all_steps(suite):
        yield (*place, "expected"), step.expected


def all_steps(suite: Suite) -> Iterator[tuple[Path, Step]]:
    """Every step of the fixtures and tests of a suite, with its place."""
    for number, fixture in enumerate(suite.fixtures):
        for phase in ("setup", "cleanup"):
            for place, step in enumerate(getattr(fixture, phase)):
                yield (SECTION, number, phase, place), step
    for listed in list_tests(suite):
        for phase in PHASES:
            for place, step in enumerate(getattr(listed.test, phase)):
                yield (*listed.place, phase, place), step
