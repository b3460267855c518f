"""`python -m workers`: one worker process, or with `--processes N` a supervisor of N. Settings come from `MCPF_*`.

The launcher of servers is started first: before any thread, and before the imports that take long.
"""

import argparse
import sys
from collections.abc import Sequence

from harness.unhurried import collect_seldom


def main(argv: Sequence[str]) -> int:
    """Run until told to stop; returns the exit code."""
    options = _parse(argv)
    if options.processes is not None:
        from workers.supervisor import supervise  # noqa: PLC0415  # a worker does not need it

        return supervise(options.processes, die_with_stdin=options.die_with_stdin)
    if options.die_with_parent is not None:
        from workers.parent import die_with  # noqa: PLC0415  # only those that are told so need ctypes

        die_with(options.die_with_parent)
    from harness.containment.launcher import start_launcher  # noqa: PLC0415  # a supervisor does not need it

    collect_seldom()
    with start_launcher() as launcher:
        from workers.process import run_worker  # noqa: PLC0415  # slow to import, and must come after the launcher

        return run_worker(launcher, die_with_stdin=options.die_with_stdin)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description="Runs tests from a farm's queues.")
    parser.add_argument("--processes", type=_count, metavar="N", help="supervise N worker processes")
    parser.add_argument("--die-with-stdin", action="store_true", help="stop when standard input closes")
    parser.add_argument(
        "--die-with-parent", type=int, metavar="PID", help="be killed when process PID, our parent, ends"
    )
    return parser.parse_args(argv)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError("between 1 and 256")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
