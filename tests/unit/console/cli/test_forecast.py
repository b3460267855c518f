"""When a run may end."""

import pytest

from harness.models.run import TestReport
from scheduler.console.cli.forecast import Forecast, rounded
from scheduler.reports.usual import Usual, usual_of
from tests.unit.console.cli.plans import plan_of
from tests.unit.console.cli.reports import finished

NOTHING = Usual()


def ended(number: int, seconds: float) -> TestReport:
    return finished(number=number).model_copy(update={"duration_s": seconds})


def usual(count: int, seconds: float, **changed: float) -> Usual:
    each = {f"default/checkout/orders/list/large-{number}": seconds for number in range(count)}
    return Usual(median_s={**each, **{f"default/checkout/orders/list/{name}": s for name, s in changed.items()}})


def test_nothing_is_told_before_a_twentieth_has_ended_or_ten_seconds_have_passed() -> None:
    forecast = Forecast([plan_of(100)], NOTHING)
    assert forecast.left_s(9.0) is None
    for number in range(5):
        forecast.finished(ended(number, 2.0))
    assert forecast.left_s(9.0) is not None


def test_what_waits_is_shared_by_as_many_as_were_busy() -> None:
    forecast = Forecast([plan_of(100)], NOTHING)
    for number in range(20):
        forecast.finished(ended(number, 2.0))
    assert forecast.left_s(10.0) == pytest.approx(80 * 2.0 / 4)


def test_what_a_test_usually_takes_counts_more_than_what_others_took() -> None:
    forecast = Forecast([plan_of(100)], usual(100, 1.0))
    for number in range(20):
        forecast.finished(ended(number, 2.0))
    assert forecast.left_s(10.0) == pytest.approx(80 * 1.0 / 4)


def test_what_runs_already_counts_for_what_is_done_of_it() -> None:
    forecast = Forecast([plan_of(20)], NOTHING)
    for number in range(10):
        forecast.finished(ended(number, 2.0))
    assert forecast.left_s(10.0, running_s=4.0) == pytest.approx((20.0 - 4.0) / 2.4)


def test_it_is_never_less_than_the_longest_test_that_waits() -> None:
    forecast = Forecast([plan_of(100)], usual(99, 0.1, **{"large-99": 300.0}))
    for number in range(20):
        forecast.finished(ended(number, 0.1))
    assert (forecast.left_s(1.0) or 0) >= 300.0


def test_a_server_that_takes_one_call_at_a_time_is_a_queue_of_its_own() -> None:
    plans = [plan_of(50, target="serial", at_once=1), plan_of(50, target="orders", first=50)]
    forecast = Forecast(plans, NOTHING)
    for number in range(50, 90):
        forecast.finished(ended(number, 2.0))
    assert (forecast.left_s(5.0) or 0) == pytest.approx(100.0)


def test_what_is_told_falls_at_most_half_as_fast_again_as_the_clock() -> None:
    forecast = Forecast([plan_of(100)], NOTHING)
    for number in range(10):
        forecast.finished(ended(number, 4.0))
    first = forecast.left_s(10.0) or 0.0
    for number in range(10, 100):
        forecast.finished(ended(number, 0.001))
    assert forecast.left_s(12.0) == pytest.approx(first - 3.0)


def test_a_run_that_takes_longer_than_usual_says_so() -> None:
    forecast = Forecast([plan_of(100)], Usual(run_s=105.0))
    assert forecast.text(126.0) == ""
    assert forecast.text(127.0) == "longer than usual (usual 1m45s)"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.0, "5s"), (5.1, "10s"), (59.0, "1m00s"), (61.0, "1m15s"), (601.0, "11m00s"), (7200, "2h00m")],
)
def test_times_are_rounded_up(seconds: float, told: str) -> None:
    assert rounded(seconds) == told


def test_usual_is_the_median_and_of_five_runs_or_more_the_p95() -> None:
    found = usual_of({"a": [1.0, 9.0, 2.0], "b": [float(n) for n in range(1, 21)], "c": []}, 12.0)
    assert found == Usual({"a": 2.0, "b": 10.5}, {"b": 20.0}, 12.0)
