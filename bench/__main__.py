"""`python -m bench [NAME…]`: measure and print, a figure a line. Quiet machines tell the truth: docs/performance.md."""

import sys

from bench.cold_start import measure_help, measure_one_test
from bench.throughput import measure_throughput

BENCHES = {"help": measure_help, "one-test": measure_one_test, "throughput": measure_throughput}


def main() -> None:
    """Run the named benches, or all."""
    for name in sys.argv[1:] or BENCHES:
        for figure, value in BENCHES[name]().items():
            print(f"{name:12} {figure:45} {value:10.3f}", flush=True)


main()
