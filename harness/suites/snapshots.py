"""Where the snapshots of a suite are: below its folder, by suite, target and test. Pure."""

import hashlib
from pathlib import PurePosixPath

from harness.models.suite import Suite
from harness.suites.findings import Findings
from harness.suites.fixtures import SECTION
from harness.suites.ids import slug
from harness.suites.shape import Shape
from harness.suites.step_rules import all_expectations, all_steps

FOLDER = "__snapshots__"
EXTENSION = ".json"
MAX_NAME_BYTES = 200


def folder_of(file: str, part: str) -> str:
    """The snapshots of one suite, against all targets, relative to the folder of its `file`."""
    name = slug(PurePosixPath(file).stem)
    return f"{FOLDER}/{name}.{slug(part)}" if part else f"{FOLDER}/{name}"


def path_of(folder: str, test_id: str, label: str, name: str | bool) -> str:
    """The snapshot of one answer: a test's own, or that of a step by its name or else by its place."""
    step = name if isinstance(name, str) else slug(label.partition(" (")[0]) if label else ""
    path = _short(f"{test_id.split('/', 3)[-1]}.{step}" if step else test_id.split("/", 3)[-1])
    return f"{folder}/{path}{EXTENSION}"


def _short(path: str) -> str:
    """What a file may be called; of a variant with many values the rest is a hash."""
    folders, slash, name = path.rpartition("/")
    if len(name) > MAX_NAME_BYTES:
        name = f"{name[: MAX_NAME_BYTES - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{folders}{slash}{name}"


def takes_snapshots(suite: Suite) -> bool:
    """Whether any answer is compared with what it was."""
    return any(expected.snapshot is not False for _, expected in all_expectations(suite))


def only_tests_take_snapshots(suite: Suite, shape: Shape, findings: Findings) -> None:
    """Which test prepares a fixture is chance, so that its snapshot would have no place."""
    for place, step in all_steps(suite):
        if step.expected.snapshot is not False and place[0] == SECTION:
            mark = shape.spot_of((*place, "expected", "snapshot")).key
            findings.error(mark, "a fixture has no snapshot", "compare in the steps of a test")
