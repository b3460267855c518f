"""NEW, STILL and FIXED."""

from dataclasses import replace
from datetime import timedelta

from harness.models.causes import CauseState, FixedCause, RunCause
from harness.models.outcomes import TestOutcome
from scheduler.reports.cause_ages import KnownCause, fixed_causes, with_ages
from tests.unit.reports.runs import START

KNOWN = KnownCause("k1", "orders", "max at $.price", 4, "default/s/orders/a", "8e01d4", START - timedelta(days=6))


def cause(key: str, *targets: str) -> RunCause:
    tests = tuple(range(len(targets)))
    return RunCause(cause_id=f"c{key}", key=key, targets=targets, title=key, example=0, tests=tests)


def test_a_cause_that_was_there_is_old_and_comes_after_new_ones() -> None:
    new, still = with_ages([cause("k1", "orders"), cause("k2", "orders")], {KNOWN.place: KNOWN})
    assert new == cause("k2", "orders")
    age = {"state": CauseState.STILL, "since_run": "8e01d4", "since_at": KNOWN.since_at}
    assert still == cause("k1", "orders").model_copy(update=age)


def test_the_same_signature_on_another_server_is_new() -> None:
    assert with_ages([cause("k1", "catalog")], {KNOWN.place: KNOWN})[0].state is CauseState.NEW


def test_one_of_several_servers_is_old_when_all_had_it_and_as_old_as_the_oldest() -> None:
    later = replace(KNOWN, target="catalog", since_run="9f0000", since_at=START)
    known = {one.place: one for one in (KNOWN, later)}
    (found,) = with_ages([cause("k1", "orders", "catalog")], known)
    assert (found.state, found.since_run) == (CauseState.STILL, "8e01d4")
    assert with_ages([cause("k1", "orders", "catalog", "mail")], known)[0].state is CauseState.NEW


def test_fixed_is_what_no_test_has_and_whose_example_passes_now() -> None:
    other = replace(KNOWN, target="catalog", example_id="b", tests=3, since_at=START)
    passed = {KNOWN.example_id: TestOutcome.PASSED, "b": TestOutcome.FLAKY}
    assert fixed_causes([KNOWN, other], [], passed) == (
        FixedCause(
            cause_id="ck1", targets=("catalog", "orders"), title="max at $.price", tests=7, since_at=KNOWN.since_at
        ),
    )
    assert fixed_causes([KNOWN], [KNOWN.place], passed) == ()


def test_a_test_that_was_not_run_or_fails_otherwise_has_fixed_nothing() -> None:
    assert fixed_causes([KNOWN], [], {}) == ()
    assert fixed_causes([KNOWN], [], {KNOWN.example_id: TestOutcome.ERROR}) == ()
