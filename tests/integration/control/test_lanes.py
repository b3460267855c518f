"""Interactive runs go first; projects share by weight; nobody waits for ever."""

from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm
from scheduler.state.machine import TestState
from tests.integration.control.fake_worker import FakeWorker
from tests.integration.control.runs import states, submit_suites, suite_text, view
from workers.messages import interactive_queue

WIDE = {"test_config": {"max_concurrency": 64}}


def big(farm: Farm, **request: object) -> str:
    """A run of 240 tests of four targets."""
    return submit_suites(farm, *(suite_text(60, name=f"s{n}", **WIDE) for n in range(4)), **request).run_id


def published(farm: Farm, run_id: str) -> int:
    return states(farm, run_id).count(TestState.PUBLISHED)


def test_small_runs_are_interactive_large_ones_are_not_unless_their_sender_says_so(farm: Farm) -> None:
    assert view(farm, big(farm)).lane == "batch"
    assert view(farm, big(farm, lane="interactive")).lane == "interactive"
    assert submit_suites(farm, suite_text(1)).lane == "interactive"
    assert submit_suites(farm, suite_text(1), lane="batch").lane == "batch"


def test_an_interactive_run_is_published_although_the_window_is_full_and_stands_in_a_queue_of_its_own(
    farm: Farm,
) -> None:
    FakeWorker(farm, slots=10).announce()
    old = big(farm)
    assert dispatch(farm) == 64
    small = submit_suites(farm, suite_text(20, name="small", **WIDE))
    assert dispatch(farm) == 20  # of twice the slots
    assert (published(farm, old), published(farm, small.run_id)) == (64, 20)
    assert farm.redis.llen(interactive_queue("default")) == 20


def test_projects_get_what_their_weights_say(farm: Farm) -> None:
    heavy = farm.settings.model_copy(update={"project_weights": {"heavy": 3.0}})
    weighted = type(farm)(farm.store, farm.redis, farm.blobs, heavy)
    light_run, heavy_run = big(farm, project="light"), big(farm, project="heavy")
    worker = FakeWorker(farm)
    dispatch(weighted)
    for _ in range(40):
        worker.work(limit=4)
        aggregate(weighted, light_run)
        aggregate(weighted, heavy_run)
    done = {run_id: view(farm, run_id).totals["passed"] for run_id in (light_run, heavy_run)}
    begun = {run_id: done[run_id] + published(farm, run_id) for run_id in done}
    assert 0.2 <= begun[light_run] / sum(begun.values()) <= 0.3


def test_the_cap_of_a_target_holds_over_all_runs(farm: Farm) -> None:
    FakeWorker(farm, slots=50).announce()
    runs = [submit_suites(farm, suite_text(10, test_config={"max_concurrency": 3})) for _ in range(2)]
    assert dispatch(farm) == 3
    assert sum(published(farm, run.run_id) for run in runs) == 3
