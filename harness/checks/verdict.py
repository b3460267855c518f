"""What is found while an answer is judged, in bounded number, until it is a value."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from harness.checks.case import Found
from harness.checks.show import show
from harness.models.attempt import CheckFailure
from harness.models.evidence import HeldCheck
from harness.models.expected import Expected
from harness.safe_text import one_line

MAX_HELD = 200
HELD_SHOWN = 100  # characters of what the author wrote
MAX_PATH_SHOWN = 200


@dataclass(frozen=True)
class Held:
    """A check that holds, and what its author wrote under its key."""

    check: str
    path: str
    wanted: Any


@dataclass(frozen=True)
class Judgement:
    """What became of all checks on one answer. `left_out` failures, and `warnings_left_out`, are only counted.

    `holding` has the first 200 checks that hold. `new_snapshot` is the text to keep instead of the stored snapshot;
    None: nothing changes. It is never there beside a failure.
    """

    failures: tuple[CheckFailure, ...] = ()
    warnings: tuple[CheckFailure, ...] = ()
    holding: tuple[Held, ...] = ()
    new_snapshot: str | None = None
    left_out: int = 0
    warnings_left_out: int = 0

    @property
    def held(self) -> tuple[HeldCheck, ...]:
        """The checks that hold, as they are shown: made when somebody asks, most answers are only counted."""
        return tuple(_shown(held) for held in self.holding)


class Enough(Exception):
    """Raised at the first failure when the author wants no more."""


class Verdict:
    """Collects, as the author bounds it."""

    def __init__(self, expected: Expected) -> None:
        self._most = expected.max_validation_errors
        self._goes_on = expected.continue_on_validation_error
        self._failures: list[CheckFailure] = []
        self._warnings: list[CheckFailure] = []
        self._held: list[Held] = []
        self._left_out = self._warnings_left_out = 0
        self._new_snapshot: str | None = None

    def fail(self, check: str, found: Found) -> None:
        """Note a failure; raises Enough when it is to be the only one."""
        if len(self._failures) < self._most:
            self._failures.append(_failure(check, found))
        else:
            self._left_out += 1
        if not self._goes_on:
            raise Enough

    def fail_at_last(self, check: str, found: Found) -> None:
        """Note a failure that is never left out."""
        self._failures.append(_failure(check, found))

    def warn(self, check: str, found: Found) -> None:
        """Note what does not hold and does not decide."""
        if len(self._warnings) < self._most:
            self._warnings.append(_failure(check, found))
        else:
            self._warnings_left_out += 1

    def hold(self, check: str, path: str, wanted: Any) -> None:
        """Note a check that holds."""
        if len(self._held) < MAX_HELD:
            self._held.append(Held(check, path, wanted))

    def take(self, snapshot: str) -> None:
        """Note a new snapshot."""
        self._new_snapshot = snapshot

    def judgement(self) -> Judgement:
        """All of it."""
        return Judgement(
            failures=tuple(self._failures),
            warnings=tuple(self._warnings),
            holding=tuple(self._held),
            new_snapshot=None if self._failures else self._new_snapshot,
            left_out=self._left_out,
            warnings_left_out=self._warnings_left_out,
        )


def _shown(held: Held) -> HeldCheck:
    path = one_line(held.path, MAX_PATH_SHOWN)
    if held.check == "required":
        return HeldCheck(check=held.check, path=path, expected="a value")
    is_model = isinstance(held.wanted, BaseModel) or (
        isinstance(held.wanted, tuple) and any(isinstance(each, BaseModel) for each in held.wanted)
    )
    return HeldCheck(check=held.check, path=path, expected="" if is_model else show(held.wanted, HELD_SHOWN))


def _failure(check: str, found: Found) -> CheckFailure:
    mismatch = found.mismatch
    return CheckFailure(
        check=check,
        path=one_line(found.path, MAX_PATH_SHOWN),
        expected=mismatch.expected,
        actual=mismatch.actual,
        actual_type=found.actual_type,
        diff=mismatch.diff,
    )
