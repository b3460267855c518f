"""A command that is still running, for tests that disturb it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.command import COMMAND, environment
from tests.processes import alive, descendants
from tests.waiting import wait_until


def commands_of(pids: set[int], part: str) -> list[int]:
    """Those of `pids` whose command line contains `part`."""
    found = []
    for pid in sorted(pids):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if part in line:
            found.append(pid)
    return found


class Running:
    """`mcp-test-harness ARGS`, its output in files, and every process that it ever had."""

    def __init__(self, args: list[str], state_dir: Path, **env: str) -> None:
        self.stdout, self.stderr = state_dir.parent / f"{id(self)}.out", state_dir.parent / f"{id(self)}.err"
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            self.process = subprocess.Popen(
                [COMMAND, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment(state_dir, **env)
            )
        self.seen: set[int] = set()

    def look(self) -> set[int]:
        """Processes below the command now; remembered for `wait_nothing_left`."""
        now = descendants(self.process.pid)
        self.seen |= now
        return now

    def workers(self) -> list[int]:
        """Pids of its worker processes."""
        return [pid for pid in commands_of(self.look(), "-m workers") if pid in children_of(self.process.pid)]

    def wait(self, timeout_s: float = 30) -> int:
        """Its exit code."""
        return self.process.wait(timeout_s)

    def wait_nothing_left(self, timeout_s: float = 10) -> None:
        """Fail when any process that was ever seen below the command outlives it."""
        wait_until(lambda: not any(map(alive, self.seen)), timeout_s, f"left over: {[*filter(alive, self.seen)]}")


def children_of(pid: int) -> set[int]:
    """Direct children."""
    return {child for task in Path(f"/proc/{pid}/task").iterdir() for child in _read(task / "children")}


def _read(path: Path) -> list[int]:
    try:
        return [int(child) for child in path.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


@contextmanager
def running(args: list[str], state_dir: Path, **env: str) -> Iterator[Running]:
    """Start a command; whatever a test does, it is gone afterwards."""
    started = Running(args, state_dir, **env)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait()
