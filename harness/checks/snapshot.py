"""The check `snapshot`: the answer is what it was when the snapshot was taken. Reads and writes no file.

A snapshot is the JSON of what paths look at, with sorted keys, after redactions, with `${sandbox}` for the path of the
sandbox. It is compared as JSON, on the terms of the expectation: the order of keys never counts.
"""

import json
from dataclasses import dataclass
from typing import Any

from harness.checks.case import Case, Found
from harness.checks.difference import difference
from harness.checks.equality import same_json
from harness.checks.redactions import TooDeep, redacted
from harness.checks.show import LIMIT, Mismatch, show
from harness.models.expected import SnapshotMode
from harness.safe_text import one_line

MAX_BYTES = 1024 * 1024
CHARACTERS_PER_STEP = 50  # of reading and writing JSON
SANDBOX = "${sandbox}"
REMEDY = "run with --update-snapshots to accept it"


@dataclass(frozen=True)
class Taken:
    """What comes of the check: a failure, or a text to keep instead of the stored one, or neither."""

    found: Found | None = None
    new_text: str | None = None


def judge_snapshot(case: Case) -> Taken:
    """Compare with the stored snapshot, or take one; raises BudgetSpent."""
    try:
        text = _without_sandbox(_written(redacted(case.documents[-1], case)), case.inputs.sandbox)
    except (TooDeep, RecursionError):
        return _cannot("nested too deeply to be kept")
    except ValueError as error:
        return _cannot(str(error))
    case.budget.spend(1 + len(text) // CHARACTERS_PER_STEP)
    if len(text.encode()) > MAX_BYTES:
        return _cannot(f"{len(text):,} characters, more than a snapshot holds")
    if case.inputs.snapshot is None:
        return _first(text, case.inputs.snapshot_mode)
    return _compared(json.loads(text), text, case)


def _compared(value: Any, text: str, case: Case) -> Taken:
    stored = _read(case.inputs.snapshot or "")
    if isinstance(stored, _Damaged):
        if case.inputs.snapshot_mode is SnapshotMode.UPDATE:
            return Taken(new_text=text)
        return Taken(Found(Mismatch("a snapshot that can be read", f"not JSON; {REMEDY}")))
    if same_json(stored, value, case.budget, case.terms):
        return Taken()
    if case.inputs.snapshot_mode is SnapshotMode.UPDATE:
        return Taken(new_text=text)
    diff = difference(stored, value, case.terms, case.budget)
    return Taken(Found(Mismatch(show(stored), show(value), f"{diff}\n{REMEDY}".lstrip())))


def _first(text: str, mode: SnapshotMode) -> Taken:
    if mode is SnapshotMode.CI:
        return Taken(Found(Mismatch("a snapshot beside the suite", "none; run the test once outside CI to take it")))
    return Taken(new_text=text)


class _Damaged:
    """Stands for a stored text that is no JSON."""


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _Damaged()


def _written(value: Any) -> str:
    """Lone surrogates, which UTF-8 cannot hold, are escaped."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def _without_sandbox(text: str, sandbox: str | None) -> str:
    """Each session has a folder of its own: its path stands there as suites name it."""
    return text.replace(json.dumps(sandbox, ensure_ascii=False)[1:-1], SANDBOX) if sandbox else text


def _cannot(reason: str) -> Taken:
    return Taken(Found(Mismatch("an answer that a snapshot can hold", one_line(reason, LIMIT))))
