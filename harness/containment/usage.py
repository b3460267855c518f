"""What a process tree uses at one moment: memory, CPU time, processes; and how that travels. Standard library only.

Looked at from outside, so what is gone between two looks is not seen, but for its CPU time. Memory is resident memory;
of several processes, what they share counts once (PSS), as long as that can be read within 20 ms.
"""

import os
import time
from collections.abc import Collection
from typing import NamedTuple

PSS_WITHIN_S = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """One look. `cpu_s` counts from the start of the tree, with all that has ended in it; it is exact to 10 ms."""

    memory_bytes: int
    cpu_s: float
    processes: int


class _Process(NamedTuple):
    memory_bytes: int
    cpu_s: float


def look_at(pids: Collection[int], ended_cpu_s: float = 0.0) -> Sample:
    """What these processes use. `ended_cpu_s`: CPU time of those of the tree that have ended, and nobody counts."""
    living = {pid: found for pid in pids if (found := _stat(pid)) is not None}
    cpu_s = ended_cpu_s + sum(found.cpu_s for found in living.values())
    return Sample(_memory(living), cpu_s, len(living))


def encode_sample(sample: Sample) -> bytes:
    """The payload of a USAGE frame."""
    return f"{sample.memory_bytes} {sample.cpu_s!r} {sample.processes}".encode()


def decode_sample(payload: bytes) -> Sample:
    """The reverse of `encode_sample`; more numbers are ignored, so that a keeper may say more."""
    memory, cpu, processes, *_ = payload.split()
    return Sample(int(memory), float(cpu), int(processes))


def _memory(living: dict[int, _Process]) -> int:
    if len(living) < 2:
        return sum(found.memory_bytes for found in living.values())
    until = time.monotonic() + PSS_WITHIN_S
    return sum(_pss(pid, until) or found.memory_bytes for pid, found in living.items())


def _stat(pid: int) -> _Process | None:
    """See proc_pid_stat(5). None for a process that is gone, or has ended and waits for its parent."""
    found = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if not found or found[0] in (b"Z", b"X"):
        return None
    return _Process(int(found[21]) * _PAGE_BYTES, sum(map(int, found[11:15])) / _TICKS_PER_S)


def _pss(pid: int, until: float) -> int:
    """Its share of the memory; 0 when there is no time left, or it may not be read."""
    if time.monotonic() > until:
        return 0
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would cost every launcher its import
            return file.read()
    except OSError:
        return b""
