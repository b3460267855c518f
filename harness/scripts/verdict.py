"""What a script said, and whether that is good enough. Pure.

A verdict is a JSON object with `success` (true or false) or `score` (a number): all that the script wrote to its
standard output, or the last line of it. A test holds when the exit code is the one that is expected *and* the verdict,
where there is one, says so: a text of the server that a script prints cannot outvote the script's own exit code.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from harness.errors import ScriptFault
from harness.models.attempt import CheckFailure
from harness.models.script import PlannedScript
from harness.safe_text import one_line

CHECK = "script"
MAX_MESSAGE_CHARACTERS = 300


@dataclass(frozen=True)
class ScriptVerdict:
    """What a script that ended by itself said. `success` is None when only score or exit code speak.

    `message` is its own, or the last line that it wrote; `stderr` the newest of what it wrote there, printable.
    """

    exit_code: int
    success: bool | None = None
    score: float | None = None
    message: str = ""
    stderr: str = ""
    took_s: float = 0.0


def read_verdict(stdout: bytes, stderr: str, exit_code: int, took_s: float) -> ScriptVerdict:
    """The verdict in what a script wrote. Raises ScriptFault for one that cannot be read."""
    text = stdout.decode("utf-8", "replace").strip()
    found = _verdict_in(text)
    if found is None:
        words = text or stderr.strip()
        return ScriptVerdict(exit_code, message=_shown(words.rpartition("\n")[2]), stderr=stderr, took_s=took_s)
    return ScriptVerdict(
        exit_code,
        success=_success(found.get("success")),
        score=_score(found.get("score")),
        message=_shown(found.get("message", "")),
        stderr=stderr,
        took_s=took_s,
    )


def judge_script(verdict: ScriptVerdict, script: PlannedScript) -> CheckFailure | None:
    """What does not hold; None when all does."""
    if verdict.exit_code != script.expected_exit_code:
        return _failure(script, f"exit code {script.expected_exit_code}", f"exit code {verdict.exit_code}", verdict)
    if verdict.success is False:
        return _failure(script, "success", "no success", verdict)
    if script.min_score is None:
        return None
    wanted = f"a score of at least {script.min_score:g}"
    if verdict.score is None:
        return _failure(script, wanted, "no score", verdict)
    return None if verdict.score >= script.min_score else _failure(script, wanted, f"{verdict.score:g}", verdict)


def _failure(script: PlannedScript, expected: str, found: str, verdict: ScriptVerdict) -> CheckFailure:
    actual = f"{found}: {verdict.message}" if verdict.message else found
    return CheckFailure(
        check=CHECK, path=one_line(script.name, 100), expected=expected, actual=one_line(actual, MAX_MESSAGE_CHARACTERS)
    )


def _verdict_in(text: str) -> dict[str, Any] | None:
    for candidate in (text, text.rpartition("\n")[2]):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and ("success" in found or "score" in found):
            return found
    return None


def _success(said: object) -> bool | None:
    if said is None or isinstance(said, bool):
        return said
    raise ScriptFault(f"its verdict says success: {_shown(said)}; it must be true or false")


def _score(said: object) -> float | None:
    if said is None:
        return None
    if isinstance(said, int | float) and not isinstance(said, bool) and abs(said) < 1e300 and math.isfinite(said):
        return float(said)
    raise ScriptFault(f"its verdict says score: {_shown(said)}; it must be a number")


def _shown(said: object) -> str:
    return one_line(said if isinstance(said, str) else json.dumps(said)[:1000], MAX_MESSAGE_CHARACTERS)
