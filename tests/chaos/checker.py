"""The checking program: reads what a run left behind and says which promises were broken. Independent of the farm.

    python -m tests.chaos.checker --database URL --run ID --truth FILE [--report-json F] [--junit F] [--metrics F]
                                  [--calls DIR] [--observed F] [--output F]... [--second-run ID --second-truth F]

It prints one line per violation and exits 1 where there is any, 2 when it cannot read what it was given.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from tests.chaos.agreement import totals_agree
from tests.chaos.evidence import Evidence, read_calls, read_metrics, read_observed, read_store
from tests.chaos.outcomes import (
    a_loss_is_no_result,
    any_order_folds_the_same,
    attempts_keep_to_the_policy,
    each_has_one_outcome,
)
from tests.chaos.planned import read_truth
from tests.chaos.surroundings import no_secret_is_told, nothing_is_left, the_run_ends_in_time, workers_do_not_grow
from tests.chaos.violations import Kind, Violation

Invariant = Callable[[Evidence], Iterator[Violation]]

INVARIANTS: dict[str, Invariant] = {
    "I1": each_has_one_outcome,
    "I2": attempts_keep_to_the_policy,
    "I3": totals_agree,
    "I4": a_loss_is_no_result,
    "I5": the_run_ends_in_time,
    "I6": nothing_is_left,
    "I7": no_secret_is_told,
    "I9": any_order_folds_the_same,
    "I10": workers_do_not_grow,
}
"""I8 is I1 to I5 and I9 of the second run."""
OF_SECOND_RUN = ("I1", "I2", "I3", "I4", "I5", "I9")


def check(evidence: Evidence, second: Evidence | None = None) -> list[Violation]:
    """All broken promises."""
    found = [violation for invariant in INVARIANTS.values() for violation in invariant(evidence)]
    return found + ([] if second is None else check_second(second))


def check_second(second: Evidence) -> list[Violation]:
    """I8: whatever is wrong with a run that only ran beside the other."""
    violations = (violation for name in OF_SECOND_RUN for violation in INVARIANTS[name](second))
    return [
        Violation(Kind.SECOND_RUN_AFFECTED, violation.where, f"{violation.kind}: {violation.seen}")
        for violation in violations
    ]


def main(argv: Sequence[str]) -> int:
    """The command."""
    given = _parse(argv)
    try:
        found = check(_evidence(given), _second(given))
    except (OSError, ValueError, LookupError, ElementTree.ParseError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return 2
    for violation in found:
        print(violation)
    return 1 if found else 0


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.checker")
    parser.add_argument("--database", required=True, metavar="URL")
    parser.add_argument("--run", required=True, metavar="ID")
    parser.add_argument("--truth", required=True, type=Path, metavar="FILE")
    for name in ("--report-json", "--junit", "--metrics", "--calls", "--observed", "--second-truth"):
        parser.add_argument(name, type=Path, metavar="PATH")
    parser.add_argument("--second-run", metavar="ID")
    parser.add_argument(
        "--output", type=Path, action="append", default=[], metavar="FILE", help="where no secret may be"
    )
    return parser.parse_args(argv)


def _evidence(given: argparse.Namespace) -> Evidence:
    evidence = read_store(given.database, given.run, read_truth(given.truth))
    files = [file for file in (given.report_json, given.junit, given.metrics, *given.output) if file]
    metrics, stale = read_metrics(given.metrics.read_text()) if given.metrics else (None, None)
    return replace(
        evidence,
        report=json.loads(given.report_json.read_text()) if given.report_json else None,
        junit=ElementTree.parse(given.junit).getroot() if given.junit else None,
        metrics=metrics,
        stale_metric=stale,
        calls=read_calls(given.calls) if given.calls else None,
        observed=read_observed(given.observed) if given.observed else evidence.observed,
        outputs={file.name: file.read_text(errors="replace") for file in files},
    )


def _second(given: argparse.Namespace) -> Evidence | None:
    if not given.second_run:
        return None
    evidence = read_store(given.database, given.second_run, read_truth(given.second_truth))
    return replace(evidence, calls=read_calls(given.calls) if given.calls else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
