"""A `control` in a process of its own: folds one run and prints its memory, as JSON lines. Started by `bench.fold`."""

import gc
import json
import resource
import sys
import time
from pathlib import Path

from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.control.farm import Farm, open_farm
from scheduler.settings import FarmSettings

TURN_S = 1.0
PAGE_BYTES = resource.getpagesize()


def main(settings: FarmSettings, run_id: str, total: int) -> None:
    """Fold until `total` records are stored: turns as the task `aggregate` has them."""
    with open_farm(settings) as farm:
        _fold(farm, run_id, total)


def _fold(farm: Farm, run_id: str, total: int) -> None:
    dispatch(farm)
    stored, began = 0, time.monotonic()
    while stored < total:
        stored += aggregate(farm, run_id, block_ms=100, budget_s=TURN_S)
        if stored < total:  # the last turn closes the run, which reads all of it
            print(json.dumps({"stored": stored, "rss_bytes": _rss_bytes()}))
    elapsed_s = time.monotonic() - began
    print(json.dumps({"elapsed_s": elapsed_s, "cpu_s": time.process_time(), "peak_bytes": _peak_bytes()}))


def _rss_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def _peak_bytes() -> int:
    """Not `ru_maxrss`: that one begins with the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(FarmSettings.model_validate_json(sys.stdin.read()), sys.argv[1], int(sys.argv[2]))
