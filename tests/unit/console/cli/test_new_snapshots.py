"""What a farm says of new snapshots is not believed: no file outside their folder is touched."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import FarmError
from harness.models.attempt import Artefact, AttemptRecord
from harness.models.outcomes import AttemptOutcome, TestOutcome
from harness.models.run import RunReport, RunState, RunView
from scheduler.console.cli.new_snapshots import write_snapshots
from scheduler.console.cli.settings import read_settings
from scheduler.console.embedded.state_dir import StateDir
from scheduler.store.blobs import DirectoryBlobs
from tests.unit.console.cli.plans import plan_of
from tests.unit.console.cli.reports import START, finished, record

PLAN = plan_of(1).model_copy(update={"file": "sub/a.yaml", "snapshot_folder": "__snapshots__/a/orders"})
INSIDE = "__snapshots__/a/orders/list/large-0.json"
CONTENT = b'"new"\n'
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def attempt(path: str, outcome: AttemptOutcome = AttemptOutcome.PASSED, digest: str = DIGEST) -> AttemptRecord:
    made = Artefact(kind="snapshot", path=path, digest=digest, size_bytes=len(CONTENT))
    return record(outcome=outcome).model_copy(update={"artefacts": (made,)})


def written(tmp_path: Path, *attempts: AttemptRecord, outcome: TestOutcome = TestOutcome.PASSED) -> list[str]:
    """The paths written below the run's folder, which has the content of every digest."""
    settings = replace(read_settings(), state_dir=tmp_path / "state", farm="")
    DirectoryBlobs(StateDir(settings.state_dir).blobs).put(CONTENT, DIGEST)
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True, exist_ok=True)
    run = RunView(run_id="r", project="p", state=RunState.CLOSED, created_at=START, total=1, totals={})
    report = RunReport(run=run, tests=(finished(outcome, *attempts),))
    return [path.relative_to(root).as_posix() for path in write_snapshots(report, root, [PLAN], settings)]


def test_those_of_the_attempt_that_counts_are_written(tmp_path: Path) -> None:
    other = "__snapshots__/a/orders/list/other.json"
    failed = attempt(other, AttemptOutcome.FAILED)
    assert written(tmp_path, failed, attempt(INSIDE), outcome=TestOutcome.FLAKY) == [f"sub/{INSIDE}"]
    assert (tmp_path / "root" / "sub" / INSIDE).read_bytes() == CONTENT


@pytest.mark.parametrize("outcome", [TestOutcome.FAILED, TestOutcome.ERROR, TestOutcome.CANCELLED])
def test_nothing_is_written_for_a_test_that_did_not_pass(tmp_path: Path, outcome: TestOutcome) -> None:
    assert written(tmp_path, attempt(INSIDE), outcome=outcome) == []


@pytest.mark.parametrize(
    "path",
    [
        "../x.json",
        "/etc/x.json",
        "a.yaml",
        "__snapshots__/a/other/x.json",
        "__snapshots__/a/orders/../../x.json",
        "__snapshots__/a/orders/\x1b.json",
    ],
)
def test_a_path_that_is_none_of_the_runs_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(FarmError, match="a place that is none of checkout"):
        written(tmp_path, attempt(path))
    assert list((tmp_path / "root").rglob("*.json")) == []


def test_a_link_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "root" / "sub").mkdir(parents=True)
    (tmp_path / "root" / "sub" / "__snapshots__").symlink_to(elsewhere)
    with pytest.raises(FarmError, match="none of checkout"):
        written(tmp_path, attempt(INSIDE))
    assert list(elsewhere.iterdir()) == []


def test_another_content_than_was_promised_is_refused(tmp_path: Path) -> None:
    settings = replace(read_settings(), state_dir=tmp_path / "state")
    wrong = "0" * 64
    place = StateDir(settings.state_dir).blobs / wrong[:2] / wrong
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    with pytest.raises(FarmError, match="damaged"):
        written(tmp_path, attempt(INSIDE, digest=wrong))
