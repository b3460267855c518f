"""100,000 tests through the real control: is its memory flat, is Redis bounded, how fast are records folded?"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bench.bare_farm import bare_farm, request_of
from bench.databases import KINDS
from bench.stand_in import StandIn, in_parts
from scheduler.control.farm import Farm
from scheduler.control.submit import submit

TESTS = 100_000
WARM = 10_000
"""Records after which memory must not grow."""
TIMEOUT_S = 1_200.0
BEAT_S = 2.0


def measure_fold() -> dict[str, float]:
    """Both databases, one after another."""
    return {name: value for kind in KINDS for name, value in fold_on(kind, TESTS).items()}


def fold_on(kind: str, tests: int) -> dict[str, float]:
    """Submit a run, and have another process fold what stands in for its workers."""
    with bare_farm(kind) as farm:
        baseline = used_memory_bytes(farm)
        request = request_of(farm, tests)
        cpu, began = time.process_time(), time.monotonic()
        run_id = submit(farm, request).run_id
        submit_s, submit_cpu_s = time.monotonic() - began, time.process_time() - cpu
        lines, peak_bytes = _fold(farm, run_id, tests)
        left_bytes = used_memory_bytes(farm) - baseline
    *samples, end = lines
    return {
        f"submit_s_{kind}": submit_s,
        f"submit_cpu_s_{kind}": submit_cpu_s,
        f"rss_slope_bytes_per_attempt_{kind}": slope(samples),
        f"rss_mb_at_10k_{kind}": _near(samples, WARM) / 1e6,
        f"rss_mb_at_100k_{kind}": samples[-1]["rss_bytes"] / 1e6,
        f"rss_mb_peak_at_close_{kind}": end["peak_bytes"] / 1e6,
        f"folded_per_s_{kind}": tests / end["elapsed_s"],
        f"fold_cpu_ms_per_record_{kind}": 1000 * end["cpu_s"] / tests,
        f"redis_peak_mb_{kind}": (peak_bytes - baseline) / 1e6,
        f"redis_left_mb_{kind}": left_bytes / 1e6,
    }


def used_memory_bytes(farm: Farm) -> int:
    """What Redis says it uses."""
    answer: Any = farm.redis.info("memory")
    return int(answer["used_memory"])


def _fold(farm: Farm, run_id: str, tests: int) -> tuple[list[dict[str, float]], int]:
    """What the other process printed, and the most that Redis held."""
    workers, peak_bytes, beaten_at = StandIn(farm), 0, 0.0
    workers.announce()
    command = [sys.executable, "-m", "bench.fold_process", run_id, str(tests)]
    deadline = time.monotonic() + TIMEOUT_S
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as control:
        assert control.stdin and control.stdout
        control.stdin.write(farm.settings.model_dump_json())
        control.stdin.close()
        while control.poll() is None:
            if time.monotonic() > deadline:
                control.kill()
            if time.monotonic() - beaten_at > BEAT_S:
                workers.announce()
                beaten_at = time.monotonic()
            _work(workers)
            peak_bytes = max(peak_bytes, used_memory_bytes(farm))
        printed = control.stdout.read()
    if control.returncode:
        raise RuntimeError(f"the folding process ended with {control.returncode}")
    return [json.loads(line) for line in printed.splitlines()], peak_bytes


def _work(workers: StandIn) -> None:
    messages = workers.pop()
    for part in in_parts(messages):
        workers.record(part)
    if not messages:
        time.sleep(0.005)


def slope(samples: Sequence[Mapping[str, float]]) -> float:
    """Bytes per record, by least squares, of all samples after the first 10,000 records."""
    late = [sample for sample in samples if sample["stored"] >= WARM]
    return statistics.linear_regression([s["stored"] for s in late], [s["rss_bytes"] for s in late]).slope


def _near(samples: Sequence[dict[str, float]], stored: int) -> float:
    return next(sample["rss_bytes"] for sample in samples if sample["stored"] >= stored)
