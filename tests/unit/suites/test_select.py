"""Selecting: by filter, tag and id, with what the selected tests depend on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import NothingSelected, UsageError
from harness.models.job import PlannedTest, SuitePlan, TestKind
from harness.models.run import Selection
from harness.models.server import Server
from harness.suites.select import select


def planned(number: int, name: str, *, depends_on: tuple[int, ...] = (), tags: tuple[str, ...] = ()) -> PlannedTest:
    return PlannedTest(
        number=number, test_id=f"p/{name}", kind=TestKind.TOOL, name=name, depends_on=depends_on, tags=tags
    )


def plan_of(*tests: PlannedTest) -> SuitePlan:
    return SuitePlan(project="p", suite="s", target="t", file="s.yaml", server=Server(command="c"), tests=tests)


PLANS = (
    plan_of(
        planned(0, "s/t/read/a", tags=("fast", "io")),
        planned(1, "s/t/read/b", depends_on=(0,)),
        planned(2, "s/t/write/a", depends_on=(1,), tags=("slow",)),
    ),
    plan_of(planned(3, "z/t/read/a"), planned(4, "z/t/echo/x", tags=("fast",))),
)


def selected(**keys: object) -> list[tuple[int, str, tuple[int, ...]]]:
    plans = select(PLANS, Selection.model_validate(keys))
    return [(test.number, test.test_id.removeprefix("p/"), test.depends_on) for plan in plans for test in plan.tests]


def test_an_empty_selection_keeps_everything() -> None:
    assert select(PLANS, Selection()) == PLANS


def test_a_selected_test_brings_all_that_it_depends_on_and_numbers_are_dense() -> None:
    assert selected(test_ids=("write/a", "echo/x")) == [
        (0, "s/t/read/a", ()),
        (1, "s/t/read/b", (0,)),
        (2, "s/t/write/a", (1,)),
        (3, "z/t/echo/x", ()),
    ]


def test_plans_without_a_selected_test_are_left_out() -> None:
    assert [plan.tests[0].test_id for plan in select(PLANS, Selection(filter="echo"))] == ["p/z/t/echo/x"]


@pytest.mark.parametrize(
    ("keys", "ids"),
    [
        ({"filter": "read/.$"}, ["s/t/read/a", "s/t/read/b", "z/t/read/a"]),
        ({"tags": ("io", "none")}, ["s/t/read/a"]),
        ({"tags": ("fast",)}, ["s/t/read/a", "z/t/echo/x"]),
        ({"tags": ("fast",), "filter": "^p/z"}, ["z/t/echo/x"]),
        ({"test_ids": ("p/s/t/read/a",)}, ["s/t/read/a"]),
        ({"test_ids": ("read/a",)}, ["s/t/read/a", "z/t/read/a"]),
        ({"test_ids": ("a",), "filter": "read", "tags": ("io",)}, ["s/t/read/a"]),
    ],
)
def test_all_given_conditions_must_hold(keys: dict[str, object], ids: list[str]) -> None:
    assert [test_id for _, test_id, _ in selected(**keys)] == ids


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"test_ids": ("echo/y",)}, "no test 'echo/y'; nearest: 'p/z/t/echo/x'"),
        ({"test_ids": ("read/a", "ead/a")}, "no test 'ead/a'; nearest: 'p/s/t/read/a'"),
        ({"test_ids": ("rite/a",)}, "no test 'rite/a'; nearest: 'p/s/t/write/a'"),
        ({"test_ids": ("ech",)}, "no test 'ech'; nearest: 'p/z/t/echo/x'"),
        ({"test_ids": ("/a",)}, "no test '/a'"),
        ({"tags": ("fats",)}, "no test has any of the tags 'fats'; nearest: 'fast'"),
        ({"filter": "qqq"}, "no test of 5 matches filter 'qqq'; there is 'p/s/t/read/a'"),
        ({"filter": "echo", "tags": ("io",)}, "no test of 5 matches filter 'echo' and the other conditions"),
        ({"test_ids": ("echo/x",), "tags": ("io",)}, "no test of 5 meets all conditions"),
    ],
)
def test_nothing_selected_names_what_is_near(keys: dict[str, object], message: str) -> None:
    with pytest.raises(NothingSelected) as caught:
        selected(**keys)

    assert str(caught.value).startswith(message)


def test_no_plans_at_all_is_nothing_selected() -> None:
    for selection in (Selection(), Selection(test_ids=("x",)), Selection(filter="x"), Selection(tags=("x",))):
        with pytest.raises(NothingSelected):
            select((), selection)


def test_an_unreadable_filter_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"filter 'a\(\?=b\)': lookahead"):
        selected(filter="a(?=b)")


def test_two_tests_with_one_id_are_refused() -> None:
    with pytest.raises(UsageError, match="2 tests have the id 'p/s/t/read/a'; rename"):
        select((PLANS[0], PLANS[0].model_copy(update={"tests": PLANS[0].tests[:1]})), Selection())


@settings(deadline=None)
@given(st.data())
def test_what_is_selected_is_complete_ordered_and_densely_numbered(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    plans = []
    for place in range(data.draw(st.integers(1, 3))):
        first = place * count
        tests = [
            planned(
                first + n,
                f"s{place}/t/x/n{n}",
                depends_on=tuple(
                    first + m for m in data.draw(st.sets(st.integers(0, max(0, n - 1)), max_size=2)) if m < n
                ),
                tags=data.draw(st.sampled_from([(), ("k",)])),
            )
            for n in range(count)
        ]
        plans.append(plan_of(*tests))
    wanted = {test.test_id for plan in plans for test in plan.tests if "k" in test.tags}
    if not wanted:
        return

    chosen = [test for plan in select(plans, Selection(tags=("k",))) for test in plan.tests]

    assert [test.number for test in chosen] == list(range(len(chosen)))
    assert wanted <= {test.test_id for test in chosen}
    original = {test.test_id: test for plan in plans for test in plan.tests}
    by_old_number = {test.number: test for test in original.values()}
    needed = {by_old_number[n].test_id for test in chosen for n in original[test.test_id].depends_on}
    assert {test.test_id for test in chosen} == wanted | needed
    for test in chosen:
        assert [chosen[n].test_id for n in test.depends_on] == [
            by_old_number[n].test_id for n in original[test.test_id].depends_on
        ]
        assert all(n < test.number for n in test.depends_on)
