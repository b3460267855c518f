"""The worker processes of an embedded farm, with small programs in the workers' place."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import FarmError
from scheduler.console.embedded.local_workers import MAX_EARLY_DEATHS, LocalWorkers
from scheduler.console.embedded.settings import WorkerTerms
from tests.processes import alive
from tests.waiting import wait_until

OBEDIENT = "import os, sys; print(os.getpid(), 'up', flush=True); sys.stdin.read()"
DYING = "import sys; print('cannot import', file=sys.stderr); sys.exit(3)"
RETIRING = "pass"
STUBBORN = "import signal; signal.signal(signal.SIGQUIT, signal.SIG_IGN); " + OBEDIENT


class Workers:
    """LocalWorkers that run `program`, and a clock of their own."""

    def __init__(self, directory: Path, program: str, count: int) -> None:
        self.now_s, self.directory = 100.0, directory
        terms = WorkerTerms("unix:///none", "p", 2, 4, directory, directory)
        command = (sys.executable, "-I", "-S", "-c", program)
        self.workers = LocalWorkers(terms, count, directory, command=command, now=lambda: self.now_s)

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def wait_up(self, name: str) -> int:
        """Its pid."""
        log = self.log(name)
        wait_until(lambda: log.exists() and b"up" in log.read_bytes(), message=f"{name} is not up")
        return int(log.read_text().split()[0])

    def wait_death(self) -> dict[str, str]:
        died: dict[str, str] = {}
        wait_until(lambda: died.update(self.workers.check()) or died)
        return died


@pytest.fixture
def farm(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workers]:
    program, count = request.param
    started = Workers(tmp_path, program, count)
    started.workers.start()
    yield started
    started.workers.kill()
    started.workers.wait_stopped()


@pytest.mark.parametrize("farm", [(DYING, 1)], indirect=True)
def test_a_death_is_told_with_its_last_words(farm: Workers) -> None:
    assert farm.wait_death() == {"local-1-1": "exit code 3: cannot import"}
    assert farm.workers.check() == {}


@pytest.mark.parametrize("farm", [(OBEDIENT, 2)], indirect=True)
def test_a_killed_worker_is_replaced_under_a_new_name(farm: Workers) -> None:
    pid, other = farm.wait_up("local-1-1"), farm.wait_up("local-2-1")
    os.kill(pid, signal.SIGKILL)
    assert farm.wait_death() == {"local-1-1": f"signal SIGKILL: {pid} up"}

    farm.workers.start()
    assert not farm.log("local-1-2").exists(), "replaced without any pause"
    farm.now_s += 0.1
    farm.workers.start()
    farm.wait_up("local-1-2")
    assert alive(other)


@pytest.mark.parametrize("farm", [(OBEDIENT, 2)], indirect=True)
def test_a_stopped_worker_that_is_ended_dies_for_the_given_reason(farm: Workers) -> None:
    pid, other = farm.wait_up("local-1-1"), farm.wait_up("local-2-1")
    os.kill(pid, signal.SIGSTOP)

    farm.workers.end({"local-1-1", "local-9-1"}, "no heartbeat")
    assert farm.wait_death() == {"local-1-1": f"no heartbeat: {pid} up"}
    assert alive(other) and not alive(pid)


@pytest.mark.parametrize("farm", [(RETIRING, 1)], indirect=True)
def test_a_worker_that_retires_is_no_death_and_is_replaced_at_once(farm: Workers) -> None:
    def look() -> bool:
        assert farm.workers.check() == {}
        farm.workers.start()
        return farm.log(f"local-1-{MAX_EARLY_DEATHS + 2}").exists()

    wait_until(look, 20, "many replacements, with the clock standing still")


@pytest.mark.parametrize("farm", [(DYING, 1)], indirect=True)
def test_workers_that_never_start_end_the_command(farm: Workers) -> None:
    for _ in range(MAX_EARLY_DEATHS - 1):
        farm.wait_death()
        farm.now_s += 5
        farm.workers.start()

    with pytest.raises(FarmError, match="died 5 times in a row, at last with exit code 3: cannot import"):
        farm.wait_death()


@pytest.mark.parametrize("farm", [(DYING, 1)], indirect=True)
def test_a_worker_that_records_tests_may_die_more_often(farm: Workers) -> None:
    for _ in range(MAX_EARLY_DEATHS + 2):
        farm.wait_death()
        farm.workers.proved()
        farm.now_s += 5
        farm.workers.start()


@pytest.mark.parametrize("farm", [(STUBBORN, 2)], indirect=True)
def test_a_worker_that_does_not_obey_is_killed(farm: Workers) -> None:
    pids = farm.wait_up("local-1-1"), farm.wait_up("local-2-1")

    farm.workers.ask_to_stop()
    farm.workers.wait_stopped(timeout_s=0)
    assert not any(map(alive, pids))
