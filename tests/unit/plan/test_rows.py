"""Plans to rows of work."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.server import Server
from scheduler.plan.rows import TestRow, rows_of


def plan_of(first: int, groups: list[tuple[str | None, bool]], target: str = "t") -> SuitePlan:
    tests = tuple(
        PlannedTest(
            number=first + index,
            test_id=f"p/s/{target}/echo/t{first + index}",
            kind=TestKind.TOOL,
            name=f"t{index}",
            group=group,
            skip_reason="skipped in the suite" if skipped else "",
        )
        for index, (group, skipped) in enumerate(groups)
    )
    return SuitePlan(project="p", suite="s", target=target, file="s.yaml", server=Server(command="x"), tests=tests)


def rows(*groups: tuple[str | None, bool]) -> list[TestRow]:
    return rows_of([plan_of(0, list(groups))], 4)


members = st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.booleans()), max_size=30)


@given(st.lists(members, max_size=4), st.integers(1, 8))
def test_every_test_has_one_row_and_every_unit_one_head(
    suites: list[list[tuple[str | None, bool]]], shards: int
) -> None:
    plans, first = [], 0
    for index, groups in enumerate(suites):
        plans.append(plan_of(first, groups, target=f"t{index}"))
        first += len(groups)
    found = rows_of(plans, shards)
    assert [row.test.number for row in found] == list(range(first))
    runnable = [row for row in found if not row.is_skipped]
    heads = Counter(row.unit for row in runnable if row.is_head)
    assert heads == dict.fromkeys({row.unit for row in runnable}, 1)
    shard_of_unit = {(row.unit, row.place) for row in found}
    assert len(shard_of_unit) == len({row.unit for row in found})


def test_a_group_is_one_unit_with_its_first_member_as_head() -> None:
    assert [(row.unit, row.is_head, row.grouped) for row in rows(("g", False), ("g", False), (None, False))] == [
        (0, True, True),
        (0, False, True),
        (2, True, False),
    ]


def test_a_skipped_test_is_never_the_head() -> None:
    assert [(row.unit, row.is_skipped, row.is_head) for row in rows(("g", True), ("g", False), ("g", False))] == [
        (0, True, False),
        (1, False, True),
        (1, False, False),
    ]


def test_groups_of_different_suites_do_not_meet() -> None:
    found = rows_of([plan_of(0, [("g", False), ("g", False)]), plan_of(2, [("g", False), ("g", False)])], 4)
    assert [row.unit for row in found] == [0, 0, 2, 2]
