"""Order, cycles and components of the tests of a suite."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.suites.listing import connected, find_cycles, stable_order

Edges = list[list[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Edges:
    count = draw(st.integers(0, 12))
    if count == 0:
        return []
    return draw(st.lists(st.lists(st.integers(0, count - 1), max_size=3, unique=True), min_size=count, max_size=count))


def without_cycles(edges: Edges) -> Edges:
    """The same graph with each edge turned so that it leads to a smaller number in a fixed shuffled rank."""
    rank = sorted(range(len(edges)), key=lambda number: (number * 7) % 13)
    return [
        [other for other in needed if rank.index(other) < rank.index(number)] for number, needed in enumerate(edges)
    ]


def test_a_dependent_waits_and_everything_else_keeps_its_place() -> None:
    assert stable_order([[3], [], [0], []]) == (1, 3, 0, 2)


def test_a_cycle_starts_at_its_first_test() -> None:
    assert find_cycles([[0 + 2], [], [3], [0], [0]]) == ((0, 2, 3),)


def test_a_chain_of_ten_thousand_needs_no_recursion() -> None:
    edges = [[], *([number] for number in range(9_999))]

    assert stable_order(edges) == tuple(range(10_000))
    assert len(find_cycles([[9_999], *edges[1:]])[0]) == 10_000
    assert connected(10_000, edges) == (tuple(range(10_000)),)


@settings(deadline=None)
@given(graphs().map(without_cycles))
def test_every_test_is_ordered_once_and_after_all_it_depends_on(edges: Edges) -> None:
    order = stable_order(edges)

    assert sorted(order) == list(range(len(edges)))
    assert all(order.index(other) < order.index(number) for number, needed in enumerate(edges) for other in needed)


@settings(deadline=None)
@given(graphs())
def test_there_is_a_cycle_iff_the_order_is_incomplete_and_each_cycle_is_one(edges: Edges) -> None:
    cycles = find_cycles(edges)

    assert bool(cycles) == (len(stable_order(edges)) < len(edges))
    for cycle in cycles:
        following = (*cycle[1:], cycle[0])
        assert all(after in edges[before] for before, after in zip(cycle, following, strict=True))
        assert cycle[0] == min(cycle)


@settings(deadline=None)
@given(graphs())
def test_components_hold_every_test_once_and_no_edge_leaves_one(edges: Edges) -> None:
    components = connected(len(edges), edges)

    assert sorted(number for component in components for number in component) == list(range(len(edges)))
    home = {number: place for place, component in enumerate(components) for number in component}
    assert all(home[number] == home[other] for number, needed in enumerate(edges) for other in needed)
