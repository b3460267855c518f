"""`python -m tests.chaos`: every fault in turn on a farm of its own, and the page that tells what became of the tests.

Exits 1 when a test was lost or accepted twice, or another promise was broken; 2 for a fault that does not exist.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.farm import ROOT
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.table import FAULTS
from tests.chaos.measure import Figures
from tests.chaos.report import render
from tests.chaos.round import Plan, play
from tests.chaos.truth import RETRIES_ON, Size

TESTS, BESIDE = 1100, 60
SHORT_TESTS = 200
MAX_ROUNDS = 10


def main(argv: Sequence[str]) -> int:
    """Run the table, or the faults that are named."""
    given = _parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    unknown = [name for name in given.fault if name not in FAULTS]
    if unknown:
        print(f"no such fault: {', '.join(unknown)}; known are: {', '.join(FAULTS)}", file=sys.stderr)
        return 2
    rows: list[Figures] = []
    for fault in [FAULTS[name] for name in given.fault or FAULTS]:
        rows.append(_play_until_exposed(fault, given))
        _tell(rows[-1])
        if given.report:
            command = " ".join(("python -m tests.chaos", *argv))
            given.report.write_text(render(rows, command, f"{os.cpu_count()} cores", given.seed))
    return 0 if all(row.is_clean for row in rows) else 1


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="this one, again for others")
    parser.add_argument("--tests", type=int, default=1000, metavar="N", help="rounds go on until N are exposed (1000)")
    parser.add_argument("--size", type=int, default=TESTS, metavar="N", help=f"tests of a run ({TESTS})")
    short = f"one round of {SHORT_TESTS} tests for each fault, and no worker is weighed"
    parser.add_argument("--short", action="store_true", help=short)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table here, after every fault")
    parser.add_argument("--product", type=Path, default=ROOT, metavar="DIR", help="another checkout to test")
    parser.add_argument("--retries", action=argparse.BooleanOptionalAction, default=RETRIES_ON, help="with flaky tests")
    return parser.parse_args(argv)


def _play_until_exposed(fault: Fault, given: argparse.Namespace) -> Figures:
    """Rounds until enough tests were exposed; one where nothing is injected, or all is to be short."""
    figures = Figures(fault.name)
    for number in range(MAX_ROUNDS):
        figures = figures.plus(_play(fault, _plan(given, given.seed + number)))
        if given.short or figures.exposed == 0 or figures.exposed >= given.tests:
            break
    return figures


def _plan(given: argparse.Namespace, seed: int) -> Plan:
    size = Size(SHORT_TESTS if given.short else given.size, retries=given.retries)
    beside = Size(BESIDE, retries=given.retries)
    return Plan(seed, size, beside, given.product.resolve(), weigh=not given.short)


def _play(fault: Fault, plan: Plan) -> Figures:
    """A round that could not be played is a finding like any other, and the next fault has its turn."""
    try:
        return play(fault, plan)
    except Exception as error:
        return Figures(fault.name, violations=(f"not played: {type(error).__name__}: {str(error)[:500]}",))


def _tell(row: Figures) -> None:
    p95 = row.recovery_s(0.95)
    recovery = "nothing to recover" if p95 is None else f"recovery p95 {p95:.1f} s"
    print(
        f"{row.fault}: {row.injections} injections, {row.exposed} exposed, {row.lost} lost, {row.doubled} twice, "
        f"{row.stale} stale, {recovery}, {len(row.violations)} violations",
        flush=True,
    )
    for line in row.violations:
        print(f"    {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
