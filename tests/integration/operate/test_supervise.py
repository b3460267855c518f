"""A supervisor and its members as real processes."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until

SUPERVISOR = """
import os, signal, sys
from scheduler.operate.supervise import Member, supervise
here, *programs = sys.argv[1:]
members = [Member(f"m{n}", (sys.executable, "-c", text, here), os.environ) for n, text in enumerate(programs)]
sys.exit(supervise(members))
"""
SAYS_ITS_PID = "import os, sys, time; print(os.getpid(), file=open(f'{sys.argv[1]}/pids', 'a')); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SAYS_ITS_PID
READS_STDIN = "import os, sys; print(os.getpid(), file=open(f'{sys.argv[1]}/pids', 'a')); sys.stdin.read()"


class Supervised:
    """A supervisor under test and the pids that its members wrote down."""

    def __init__(self, here: Path, *programs: str) -> None:
        self.here = here
        command = [sys.executable, "-c", SUPERVISOR, str(here), *programs]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def pids(self) -> list[int]:
        """Pids of all members ever started, in order."""
        file = self.here / "pids"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def living(self) -> list[int]:
        """Members that live."""
        return [pid for pid in self.pids() if is_alive(pid)]


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a corpse."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[list[Supervised]]:
    started: list[Supervised] = []
    yield started
    for one in started:
        one.process.kill()
        one.process.wait()
        for pid in one.living():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_a_member_that_is_killed_comes_back(tmp_path: Path, supervised: list[Supervised]) -> None:
    farm = Supervised(tmp_path, SAYS_ITS_PID)
    supervised.append(farm)
    wait_until(lambda: len(farm.pids()) == 1)
    os.kill(farm.pids()[0], signal.SIGKILL)
    wait_until(lambda: len(farm.pids()) == 2)
    os.kill(farm.pids()[1], signal.SIGKILL)
    wait_until(lambda: len(farm.pids()) == 3)
    assert len(farm.living()) == 1


def test_a_member_that_is_stopped_is_killed_and_comes_back(tmp_path: Path, supervised: list[Supervised]) -> None:
    farm = Supervised(tmp_path, SAYS_ITS_PID)
    supervised.append(farm)
    wait_until(lambda: len(farm.pids()) == 1)
    os.kill(farm.pids()[0], signal.SIGSTOP)
    wait_until(lambda: len(farm.pids()) == 2)
    assert len(farm.living()) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_all_members_even_a_deaf_one(
    tmp_path: Path, supervised: list[Supervised], number: signal.Signals, code: int
) -> None:
    farm = Supervised(tmp_path, SAYS_ITS_PID, DEAF)
    supervised.append(farm)
    wait_until(lambda: len(farm.living()) == 2)
    farm.process.send_signal(number)
    assert farm.process.wait(10) == code
    assert not farm.living()


@pytest.mark.parametrize("program", [SAYS_ITS_PID, DEAF, READS_STDIN])
def test_members_die_with_a_supervisor_that_is_killed(
    tmp_path: Path, supervised: list[Supervised], program: str
) -> None:
    farm = Supervised(tmp_path, program, program)
    supervised.append(farm)
    wait_until(lambda: len(farm.living()) == 2)
    farm.process.kill()
    wait_until(lambda: not farm.living())


def test_a_member_that_cannot_obey_its_configuration_ends_everything(
    tmp_path: Path, supervised: list[Supervised]
) -> None:
    farm = Supervised(tmp_path, SAYS_ITS_PID, "import sys; sys.exit(2)")
    supervised.append(farm)
    assert farm.process.wait(15) == 2
    assert not farm.living()


def test_all_members_share_the_process_group_of_the_supervisor(tmp_path: Path, supervised: list[Supervised]) -> None:
    farm = Supervised(tmp_path, SAYS_ITS_PID, SAYS_ITS_PID)
    supervised.append(farm)
    wait_until(lambda: len(farm.living()) == 2)
    assert {os.getpgid(pid) for pid in farm.living()} == {os.getpgid(farm.process.pid)}
