"""A nightly run, from the configuration file to its report, on a farm with two beats."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from harness.models.run import RunState
from scheduler.control.beat import SCHEDULES
from tests.acceptance.farm.beats import wait_for_ticks
from tests.acceptance.farm.conftest import COMMAND, RunningFarm, serve, write_suite
from tests.acceptance.farm.slow_runs import assert_recorded_once
from tests.conftest import CallLog, plain_server
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

ECHO = {"tool": "echo", "input": {"text": "x"}}


@pytest.fixture
def config(tmp_path: Path, call_log: CallLog) -> Path:
    """A configuration whose hour came at the beginning of this minute; a folder with one suite of three tests."""
    write_suite(tmp_path / "nights", "night", plain_server(call_log), [{**ECHO, "name": f"t{n}"} for n in range(3)])
    nightly = {"name": "every-night", "at": f"{datetime.now(UTC):%H:%M}", "paths": [str(tmp_path / "nights")]}
    file = tmp_path / "farm.yaml"
    file.write_text(yaml.safe_dump({"nightly": nightly}))
    return file


@pytest.fixture
def nightly_farm(tmp_path: Path, config: Path) -> Iterator[RunningFarm]:
    running = serve(tmp_path / "state", "--workers", "1", "--config", str(config))
    try:
        running.wait_ready()
        yield running
    finally:
        running.destroy()


@pytest.fixture
def second_beat(nightly_farm: RunningFarm, config: Path) -> Iterator[RunningFarm]:
    """The `beat` of another Procfile, in the same farm."""
    command = [COMMAND, "serve", "--only", "beat", "--config", str(config)]
    running = RunningFarm(command, nightly_farm.state_dir)
    try:
        wait_until(lambda: len(nightly_farm.pids("beat")) == 2, 60, "no second beat")
        yield running
    finally:
        running.destroy()


def names_of_runs(farm: RunningFarm) -> list[str]:
    return [run["name"] for run in farm.ask("/v1/runs").json()]


@pytest.mark.usefixtures("second_beat")
def test_a_nightly_run_of_a_farm_with_two_beats_starts_by_itself_once_and_passes(
    nightly_farm: RunningFarm, tmp_path: Path, call_log: CallLog
) -> None:
    wait_for_ticks(nightly_farm.redis_url, SCHEDULES, *nightly_farm.pids("beat"))
    wait_until(lambda: names_of_runs(nightly_farm), 60, "no nightly run")
    wait_until(lambda: nightly_farm.newest_report().run.state is RunState.CLOSED, 60, "the nightly run does not end")
    night = nightly_farm.newest_report()
    assert night.run.exit_code == 0
    assert_recorded_once(night, 3)
    assert call_log.calls() == 3

    probe = nightly_farm.run(write_suite(tmp_path, "probe", plain_server(), [{**ECHO, "name": "behind-the-ticks"}]))
    said, _ = probe.communicate(timeout=60)
    assert probe.returncode == 0, said
    assert names_of_runs(nightly_farm)[1:] == ["every-night"], "both ticks were taken before the probe"
