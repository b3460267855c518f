"""What comes back from a worker: one record per attempt. At most 16 KiB as JSON; `bounded` cuts what is longer."""

from pydantic import AwareDatetime, Field, JsonValue

from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.wire import Wire

RECORD_VERSION = 1
MAX_RECORD_BYTES = 16 * 1024


class CheckFailure(Wire):
    """One check that did not hold. `expected` and `actual` are short printable texts, already made safe."""

    check: str = Field(description="the key of the suite format: value, pattern, error, …")
    path: str = ""
    expected: str
    actual: str
    actual_type: str = Field(default="", description="JSON type of what was found, or `absent`, where that matters")
    step: str = Field(default="", description="`setup 1`, `step 2 (login)`, …; empty: the test's own call")
    diff: str = Field(default="", description="a readable difference of two long or deep values, some 20 lines")

    @property
    def title(self) -> str:
        """`value at $.x`, or the check alone."""
        return f"{self.check} at {self.path}" if self.path else self.check

    def __str__(self) -> str:
        return f"{self.title}: expected {self.expected}, got {self.actual}"


class Cause(Wire):
    """Why an attempt did not pass: a word of a closed set and one sentence."""

    kind: CauseKind
    message: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else str(self.kind)


class Timing(Wire):
    """Seconds. `call_s` is stamped beside the server: last byte of the request written → answer line received."""

    total_s: float = Field(default=0.0, allow_inf_nan=False)
    call_s: float | None = Field(default=None, allow_inf_nan=False)
    session_wait_s: float = Field(default=0.0, allow_inf_nan=False, description="for a session, cold start included")
    start_s: float = Field(default=0.0, allow_inf_nan=False, description="of that: starting the server's process")
    initialize_s: float = Field(default=0.0, allow_inf_nan=False, description="of that: the handshake, and the lists")
    checks_s: float = Field(default=0.0, allow_inf_nan=False, description="judging, scripts included")
    loop_gap_s: float = Field(default=0.0, allow_inf_nan=False, description="longest stall of the loop during the call")


class Usage(Wire):
    """What the server's process tree used while the test ran, where it could be measured (`sampled`: by looking)."""

    memory_peak_bytes: int | None = None
    cpu_s: float | None = Field(default=None, allow_inf_nan=False)
    processes: int | None = None
    sampled: bool = True


class Samples(Wire):
    """The calls of a test that makes its call several times. Seconds, stamped beside the server."""

    calls: int
    passed: int
    p50_s: float = Field(allow_inf_nan=False)
    p90_s: float = Field(allow_inf_nan=False)
    p95_s: float = Field(allow_inf_nan=False)
    p99_s: float = Field(allow_inf_nan=False)
    max_s: float = Field(allow_inf_nan=False)
    ops_per_s: float = Field(allow_inf_nan=False)


class Artefact(Wire):
    """A file that an attempt made, kept as a blob: a new snapshot, for one."""

    kind: str = Field(description="snapshot")
    path: str = Field(description="relative to the suite's folder")
    digest: str
    size_bytes: int


class SessionFacts(Wire):
    """Which session carried the call."""

    session_id: str = Field(description="unique per server process started")
    position: int = Field(description="0 for the first call on this session")
    others_in_flight: int = 0
    server_name: str = ""
    server_version: str = ""
    protocol_version: str = ""
    confirmed: bool = Field(default=False, description="the verdict was confirmed on a fresh session")

    @property
    def shared(self) -> bool:
        """Whether other tests used it before or beside this one: what it wrote to stderr may be theirs."""
        return self.position > 0 or self.others_in_flight > 0


class AttemptRecord(Wire):
    """One attempt, or the reason why a test of a group was passed over (`outcome` is None, cause says why)."""

    schema_version: int = RECORD_VERSION
    run_id: str
    number: int
    test_id: str
    lease: int
    worker: str
    outcome: AttemptOutcome | None
    cause: Cause | None = None
    failures: tuple[CheckFailure, ...] = ()
    started_at: AwareDatetime
    ended_at: AwareDatetime
    timing: Timing = Timing()
    session: SessionFacts | None = None
    sessions_started: tuple[str, ...] = Field(default=(), description="ids of the server processes started for it")
    quiet: bool = Field(default=False, description="sample fit for baselines: alone in flight, no loop stall")
    request_written: bool = Field(default=False, description="the server may have seen the request")
    stderr_tail: str = ""
    notes: tuple[str, ...] = Field(default=(), description="findings that do not decide: noise on stdout, slow exit, …")
    answer: JsonValue = Field(default=None, description="clipped answer of a test that did not pass")
    warnings: tuple[CheckFailure, ...] = Field(default=(), description="checks that did not hold and do not decide")
    usage: Usage | None = None
    samples: Samples | None = None
    evidence: str = Field(default="", description="digest of the Evidence blob; empty: none was kept")
    artefacts: tuple[Artefact, ...] = ()

    @property
    def duration_s(self) -> float:
        """Wall time of the attempt in seconds."""
        return max(0.0, (self.ended_at - self.started_at).total_seconds())

    @property
    def reason(self) -> str:
        """Why it did not pass: the first check that did not hold, else its cause; empty where neither is known."""
        if self.outcome is AttemptOutcome.FAILED and self.failures:
            more = len(self.failures) - 1
            return str(self.failures[0]) + (f" (and {more} more)" if more else "")
        return str(self.cause) if self.cause else ""
