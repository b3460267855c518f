"""Plans of suites to rows of work: units, heads, places. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.models.job import PlannedTest, SuitePlan
from scheduler.plan.place import Place, Unit, place


@dataclass(frozen=True, slots=True)
class TestRow:
    """One test as it enters the work table. `plan` is the index of its suite, `unit` the number of its head."""

    __test__ = False

    test: PlannedTest
    plan: int
    unit: int
    grouped: bool
    place: Place

    @property
    def is_skipped(self) -> bool:
        """Whether its outcome is known before it starts."""
        return bool(self.test.skip_reason)

    @property
    def is_head(self) -> bool:
        """Whether it is the one of its unit that is published."""
        return not self.is_skipped and self.unit == self.test.number


def rows_of(plans: Sequence[SuitePlan], shards: int) -> list[TestRow]:
    """Every test of every plan once, in order. A skipped test is a unit of its own and nobody's head."""
    units = {number: head for plan in plans for number, head in _heads(plan).items()}
    sizes: dict[int, int] = defaultdict(int)
    for head in units.values():
        sizes[head] += 1
    urgency = _priorities(plans, units)
    places = place(
        [
            Unit(test.number, f"{plan.project}/{plan.target}", sizes[test.number], urgency[test.number])
            for plan in plans
            for test in plan.tests
            if units[test.number] == test.number
        ],
        shards,
    )
    return [
        TestRow(
            test=test,
            plan=index,
            unit=units[test.number],
            grouped=sizes[units[test.number]] > 1,
            place=places[units[test.number]],
        )
        for index, plan in enumerate(plans)
        for test in plan.tests
    ]


def _priorities(plans: Sequence[SuitePlan], units: Mapping[int, int]) -> Mapping[int, int]:
    """Of each unit by its head: that of its most urgent test."""
    found: dict[int, int] = {}
    for test in (test for plan in plans for test in plan.tests):
        head = units[test.number]
        found[head] = max(found.get(head, test.priority), test.priority)
    return found


def _heads(plan: SuitePlan) -> dict[int, int]:
    """The head of each test's unit: the first of its group that will run; a skipped test is a unit of its own."""
    heads: dict[str, int] = {}
    found: dict[int, int] = {}
    for test in plan.tests:
        alone = test.group is None or test.skip_reason
        found[test.number] = test.number if alone else heads.setdefault(str(test.group), test.number)
    return found
