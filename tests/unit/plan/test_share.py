"""Whose turn it is."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from harness.models.run import Lane
from scheduler.plan.share import Books, Claim, Room, share_out

EQUALS = Books()


def claim(run: str, plan: int = 0, **facts: object) -> Claim:
    values = {"project": "p", "target": f"{run}-{plan}", "cap": 64, "ready": 1000, **facts}
    return Claim(key=(run, plan), **values)  # type: ignore[arg-type]  # a test's shorthand


def counts(room: int, *claims: Claim, busy: dict[str, int] | None = None, books: Books = EQUALS) -> dict[str, int]:
    shares = share_out(Room(0, room), claims, busy or {}, books)
    found: Counter[str] = Counter()
    for (run, _), count in shares.counts.items():
        found[run] += count
    return dict(found)


def test_a_new_run_gets_its_turn_before_the_old_one_gets_more() -> None:
    assert counts(4, claim("old", in_flight=30), claim("new")) == {"new": 4}
    assert counts(5, claim("old"), claim("new")) == {"old": 3, "new": 2}


def test_suites_of_a_run_take_turns() -> None:
    shares = share_out(Room(0, 4), [claim("r", 0, in_flight=3), claim("r", 1)], {}, Books())
    assert shares.counts == {("r", 0): 1, ("r", 1): 3} or shares.counts == {("r", 1): 4}


def test_a_targets_cap_holds_over_all_runs() -> None:
    both = [claim("a", target="t", cap=5), claim("b", target="t", cap=5)]
    assert sum(counts(100, *both, busy={"t": 2}).values()) == 3


def test_weights_are_shares_of_what_is_published_whatever_else_happens() -> None:
    books = Books(weights={"heavy": 3.0})
    published: Counter[str] = Counter()
    for _ in range(100):
        claims = [claim("a", project="light", cap=10_000), claim("b", project="heavy", cap=10_000)]
        shares = share_out(Room(0, 4), claims, {}, books)
        published += Counter({key[0]: count for key, count in shares.counts.items()})
        books = Books(books.weights, books.costs_s, shares.times)
    assert published["a"] == 100 and published["b"] == 300


def test_a_project_of_long_tests_gets_fewer_of_them() -> None:
    books = Books(costs_s={"long": 9.0, "short": 1.0})
    got = counts(100, claim("l", project="long", cap=999), claim("s", project="short", cap=999), books=books)
    assert got == {"l": 10, "s": 90}


def test_a_project_that_had_nothing_to_do_has_saved_up_nothing() -> None:
    books = Books(times={"busy": 5000.0})
    assert counts(10, claim("a", project="busy"), claim("b", project="idle"), books=books) == {"a": 5, "b": 5}


def test_a_project_held_back_by_its_own_cap_catches_up_by_a_few_tests_only() -> None:
    books = Books(times={"ahead": 5000.0, "behind": 0.0})
    got = counts(20, claim("a", project="ahead"), claim("b", project="behind"), books=books)
    assert got == {"a": 8, "b": 12}


def test_interactive_runs_go_first_up_to_their_room_and_take_what_is_left() -> None:
    fast, slow = claim("fast", lane=Lane.INTERACTIVE, in_flight=50), claim("slow")
    assert share_out(Room(3, 10), [slow, fast], {}, Books()).counts == {("fast", 0): 3, ("slow", 0): 7}
    assert share_out(Room(3, 10), [fast], {}, Books()).counts == {("fast", 0): 10}


def test_endless_interactive_runs_leave_something_to_the_others() -> None:
    fast, slow = claim("fast", lane=Lane.INTERACTIVE), claim("slow", project="q")
    assert share_out(Room(32, 0, kept=4), [fast, slow], {}, Books()).counts == {("fast", 0): 32, ("slow", 0): 4}
    assert share_out(Room(0, 0, kept=4), [fast, slow], {}, Books()).counts == {("slow", 0): 4}


claims = st.lists(
    st.builds(
        lambda run, project, target, cap, ready, in_flight, lane: (run, project, target, cap, ready, in_flight, lane),
        st.sampled_from("abc"),
        st.sampled_from("pq"),
        st.sampled_from("tu"),
        st.integers(1, 20),
        st.integers(0, 30),
        st.integers(0, 10),
        st.sampled_from(Lane),
    ),
    max_size=8,
)


@given(st.integers(0, 40), st.integers(0, 80), claims, st.dictionaries(st.sampled_from("tu"), st.integers(0, 20)))
def test_nobody_gets_more_than_it_may_and_nothing_is_left_while_somebody_could_have_it(
    first: int, total: int, rows: list[tuple[str, str, str, int, int, int, Lane]], busy: dict[str, int]
) -> None:
    wanting = [Claim((row[0], place), row[1], row[2], row[3], row[4], row[5], row[6]) for place, row in enumerate(rows)]
    shares = share_out(Room(first, total), wanting, busy, Books())
    after = Counter(busy)
    for one in wanting:
        after[one.target] += shares.counts.get(one.key, 0)
    assert sum(shares.counts.values()) <= max(first, total)
    for one in wanting:
        given_out = shares.counts.get(one.key, 0)
        assert 0 <= given_out <= one.ready
        if sum(shares.counts.values()) < total:
            assert given_out == one.ready or after[one.target] >= one.cap
