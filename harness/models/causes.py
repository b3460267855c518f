"""Failures that have one signature, and what changed since the run before: part of every report."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from harness.models.wire import Wire


class CauseState(StrEnum):
    """Against the last finished run of the same suites and targets. Without one, everything is new."""

    NEW = "new"
    STILL = "still"


class RunCause(Wire):
    """One cause of a run: the tests of one server (or of several, when they share it) that failed in one way."""

    cause_id: str = Field(description="c and the first 8 hex digits of `key`; the same over days, versions, workers")
    key: str = Field(description="16 hex digits of the signature's hash")
    targets: tuple[str, ...] = Field(description="servers; more than one when all have the same trouble")
    title: str = Field(description="what is wrong, without values: `range at result.items[*].price`")
    family: str = Field(default="", description="kind, step and item: causes of one family differ in their texts alone")
    example: int = Field(description="number of the test that is shown in full")
    example_text: str = Field(default="", description="the first thing that did not hold there, on one line")
    tests: tuple[int, ...] = Field(description="numbers of all its tests, the example first")
    is_server_down: bool = Field(default=False, description="the server could not be started or reached")
    state: CauseState = CauseState.NEW
    since_run: str = Field(default="", description="the first run of an unbroken row with this cause; empty when new")
    since_at: AwareDatetime | None = None


class FixedCause(Wire):
    """A cause of the run before that no test of this run has any more."""

    cause_id: str
    targets: tuple[str, ...]
    title: str
    tests: int = Field(description="how many it had")
    since_at: AwareDatetime | None = None


class VersionChange(Wire):
    """A server that says another version of itself than in the run before."""

    target: str
    before: str
    after: str


class Comparison(Wire):
    """What changed since the last finished run of the same suites and targets."""

    run_id: str = Field(description="of the run before")
    at: AwareDatetime = Field(description="when that one was submitted")
    fixed: tuple[FixedCause, ...] = ()
    versions: tuple[VersionChange, ...] = ()
    added: int = Field(default=0, description="tests that the run before did not have")
    removed: int = Field(default=0, description="tests that only the run before had")
