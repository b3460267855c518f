"""`python -m bench [NAME…]`: measure and print, a figure a line. Quiet machines tell the truth: docs/performance.md.

Exit code 1 when a figure is beyond a limit of that page.
"""

import sys

from bench.cold_start import measure_help, measure_one_test
from bench.fairness import measure_fairness
from bench.fold import measure_fold
from bench.html_report import measure_html_report
from bench.large_run import measure_large_run
from bench.limits import broken_limits
from bench.redis_bytes import measure_redis_bytes
from bench.store_rates import measure_store
from bench.throughput import measure_throughput

BENCHES = {
    "help": measure_help,
    "one-test": measure_one_test,
    "throughput": measure_throughput,
    "fairness": measure_fairness,
    "redis": measure_redis_bytes,
    "store": measure_store,
    "fold": measure_fold,
    "large-run": measure_large_run,
    "html": measure_html_report,
}


def main() -> int:
    """Run the named benches, or all."""
    broken: list[str] = []
    for name in sys.argv[1:] or BENCHES:
        figures = BENCHES[name]()
        for figure, value in figures.items():
            print(f"{name:12} {figure:45} {value:10.3f}", flush=True)
        broken += broken_limits(figures)
    for line in broken:
        print(f"beyond its limit: {line}", file=sys.stderr)
    return 1 if broken else 0


sys.exit(main())
