"""All tests of a suite in file order, and what they depend on. Pure.

Owns how a name in `dependencies` finds its test, and the order in which a dependency always comes first. Loading
reports what is wrong here, planning uses it.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.models.suite import MethodTests, PromptTests, ResourceTests, Suite, TestCase, ToolTests
from harness.suites.ids import params_text, slug

Path = tuple[str | int, ...]
Owner = ToolTests | ResourceTests | PromptTests | MethodTests
FLOWS = "flows"


@dataclass(frozen=True)
class ListedTest:
    """One test as written: where it stands in the suite, whose it is, and its path within an id.

    `owner` is None for a flow, which belongs to nothing.
    """

    place: Path
    owner: Owner | None
    test: TestCase

    @property
    def section(self) -> str:
        """`tools`, `resources`, `prompts`, `methods` or `flows`."""
        return str(self.place[0])

    @property
    def owner_name(self) -> str:
        """What its test is of: the name of a tool, a resource, a prompt, or a method."""
        return FLOWS if self.owner is None else str(self.owner.name)

    @property
    def label(self) -> str:
        """What an author writes to mean this test and no other: `tool/test`."""
        return f"{self.owner_name}/{self.test.name}"

    @property
    def path(self) -> str:
        """The last part of its id."""
        params = params_text({name: values[0] for name, values in self.test.matrix.items() if len(values) == 1})
        name = f"{slug(self.test.name.removesuffix(params))}{params}"
        if self.owner is None:
            return f"{self.section}/{name}"
        path = f"{slug(self.owner_name)}/{name}"
        return path if self.section == "tools" else f"{self.section}/{path}"


def list_tests(suite: Suite) -> tuple[ListedTest, ...]:
    """Every test of the suite: of tools, resources, prompts, methods, then flows, each in file order."""
    owned = (
        ListedTest((*place, "tests", number), owner, test)
        for place, owner in list_owners(suite)
        for number, test in enumerate(owner.tests)
    )
    return (*owned, *(ListedTest((FLOWS, number), None, test) for number, test in enumerate(suite.flows)))


def list_owners(suite: Suite) -> tuple[tuple[Path, Owner], ...]:
    """Everything that has tests, with its place in the suite."""
    return (
        *((("tools", number), tool) for number, tool in enumerate(suite.tools)),
        *((("resources", number), resource) for number, resource in enumerate(suite.resources)),
        *((("prompts", number), prompt) for number, prompt in enumerate(suite.prompts)),
        *((("methods", number), method) for number, method in enumerate(suite.methods)),
    )


class Names:
    """Finds the tests that a name in `dependencies` may mean: `test` or `tool/test`."""

    def __init__(self, tests: Sequence[ListedTest]) -> None:
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, listed in enumerate(tests):
            for name in {listed.test.name, listed.label}:
                self._numbers[name].append(number)

    def find(self, name: str) -> Sequence[int]:
        """The positions of all tests that `name` may mean."""
        return self._numbers.get(name, ())

    @property
    def known(self) -> Iterable[str]:
        """Every name that means at least one test."""
        return self._numbers.keys()


def dependencies_of(tests: Sequence[ListedTest]) -> tuple[tuple[int, ...], ...]:
    """For each test the positions of those it depends on. Names that mean no test, or several, are left out."""
    names = Names(tests)
    found = (tuple(names.find(name) for name in listed.test.dependencies) for listed in tests)
    return tuple(tuple(dict.fromkeys(matches[0] for matches in each if len(matches) == 1)) for each in found)


def stable_order(edges: Sequence[Sequence[int]], ranks: Sequence[float] | None = None) -> tuple[int, ...]:
    """Positions by rank (in file order without any), but each after all it depends on.

    Cycles, and what needs them, are absent.
    """
    ranks = range(len(edges)) if ranks is None else ranks
    waits_for = [len(needed) for needed in edges]
    dependents: dict[int, list[int]] = defaultdict(list)
    for number, needed in enumerate(edges):
        for dependency in needed:
            dependents[dependency].append(number)
    ready = [(ranks[number], number) for number, count in enumerate(waits_for) if count == 0]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _, number = heapq.heappop(ready)
        order.append(number)
        for dependent in dependents[number]:
            waits_for[dependent] -= 1
            if waits_for[dependent] == 0:
                heapq.heappush(ready, (ranks[dependent], dependent))
    return tuple(order)


def find_cycles(edges: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Cycles that keep tests out of `stable_order`: each starts at its first test in file order, none twice."""
    stuck = set(range(len(edges))).difference(stable_order(edges))
    cycles: list[tuple[int, ...]] = []
    walked: set[int] = set()
    for start in sorted(stuck):
        trail: dict[int, None] = {}
        number = start
        while number not in walked:
            walked.add(number)
            trail[number] = None
            number = next(dependency for dependency in edges[number] if dependency in stuck)
        if number in trail:
            members = list(trail)
            cycle = members[members.index(number) :]
            first = cycle.index(min(cycle))
            cycles.append((*cycle[first:], *cycle[:first]))
    return tuple(cycles)


def connected(count: int, edges: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The positions 0..count-1 in sets that `edges` join, each sorted, ordered by their first member."""
    leader = list(range(count))

    def lead(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for number, joined in enumerate(edges):
        for other in joined:
            one, two = sorted((lead(number), lead(other)))
            leader[two] = one
    members: dict[int, list[int]] = defaultdict(list)
    for number in range(count):
        members[lead(number)].append(number)
    return tuple(tuple(each) for each in members.values())
