"""`depends_on` of suites: which plans of a run wait for which others. Pure."""

import random
from collections.abc import Sequence

from harness.errors import UsageError
from harness.models.job import SuitePlan
from harness.suites.findings import quoted
from harness.suites.listing import find_cycles
from harness.targets.choose import Chosen


def waits_for(plans: Sequence[SuitePlan]) -> tuple[tuple[int, ...], ...]:
    """For each plan the positions of those that must pass before: all of the suites that it names.

    Raises UsageError when suites wait for each other in a circle. Names of suites that are not part of the run are
    passed over: `unknown_suites` tells them.
    """
    edges = tuple(
        tuple(other for other, plan in enumerate(plans) if any(_is_called(plan, name) for name in own.depends_on))
        for own in plans
    )
    for cycle in find_cycles(edges):
        names = " → ".join(quoted(plans[position].name or plans[position].suite) for position in (*cycle, cycle[0]))
        raise UsageError(f"these suites depend on each other in a circle: {names}; remove one depends_on")
    return edges


def unknown_suites(plans: Sequence[SuitePlan]) -> tuple[str, ...]:
    """What to tell of names in `depends_on` that no suite of the run has."""
    return tuple(
        f"{plan.file}: depends_on {quoted(name)}: no suite of this run is called so, and it is not waited for"
        for plan in plans
        for name in plan.depends_on
        if not any(_is_called(other, name) for other in plans)
    )


def in_order(chosen: Sequence[Chosen], seed: int | None) -> list[Chosen]:
    """What is run, by the priority of its suites; among equals as it is, or by chance with a seed."""
    mixed = list(chosen) if seed is None else random.Random(seed).sample(list(chosen), len(chosen))
    return sorted(mixed, key=lambda pair: -pair.suite.suite.priority)


def _is_called(plan: SuitePlan, name: str) -> bool:
    return name in (plan.name, plan.suite, plan.file)
