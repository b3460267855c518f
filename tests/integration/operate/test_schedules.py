"""The nightly run on a real store and Redis: once for each planned time, whoever asks and however often."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlmodel import select

from harness.models.run import RunView
from scheduler.control.farm import Farm, open_farm
from scheduler.operate.embedded_redis import RedisServer
from scheduler.operate.schedules import LATEST, last_planned, start_due
from scheduler.settings import FarmSettings, NightlySchedule
from scheduler.store.queries import latest_runs
from scheduler.store.tables import ScheduledRun
from tests.conftest import plain_server

NOW = datetime(2026, 11, 24, 2, 0, 7, tzinfo=UTC)
ECHO = {"name": "echo", "tests": [{"name": "hello", "input": {"text": "hello"}}]}


@pytest.fixture
def suites(tmp_path: Path) -> Path:
    folder = tmp_path / "suites"
    folder.mkdir()
    (folder / "good.yaml").write_text(yaml.safe_dump({"name": "good", "server": plain_server(), "tools": [ECHO]}))
    return folder


@pytest.fixture
def farm(redis_server: RedisServer, state_dir: Path, suites: Path) -> Iterator[Farm]:
    nightly = NightlySchedule(at="02:00", paths=(suites,))
    with open_farm(FarmSettings(state_dir=state_dir, redis_url=redis_server.url, nightly=nightly)) as farm:
        yield farm


def rows(farm: Farm) -> list[ScheduledRun]:
    with farm.store.session() as session:
        return list(session.exec(select(ScheduledRun)))


def runs(farm: Farm) -> list[RunView]:
    with farm.store.session() as session:
        return latest_runs(session)


@pytest.mark.parametrize(
    ("now", "planned"),
    [
        ("2026-11-24T02:00:00+00:00", "2026-11-24T02:00:00+00:00"),
        ("2026-11-24T01:59:59+00:00", "2026-11-23T02:00:00+00:00"),
        ("2026-11-24T23:59:59+00:00", "2026-11-24T02:00:00+00:00"),
        ("2026-11-24T01:30:00-01:00", "2026-11-24T02:00:00+00:00"),
        ("2026-03-01T00:00:00+00:00", "2026-02-28T02:00:00+00:00"),
    ],
)
def test_the_planned_time_is_the_last_one_that_has_come(now: str, planned: str) -> None:
    assert last_planned("02:00", datetime.fromisoformat(now)) == datetime.fromisoformat(planned)


def test_a_tick_starts_the_nightly_run_and_the_next_ticks_do_not(farm: Farm) -> None:
    view = start_due(farm, NOW)
    assert view is not None
    assert view.name == "nightly"
    assert start_due(farm, NOW) is None
    assert start_due(farm, NOW + timedelta(minutes=30)) is None
    assert [row.run_id for row in rows(farm)] == [view.run_id]
    assert [run.run_id for run in runs(farm)] == [view.run_id]


def test_the_next_day_starts_the_next_run(farm: Farm) -> None:
    first, second = start_due(farm, NOW), start_due(farm, NOW + timedelta(days=1))
    assert first is not None
    assert second is not None
    assert first.run_id != second.run_id


def test_two_beats_at_the_same_moment_start_one_run(farm: Farm) -> None:
    started: list[RunView | None] = []
    gate = threading.Barrier(4)

    def tick() -> None:
        gate.wait()
        started.append(start_due(farm, NOW))

    beats = [threading.Thread(target=tick) for _ in range(4)]
    for beat in beats:
        beat.start()
    for beat in beats:
        beat.join()
    assert len([view for view in started if view is not None]) == 1
    assert len(runs(farm)) == 1


def test_a_start_missed_by_an_hour_is_left_out(farm: Farm) -> None:
    assert start_due(farm, NOW.replace(second=0) + LATEST + timedelta(seconds=1)) is None
    assert not rows(farm)


def test_a_bad_suite_is_recorded_and_the_others_run(farm: Farm, suites: Path) -> None:
    (suites / "bad.yaml").write_text("name: bad\nserver: {command: x}\ntoolz: []\n")
    view = start_due(farm, NOW)
    assert view is not None
    assert view.total == 1
    assert "bad.yaml:3" in rows(farm)[0].problem


def test_without_any_good_suite_the_reason_is_recorded_and_nothing_starts_again(farm: Farm, suites: Path) -> None:
    (suites / "good.yaml").write_text("name: bad\nserver: {command: x}\ntoolz: []\n")
    assert start_due(farm, NOW) is None
    assert start_due(farm, NOW) is None
    assert not runs(farm)
    assert "good.yaml:3" in rows(farm)[0].problem


def test_a_store_that_takes_no_file_is_recorded_as_the_reason(farm: Farm) -> None:
    farm.blobs.root.write_text("a file where the store should be")
    assert start_due(farm, NOW) is None
    (row,) = rows(farm)
    assert (row.run_id, "exists" in row.problem or "directory" in row.problem) == (None, True)


def test_a_farm_without_a_schedule_starts_nothing(farm: Farm) -> None:
    bare = Farm(farm.store, farm.redis, farm.blobs, farm.settings.model_copy(update={"nightly": None}))
    assert start_due(bare, NOW) is None
