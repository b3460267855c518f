"""A run as others see it: what is submitted, what is shown while it goes on, and the report at its end."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from harness.models.attempt import AttemptRecord
from harness.models.causes import Comparison, RunCause
from harness.models.expected import SnapshotMode
from harness.models.outcomes import CauseKind, TestOutcome
from harness.models.suite import Retry
from harness.models.wire import Wire

REPORT_VERSION = 1
OVERRUN_S = 12.0
"""After its time limit a test may take this long until its server is killed, or else its worker."""


class Selection(Wire):
    """Which tests of the suites run. Empty fields select everything; given fields must all hold."""

    filter: str = Field(default="", description="RE2 expression, found anywhere in the test id")
    tags: tuple[str, ...] = Field(default=(), description="tests that carry any of these")
    test_ids: tuple[str, ...] = Field(default=(), description="exact ids, or their ends after a slash")
    targets: tuple[str, ...] = Field(default=(), description="names of targets; those that suites name are narrowed")
    labels: dict[str, str] = Field(default_factory=dict, description="targets that have all of these, likewise")


class Lane(StrEnum):
    """Which queue the tests of a run wait in."""

    INTERACTIVE = "interactive"  # somebody waits for it: small, taken first
    BATCH = "batch"


class RunRequest(Wire):
    """Body of `POST /v1/runs`: a bundle that is already in the artefact store, and how to run it."""

    schema_version: int = 1
    project: str = "default"
    bundle: str = Field(description="digest of the Bundle's canonical JSON")
    name: str = ""
    selection: Selection = Selection()
    timeout_s: float | None = Field(default=None, gt=0, le=3600, description="overrides every test's time limit")
    fail_fast: bool = False
    lenient: bool = Field(default=False, description="unknown keys of suites are warnings")
    lane: Lane | None = Field(default=None, description="without it small runs are interactive, large ones batch")
    deadline_s: float | None = Field(default=None, gt=0, le=7 * 24 * 3600, description="the run ends after this")
    retry: Retry | None = Field(default=None, description="policy of suites that have none")
    snapshot_mode: SnapshotMode = Field(default=SnapshotMode.CI, description="`ci` where nobody keeps new ones")
    shuffle: int | None = Field(default=None, ge=0, lt=2**53, description="seed by which the order of tests is mixed")


class CancelRequest(Wire):
    """Body of `POST /v1/runs/{id}/cancel`, which may be left out."""

    reason: str = Field(default="", max_length=300, description="kept with the run and shown in its reports")


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    CANCELLING = "cancelling"
    CLOSED = "closed"


class AttemptReport(Wire):
    """One stored record, and what the farm made of it."""

    record: AttemptRecord
    stale: bool = Field(default=False, description="came under a lease that was no longer current")
    superseded: bool = Field(default=False, description="its group started again")


class TestReport(Wire):
    """One test of a run. `outcome` is None while it is open."""

    __test__ = False

    number: int
    test_id: str
    suite: str
    target: str
    name: str
    tool: str = ""
    file: str = ""
    line: int = 0
    tags: tuple[str, ...] = ()
    outcome: TestOutcome | None = None
    cause: CauseKind | None = Field(default=None, description="the first word of the reason, where there is one")
    reason: str = Field(default="", description="one sentence: why it did not pass, or was skipped")
    duration_s: float = 0.0
    warned: bool = Field(default=False, description="a check that does not decide did not hold")
    attempts: tuple[AttemptReport, ...] = ()


class RunView(Wire):
    """A run in brief: `GET /v1/runs/{id}`."""

    schema_version: int = 1
    run_id: str
    project: str
    name: str = ""
    state: RunState
    created_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    total: int
    totals: dict[TestOutcome, int] = Field(description="final tests by outcome; absent means none")
    stale_records: int = 0
    exit_code: int | None = Field(default=None, description="once closed")
    warnings: tuple[str, ...] = ()
    lane: Lane = Lane.BATCH
    deadline_at: AwareDatetime | None = None
    retries: int = Field(default=0, description="tests that were run again because their suite asks for it")
    notice: str = Field(default="", description="why it does not go on at the moment")

    @property
    def open(self) -> int:
        """How many tests have no outcome yet."""
        return self.total - sum(self.totals.values())

    @property
    def current_notice(self) -> str:
        """The notice of a run that is still to end; one that has ended keeps its last."""
        return "" if self.state is RunState.CLOSED else self.notice


class SuiteTerms(Wire):
    """A suite whose author tolerates some tests that do not pass."""

    suite: str
    target: str
    required_success_rate: float


class RunReport(Wire):
    """A run in full: the JSON report. Its JSON Schema is `docs/report.schema.json`."""

    schema_version: int = REPORT_VERSION
    run: RunView
    tests: tuple[TestReport, ...]
    suites: tuple[SuiteTerms, ...] = Field(default=(), description="suites of which not all tests must pass")
    causes: tuple[RunCause, ...] = Field(default=(), description="NEW before STILL, the largest first")
    comparison: Comparison | None = Field(default=None, description="without it there is no run to compare with")


class EventKind(StrEnum):
    """What a RunEvent tells."""

    TEST_FINISHED = "test.finished"
    RUN_FINISHED = "run.finished"
    RUN_NOTICE = "run.notice"  # `run.notice` says why the run does not go on, or is empty: it goes on again


class RunEvent(Wire):
    """One step of a run, in order: `GET /v1/runs/{id}/events`. `seq` counts from 1 and lets a reader resume.

    A notice is no step: it bears the number of the step before it. Readers pass over kinds that they do not know.
    """

    schema_version: int = 1
    seq: int
    kind: EventKind
    test: TestReport | None = None
    run: RunView | None = None


class OpenTests(Wire):
    """How many tests of a run have no outcome yet, by where they stand."""

    blocked: int = Field(default=0, description="waits for an earlier test of its group")
    ready: int = Field(default=0, description="waits to be published")
    retry_wait: int = Field(default=0, description="waits for its time to be run again")
    published: int = Field(default=0, description="waits in a queue, or in its group, for a worker")
    started: int = Field(default=0, description="a worker has it")


class SuiteStatus(Wire):
    """One suite against one target of a run, as counts."""

    suite: str
    target: str
    total: int
    totals: dict[TestOutcome, int] = Field(description="as in RunView")

    @property
    def open(self) -> int:
        """How many of its tests have no outcome yet."""
        return self.total - sum(self.totals.values())


class FailedTest(Wire):
    """One test that did not pass, in brief."""

    number: int
    test_id: str
    outcome: TestOutcome
    reason: str = Field(default="", description="one sentence, with its cause")
    duration_s: float = 0.0


class RunningTest(Wire):
    """A test that a worker runs now."""

    number: int
    test_id: str
    worker: str = ""
    for_s: float | None = Field(default=None, description="seconds since it was taken; None where that is not known")


class RunningTests(Wire):
    """What workers run of one run at one moment."""

    total: int = 0
    tests: tuple[RunningTest, ...] = Field(default=(), description="at most 50, the longest first")


class RunStatus(Wire):
    """How a run stands at one moment: `GET /v1/runs/{id}/status`. As large for 100,000 tests as for ten."""

    schema_version: int = 1
    at: AwareDatetime = Field(description="the farm's clock when it looked")
    run: RunView
    open: OpenTests = OpenTests()
    rate: float = Field(default=0.0, description="tests a second: the newest 200; of a closed run all of it")
    suites: tuple[SuiteStatus, ...] = Field(default=(), description="at most 1,000, in the order of the request")
    suites_left_out: int = 0
    newest_failures: tuple[FailedTest, ...] = Field(default=(), description="at most 10, the newest first")
    running: RunningTests = RunningTests()


class HeldTest(Wire):
    """A test that a worker has, or whose message it has."""

    run_id: str
    number: int
    test_id: str


class WorkerView(Wire):
    """One worker process as the farm sees it: `GET /v1/workers`. Of a silent one little may be known."""

    schema_version: int = 1
    name: str
    pool: str = ""
    host: str = ""
    pid: int | None = None
    version: str = ""
    slots: int = 0
    live: bool = Field(description="heard of within the last 20 s")
    heard_s: float = Field(description="seconds since it was last heard of")
    holds: int = Field(default=0, description="tests whose lease it has taken")
    at_gate: int = Field(default=0, description="messages it has and does not begin, because one is to run alone")
    tests: tuple[HeldTest, ...] = Field(default=(), description="of what it holds: those the key may see, at most 256")
    waiting: tuple[HeldTest, ...] = Field(default=(), description="of what is at its gate: likewise")
