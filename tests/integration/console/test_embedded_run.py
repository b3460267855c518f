"""An embedded run heeds what others write into its row: the mark of `cancel`, and the notice of recovery."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.models.run import EventKind, RunState
from scheduler.console.embedded.control import EmbeddedRun
from scheduler.console.embedded.launch import Processes, Size
from scheduler.console.embedded.local_workers import LocalWorkers
from scheduler.console.embedded.settings import WorkerTerms
from scheduler.console.embedded.state_dir import StateDir
from scheduler.control.cancel import mark_cancelled
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm, open_farm
from scheduler.operate.embedded_redis import RedisServer
from scheduler.settings import FarmSettings
from scheduler.store.change import changing
from tests.integration.control.runs import outcomes, submit_suites, suite_text, view
from workers.leases import cancelled_key


@pytest.fixture
def farm(redis_server: RedisServer, state_dir: Path) -> Iterator[Farm]:
    with open_farm(FarmSettings(state_dir=state_dir, redis_url=redis_server.url)) as farm:
        yield farm


@pytest.fixture
def processes(redis_server: RedisServer, state_dir: Path) -> Processes:
    """No workers at all."""
    terms = WorkerTerms(redis_server.url, "default", 8, 16, state_dir / "blobs", state_dir)
    workers = LocalWorkers(terms, 0, state_dir)
    return Processes(StateDir(state_dir), Size(0, 16), "default", state_dir, redis_server, workers)


def test_a_run_that_another_process_marked_as_cancelled_is_ended_in_one_turn(farm: Farm, processes: Processes) -> None:
    run_id = submit_suites(farm, suite_text(3)).run_id
    dispatch(farm)
    said: list[str] = []
    run = EmbeddedRun(farm, processes, run_id, said.append)
    assert mark_cancelled(farm.store, run_id, "wrong suite")

    run.wait(0)

    assert said == ["stopping: wrong suite; ending the tests in flight"]
    assert farm.redis.exists(cancelled_key(run_id)) or view(farm, run_id).state is RunState.CLOSED
    assert outcomes(farm, run_id) == ["cancelled"] * 3
    assert [event.kind for event in run.wait(0)][-1] is EventKind.RUN_FINISHED
    assert len(said) == 1
    assert not mark_cancelled(farm.store, run_id, "again")


def test_a_run_that_is_cancelled_from_here_does_not_say_so_twice(farm: Farm, processes: Processes) -> None:
    said: list[str] = []
    run = EmbeddedRun(farm, processes, submit_suites(farm, suite_text(1)).run_id, said.append)

    run.cancel("interrupted by SIGINT")
    run.wait(0)

    assert said == []


def test_a_notice_is_an_event_whenever_it_changes(farm: Farm, processes: Processes) -> None:
    run_id = submit_suites(farm, suite_text(1)).run_id
    run = EmbeddedRun(farm, processes, run_id, lambda _line: None)
    told: list[str] = []
    for notice in ("no worker", "no worker", ""):
        with changing(farm.store, run_id) as change:
            change.run.notice = notice
        told += [event.run.notice for event in run.wait(0) if event.run and event.kind is EventKind.RUN_NOTICE]

    assert told == ["no worker", ""]
