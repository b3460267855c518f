"""Running a command and reading what it cost: wall time, and CPU of the whole process tree that was waited for."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Seconds."""

    wall_s: float
    cpu_s: float


def children_cpu_s() -> float:
    """CPU seconds, user and system, of all children that have ended and been waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_once(command: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """Run `command` to its end, which must be a success."""
    cpu, wall = children_cpu_s(), time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**_environment(), **(env or {})})
    return Cost(time.monotonic() - wall, children_cpu_s() - cpu)


def _environment() -> dict[str, str]:
    """Ours, but with bytecode kept, as users have it: without, every start compiles the program anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""
    return Cost(statistics.median(c.wall_s for c in costs), statistics.median(c.cpu_s for c in costs))


def best(costs: Sequence[Cost]) -> Cost:
    """The smallest of each figure by itself: what the machine can do when nothing else runs."""
    return Cost(min(c.wall_s for c in costs), min(c.cpu_s for c in costs))
