"""What commands print with --json: one object `{"v": 1, …}` on stdout, of an error as well. Light: main loads it.

https://jsonlines.org for `run`, which prints one object a line. Members are added within a version, never changed.
"""

import json
from typing import Any

from harness.errors import (
    BlobMissing,
    FarmError,
    FarmRefused,
    FarmUnreachable,
    LauncherFailed,
    NoSuchTest,
    NothingSelected,
    Problem,
    RunMissing,
    ServerFault,
    SuiteErrors,
    UsageError,
)

VERSION = 1
MAX_PROBLEMS = 200
BUG = "bug"

CODES: tuple[tuple[type[FarmError], str], ...] = (
    (SuiteErrors, "suite.invalid"),
    (NothingSelected, "selection.empty"),
    (RunMissing, "run.missing"),
    (NoSuchTest, "test.missing"),
    (UsageError, "usage"),
    (ServerFault, "server.fault"),
    (LauncherFailed, "launcher.failed"),
    (BlobMissing, "blob.missing"),
    (FarmUnreachable, "farm.unreachable"),
    (FarmRefused, "farm.refused"),
    (FarmError, "farm.failed"),
)
"""Kind of error → the word that programs may rely on. The first row that fits decides."""


def as_json(**members: Any) -> str:
    """One object for people and programs. `members` hold what JSON can."""
    return json.dumps({"v": VERSION, **members}, indent=2)


def as_line(**members: Any) -> str:
    """One object on one line."""
    return json.dumps({"v": VERSION, **members}, separators=(",", ":"))


def error_json(error: Exception) -> str:
    """An error as `{"v": 1, "error": {"code", "message", "hint", "at"}}`; of suites also all its `problems`."""
    told: dict[str, Any] = {"code": _code(error), "message": str(error), "hint": "", "at": None}
    if isinstance(error, SuiteErrors) and error.problems:
        told |= _told(error.problems[0])
        told["problems"] = [_told(problem) for problem in error.problems[:MAX_PROBLEMS]]
    return as_json(error=told)


def _told(problem: Problem) -> dict[str, Any]:
    place = {"file": problem.file, "line": problem.line, "column": problem.column}
    return {"message": problem.message, "hint": problem.hint, "at": place}


def _code(error: Exception) -> str:
    return next((code for kind, code in CODES if isinstance(error, kind)), BUG)
