"""When a worker gives itself up."""

import time

import pytest

from harness.leasing import Deadline
from workers.health import Consumption
from workers.leases import Lease
from workers.lifecycle import LOOP_DEAD_S, Twice, broken
from workers.time_outs import WATCHDOG_S
from workers.vitals import Vitals

LEASE = Lease("r1", 0, 1, "w1", "t")
OVERDUE = "a call does not end at its hard limit"


def test_a_worker_in_order_has_nothing_against_it() -> None:
    assert broken(Vitals(Consumption((), 1))) == frozenset()


@pytest.mark.parametrize(("late_s", "found"), [(WATCHDOG_S - 1, set()), (WATCHDOG_S + 1, {OVERDUE})])
def test_a_call_that_is_late_beyond_its_hard_limit_is_seen(late_s: float, found: set[str]) -> None:
    vitals = Vitals(Consumption((), 1))
    vitals.held.add(LEASE, lambda held: None, Deadline(time.monotonic() - late_s))
    assert broken(vitals) == found


def test_tests_that_lie_while_slots_are_free_are_seen() -> None:
    clock = iter([0.0, 0.0, 0.0, LOOP_DEAD_S + 1, LOOP_DEAD_S + 1])
    consumption = Consumption((), 1, lambda: next(clock))
    consumption.note(1)
    consumption.note(1)
    next(clock)
    assert broken(Vitals(consumption)) == {"tests wait, slots are free, and nothing is taken"}


def test_what_is_seen_once_may_be_the_first_moment_after_a_stop() -> None:
    twice = Twice()
    assert twice.seen(frozenset({OVERDUE})) == frozenset()
    assert twice.seen(frozenset()) == frozenset()
    assert twice.seen(frozenset({OVERDUE})) == frozenset()
    assert twice.seen(frozenset({OVERDUE})) == {OVERDUE}
