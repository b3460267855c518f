"""What makes a well-formed suite unacceptable: rules that look at more than one value. Pure.

Each rule is a function that adds findings; `RULES` is the list of them.
"""

import re
from collections.abc import Callable

from harness.models.suite import Suite
from harness.suites.conditions import conditions_can_be_read
from harness.suites.confined import is_inside
from harness.suites.expectations import ExpectationChecker
from harness.suites.findings import Findings, quoted
from harness.suites.listing import ListedTest, Names, Path, dependencies_of, find_cycles, list_owners, list_tests
from harness.suites.resource_rules import inputs_fill_their_templates
from harness.suites.retrying import retry_can_be_obeyed
from harness.suites.scripting import scripts_can_be_run
from harness.suites.secret_rules import secrets_stand_where_they_act
from harness.suites.server_rules import check_server
from harness.suites.shape import Shape
from harness.suites.snapshots import only_tests_take_snapshots
from harness.suites.step_rules import all_expectations, fixtures_exist, steps_ask_for_one_thing

MAX_PARTS_NAMED = 8
SERVER_KEYS = ("server", "target", "targets", "targets_where")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check_suite(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Apply every rule to a suite whose values are already valid one by one."""
    for rule in RULES:
        rule(suite, shape, findings)


def has_tests(suite: Suite, shape: Shape, findings: Findings) -> None:
    """A suite without a test would pass by doing nothing."""
    if not list_tests(suite):
        findings.error(shape.spot_of(()).value, "no tests", "give at least one below 'tools'")


def names_are_printable(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Names stand in ids, terminals and reports."""
    named: list[tuple[Path, str]] = [(("name",), suite.name)]
    named += [((*place, "name"), owner.name) for place, owner in list_owners(suite)]
    for listed in list_tests(suite):
        named += [((*listed.place, "name"), listed.test.name)]
        named += [((*listed.place, "tags", place), tag) for place, tag in enumerate(listed.test.tags)]
        if group := getattr(listed.test, "group", None):
            named.append(((*listed.place, "group"), group))
    for path, name in named:
        if not name.strip() or _CONTROL.search(name):
            findings.error(
                shape.spot_of(path).value, f"{quoted(name)} is not a printable name", "use visible characters"
            )


def server_can_be_started(suite: Suite, shape: Shape, findings: Findings) -> None:
    """The server that the suite brings along, if any."""
    if suite.server is not None:
        check_server(suite.server, ("server",), shape, findings)


def server_is_named_once(suite: Suite, shape: Shape, findings: Findings) -> None:
    """What is tested is said in one way, or left to whoever runs the suite."""
    given = [key for key in SERVER_KEYS if getattr(suite, key)]
    for key in given[1:]:
        written = "targets" if key == "targets_where" else key
        hint = f"keep one of {quoted(given[0])} and {quoted(written)}"
        findings.error(shape.spot_of((key,)).key, "what is tested is said twice", hint)


def ids_are_unique(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Two tests with one id could not be told apart in any report."""
    first_with: dict[str, ListedTest] = {}
    for listed in list_tests(suite):
        other = first_with.setdefault(listed.path, listed)
        if other is listed:
            continue
        line = shape.spot_of((*other.place, "name")).value.line
        message = f"test {quoted(listed.label)} is already given on line {line}"
        if other.label != listed.label:
            message = f"tests {quoted(listed.label)} and {quoted(other.label)} (line {line}) have the same id"
        findings.error(shape.spot_of((*listed.place, "name")).value, message, "rename one")


def dependencies_exist(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Each name in `dependencies` means exactly one other test."""
    tests = list_tests(suite)
    names = Names(tests)
    for number, listed in enumerate(tests):
        for place, name in enumerate(listed.test.dependencies):
            mark = shape.spot_of((*listed.place, "dependencies", place)).value
            found = names.find(name)
            if not found:
                message = f"test {quoted(listed.test.name)} depends on {quoted(name)}, which does not exist"
                findings.error(mark, message, findings.did_you_mean(name, names.known))
            elif len(found) > 1:
                labels = dict.fromkeys(quoted(tests[other].label) for other in found[:MAX_PARTS_NAMED])
                hint = f"write {' or '.join(labels)}"
                findings.error(mark, f"dependency {quoted(name)} means {len(found)} tests", hint)
            elif list(found) == [number]:
                findings.error(mark, f"test {quoted(name)} depends on itself")


def dependencies_have_no_cycle(suite: Suite, shape: Shape, findings: Findings) -> None:
    """A cycle has no first test."""
    tests = list_tests(suite)
    edges = dependencies_of(tests)
    loops = tuple(tuple(other for other in needed if other != number) for number, needed in enumerate(edges))
    for cycle in find_cycles(loops):
        shown = [tests[number].test.name for number in (*cycle, cycle[0])]
        if len(shown) > MAX_PARTS_NAMED:
            shown = [*shown[: MAX_PARTS_NAMED - 2], "…", shown[-1]]
        first = tests[cycle[0]]
        mark = shape.spot_of((*first.place, "dependencies")).key
        names = " → ".join(quoted(name) if name != "…" else name for name in shown)
        findings.error(mark, f"these tests depend on each other in a circle: {names}", "remove one dependency")


def checks_can_hold(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Every expectation can be met by some answer."""
    checker = ExpectationChecker(shape, findings)
    for place, expected in all_expectations(suite):
        checker.check(expected, place)


def compared_capabilities_are_told_from_others(suite: Suite, shape: Shape, findings: Findings) -> None:
    """What a client can do, and what no revision names, cannot be compared with what the server says."""
    for key in ("sampling", "experimental"):
        if getattr(suite.capabilities, key):
            findings.defer(shape.spot_of(("capabilities", key)).key, f"capabilities.{key}")


def files_stay_inside(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Files come from the suite's folder, and go into the sandbox."""
    for number, file in enumerate(suite.files):
        for key in ("source", "target"):
            text = getattr(file, key)
            if text is not None and not is_inside(text):
                mark = shape.spot_of(("files", number, key)).value
                findings.error(mark, f"{quoted(text)} does not stay inside its folder", "give a path without ..")


RULES: tuple[Callable[[Suite, Shape, Findings], None], ...] = (
    has_tests,
    names_are_printable,
    server_can_be_started,
    server_is_named_once,
    ids_are_unique,
    dependencies_exist,
    dependencies_have_no_cycle,
    checks_can_hold,
    compared_capabilities_are_told_from_others,
    files_stay_inside,
    retry_can_be_obeyed,
    conditions_can_be_read,
    scripts_can_be_run,
    steps_ask_for_one_thing,
    fixtures_exist,
    inputs_fill_their_templates,
    only_tests_take_snapshots,
    secrets_stand_where_they_act,
)
