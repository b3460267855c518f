"""Tests a second through the whole farm on a warm server, beside stock Celery no-op tasks and pytest-xdist.

Our rate is taken from the records: from the start of the first attempt to the end of the last one, which is what the
farm does once its processes are up; the wall time of the whole command stands beside it.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from bench.cold_start import COMMAND, SERVER
from bench.measure import run_once
from bench.pytest_xdist import measure_xdist
from bench.stock_celery import measure_stock
from harness.models.run import RunReport

TESTS = 1_000
PROCESSES = 2
SLOTS = 16
CONCURRENCY = 64


def measure_throughput() -> dict[str, float]:
    """Ours, the stock no-op rate and pytest-xdist, one after another on the same machine."""
    ours = measure_farm(TESTS)
    more = measure_farm(5 * TESTS)
    stock = measure_stock(TESTS, PROCESSES)
    stock_more = measure_stock(5 * TESTS, PROCESSES)
    xdist = measure_xdist(TESTS, PROCESSES, SERVER)
    ratio = ours["farm_tests_per_s"] / stock["stock_tasks_per_s"]
    return {
        **ours,
        **{f"{name}_of_5000": value for name, value in more.items()},
        **stock,
        **{f"{name}_of_5000": value for name, value in stock_more.items()},
        **xdist,
        "ratio_to_stock": ratio,
        "ratio_to_stock_of_5000": more["farm_tests_per_s"] / stock_more["stock_tasks_per_s"],
    }


def measure_farm(tests: int) -> dict[str, float]:
    """One run of `tests` one-call tests with two worker processes."""
    with tempfile.TemporaryDirectory() as folder:
        suite = _write_suite(Path(folder), tests)
        options = ["-q", "--workers", str(PROCESSES), "--concurrency", str(SLOTS), "--output", folder]
        cost = run_once([COMMAND, "run", *options, str(suite)], {"MCPF_STATE_DIR": f"{folder}/state"})
        report = RunReport.model_validate_json((Path(folder) / "report.json").read_bytes())
    return {
        "farm_tests_per_s": tests / _span_s(report),
        "farm_wall_s_whole_command": cost.wall_s,
        "farm_cpu_ms_per_test_whole_command": 1000 * cost.cpu_s / tests,
    }


def _span_s(report: RunReport) -> float:
    records = [attempt.record for test in report.tests for attempt in test.attempts]
    return (max(r.ended_at for r in records) - min(r.started_at for r in records)).total_seconds()


def _write_suite(folder: Path, tests: int) -> Path:
    path = folder / "many.yaml"
    server: dict[str, object] = {"command": sys.executable, "args": ["-I", "-S", str(SERVER)]}
    suite = {
        "name": "many",
        "server": server,
        "test_config": {"max_concurrency": CONCURRENCY},
        "tools": [{"name": "echo", "tests": _tests(tests)}],
    }
    path.write_text(yaml.safe_dump(suite))
    return path


def _tests(count: int) -> Sequence[dict[str, object]]:
    return [
        {
            "name": f"t{n}",
            "input": {"text": f"hi {n}"},
            "expected": {"fields": [{"path": "$[0].text", "value": f"hi {n}"}]},
        }
        for n in range(count)
    ]
