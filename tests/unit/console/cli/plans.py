"""Small plans, for the tests of the console."""

from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.server import Server


def plan_of(count: int, suite: str = "checkout", target: str = "orders", at_once: int = 4, first: int = 0) -> SuitePlan:
    """A suite of that many tests, numbered from `first`."""
    tests = tuple(
        PlannedTest(
            number=number,
            test_id=f"default/{suite}/{target}/list/large-{number}",
            kind=TestKind.TOOL,
            name=f"large-{number}",
        )
        for number in range(first, first + count)
    )
    return SuitePlan(
        project="default",
        suite=suite,
        target=target,
        file="a.yaml",
        server=Server(command="x"),
        max_concurrency=at_once,
        tests=tests,
    )
