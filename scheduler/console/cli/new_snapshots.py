"""Writes the snapshots that a run took beside their suites: the workers have no disk of ours, so they send them.

What a farm sends is not believed: a path must be one of the run's own, a content that of its digest.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.draft import SNAPSHOT
from harness.errors import FarmError
from harness.models.job import SuitePlan
from harness.models.outcomes import GOOD, AttemptOutcome
from harness.models.run import RunReport, TestReport
from harness.suites.confined import is_inside
from scheduler.console.cli.report_files import write_whole
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.console.embedded.state_dir import StateDir
from scheduler.store.blobs import DirectoryBlobs

Fetch = Callable[[str], bytes]


def write_snapshots(report: RunReport, root: Path, plans: Sequence[SuitePlan], settings: ConsoleSettings) -> list[Path]:
    """Write those of tests that passed; `root` is the folder that the run's paths are relative to. FarmError."""
    found = dict(_found(report, root, plans))
    if not found:
        return []
    with _fetching(settings) as fetch:
        for path, digest in found.items():
            _write(path, fetch(digest), digest)
    return sorted(found)


def _found(report: RunReport, root: Path, plans: Sequence[SuitePlan]) -> Iterator[tuple[Path, str]]:
    by_test = {test.number: plan for plan in plans for test in plan.tests}
    for test in report.tests:
        plan = by_test.get(test.number)
        if plan is not None and test.outcome in GOOD:
            yield from ((_place(root, plan, path), digest) for path, digest in _taken(test).items())


def _taken(test: TestReport) -> Mapping[str, str]:
    """Path → digest of what the attempt took that the outcome rests on."""
    for attempt in reversed(test.attempts):
        if not (attempt.stale or attempt.superseded) and attempt.record.outcome is AttemptOutcome.PASSED:
            return {made.path: made.digest for made in attempt.record.artefacts if made.kind == SNAPSHOT}
    return {}


def _place(root: Path, plan: SuitePlan, path: str) -> Path:
    beside = (root / plan.file).parent.resolve()
    place = beside / path
    is_ours = path.startswith(f"{plan.snapshot_folder}/") and is_inside(path)
    if not is_ours or not place.resolve().is_relative_to(beside):
        raise FarmError(f"the farm sent a snapshot for a place that is none of {plan.suite}: {path[:200]!r}")
    return place


def _write(path: Path, content: bytes, digest: str) -> None:
    if hashlib.sha256(content).hexdigest() != digest:
        raise FarmError(f"the snapshot {path} arrived damaged")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, [content])
    except OSError as error:
        raise FarmError(f"the snapshot {path} cannot be written: {error.strerror}") from error


@contextmanager
def _fetching(settings: ConsoleSettings) -> Iterator[Fetch]:
    """What fetches blobs from the farm of `settings`, or else from the state directory."""
    if not settings.farm:
        yield DirectoryBlobs(StateDir(settings.state_dir).blobs).get
        return
    from scheduler.console.cli.farm_client import FarmClient

    with FarmClient(settings.farm, settings.key) as client:
        yield client.blob
