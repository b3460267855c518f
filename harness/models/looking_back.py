"""What runs say of each other: the difference of two runs, and the history of one test. Part of the API."""

from pydantic import AwareDatetime, Field

from harness.models.causes import FixedCause, RunCause, VersionChange
from harness.models.outcomes import EXECUTED, TestOutcome
from harness.models.run import RunView
from harness.models.wire import Wire


class OutcomeChange(Wire):
    """A test that both runs have and that ended otherwise. `None`: it had no outcome."""

    test_id: str
    before: TestOutcome | None
    after: TestOutcome | None
    reason: str = Field(default="", description="why it did not pass in the later run")


class DurationChange(Wire):
    """A test that passed in both runs and took longer or shorter than the noise of the two explains. Seconds."""

    test_id: str
    before_s: float
    after_s: float


class RunDifference(Wire):
    """Two runs beside each other. Lists hold at most 1,000 entries; `…_left_out` says how many more there are."""

    schema_version: int = 1
    before: RunView
    after: RunView
    is_worse: bool = Field(description="a test that did not fail before fails, or there is a new cause")
    new: tuple[RunCause, ...] = Field(default=(), description="causes that only the later run has")
    still: tuple[RunCause, ...] = ()
    fixed: tuple[FixedCause, ...] = Field(default=(), description="causes that only the earlier run has")
    outcomes: tuple[OutcomeChange, ...] = Field(default=(), description="those that fail now first")
    outcomes_left_out: int = 0
    noise: float = Field(default=0.0, description="a duration must change by more than this factor to be told")
    durations: tuple[DurationChange, ...] = Field(default=(), description="the largest factor first")
    durations_left_out: int = 0
    versions: tuple[VersionChange, ...] = ()
    added: tuple[str, ...] = Field(default=(), description="ids of tests that only the later run has")
    added_left_out: int = 0
    removed: tuple[str, ...] = Field(default=(), description="ids of tests that only the earlier run has")
    removed_left_out: int = 0


class PastTest(Wire):
    """One test in one run of the past."""

    run_id: str
    at: AwareDatetime = Field(description="when the run was submitted")
    number: int
    outcome: TestOutcome | None = None
    reason: str = ""
    duration_s: float = 0.0
    call_s: float | None = Field(default=None, description="of the deciding attempt, stamped beside the server")
    attempts: int = 0
    server: str = Field(default="", description="name and version that the server said")
    cause_id: str = ""


class TestHistory(Wire):
    """The newest runs that had one test, the newest first."""

    __test__ = False

    schema_version: int = 1
    test_id: str
    entries: tuple[PastTest, ...]

    @property
    def flaky_rate(self) -> float | None:
        """Share of flaky ones among those that came to a verdict; None when there is none."""
        ended = [entry.outcome for entry in self.entries if entry.outcome in EXECUTED]
        return ended.count(TestOutcome.FLAKY) / len(ended) if ended else None
