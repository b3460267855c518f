"""Where tests go: every one placed once, targets together, groups whole."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scheduler.plan.place import MIN_SHARE, Unit, home_shard, place

targets = st.sampled_from(["time", "git", "everything", "filesystem"])


@st.composite
def many_units(draw: st.DrawFn) -> list[Unit]:
    drawn = draw(st.lists(st.tuples(targets, st.integers(1, 60)), max_size=80))
    return [Unit(number, target, weight) for number, (target, weight) in enumerate(drawn)]


@given(many_units(), st.integers(1, 16))
def test_every_unit_is_placed_exactly_once(units: list[Unit], shards: int) -> None:
    places = place(units, shards)
    assert places.keys() == {unit.number for unit in units}
    assert all(0 <= where.shard < shards for where in places.values())
    assert sorted(where.rank for where in places.values()) == list(range(len(units)))


@given(many_units(), st.integers(1, 16))
def test_placing_again_changes_nothing(units: list[Unit], shards: int) -> None:
    assert place(units, shards) == place(list(units), shards)


@given(many_units(), st.integers(1, 16))
def test_a_target_within_its_fair_share_stays_in_its_home_shard(units: list[Unit], shards: int) -> None:
    share = max(MIN_SHARE, -(-sum(unit.weight for unit in units) // shards))
    weights: Counter[str] = Counter()
    for unit in units:
        weights[unit.target] += unit.weight
    places = place(units, shards)
    for unit in units:
        if weights[unit.target] <= share:
            assert places[unit.number].shard == home_shard(unit.target, shards)


def test_a_target_above_its_fair_share_is_split_over_neighbours() -> None:
    places = place([Unit(number, "big") for number in range(400)], 4)
    assert set(Counter(where.shard for where in places.values()).values()) == {100}


def test_a_small_run_is_not_split() -> None:
    assert len({where.shard for where in place([Unit(n, "one") for n in range(20)], 8).values()}) == 1


def test_publishing_alternates_between_shards() -> None:
    units = [Unit(number, "big") for number in range(200)]
    places = place(units, 4)
    first = [where.shard for _, where in sorted((where.rank, where) for where in places.values())][:4]
    assert len(set(first)) == 4
