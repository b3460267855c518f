"""The order of all time-outs."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.time_outs import STRICT_PAIRS, TEST_CHAIN, TimeOuts, disorders

SECONDS = st.floats(min_value=0, max_value=1e6, allow_nan=False)
ANY = st.builds(TimeOuts, **dict.fromkeys(asdict(TimeOuts()), SECONDS))


def test_the_numbers_of_this_farm_are_in_order() -> None:
    assert list(disorders(TimeOuts(run_deadline_s=6 * 3600))) == []


@given(ANY)
def test_it_is_silent_exactly_when_every_pair_is_in_order(limits: TimeOuts) -> None:
    numbers = asdict(limits)
    in_order = all(numbers[lower] < numbers[upper] for lower, upper in STRICT_PAIRS)

    assert (list(disorders(limits)) == []) == (in_order and limits.cold_grace_s <= limits.grace_s)


@given(st.lists(SECONDS, min_size=len(TEST_CHAIN), max_size=len(TEST_CHAIN), unique=True).map(sorted), st.data())
def test_any_two_limits_of_a_test_that_change_places_are_noticed(numbers: list[float], data: st.DataObject) -> None:
    chain = dict(zip(TEST_CHAIN, numbers, strict=True))
    one, two = data.draw(st.lists(st.sampled_from(TEST_CHAIN), min_size=2, max_size=2, unique=True))
    swapped = {**chain, one: chain[two], two: chain[one]}
    calm = {"grace_s": 0.0, "heartbeat_s": 1.0, "silence_s": 2.0}

    found = [problem for problem in disorders(TimeOuts(**{**calm, **swapped})) if "grace_s" not in problem]

    assert found and all("must be below" in problem for problem in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"silence_s": 5.0}, "heartbeat_s (5) must be below silence_s (5)"),
        ({"blocking_read_s": 7.0}, "blocking_read_s (7) must be below socket_timeout_s (5)"),
        ({"run_deadline_s": 60.0}, "watchdog_s (72) must be below run_deadline_s (60)"),
        ({"cold_grace_s": 61.0}, "MCPF_SOFT_STOP_S (61) is above MCPF_GRACE_S (60)"),
    ],
)
def test_both_numbers_are_named(change: dict[str, float], said: str) -> None:
    assert any(said in problem for problem in disorders(replace(TimeOuts(), **change)))
