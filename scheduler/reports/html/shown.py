"""What the page shows of one test when it is opened: the shapes that travel in its detail blocks."""

from pydantic import Field, JsonValue

from harness.models.attempt import Samples, SessionFacts, Usage
from harness.models.wire import Wire


class ShownCheck(Wire):
    """One check. `state`: failed, warned (did not hold, does not decide) or held."""

    state: str
    check: str
    path: str = ""
    expected: str = ""
    actual: str = ""
    actual_type: str = ""
    step: str = ""
    diff: str = ""


class ShownExchange(Wire):
    """One request and its answer. `has_request` is false where only the answer was kept."""

    step: str = ""
    method: str = ""
    name: str = ""
    has_request: bool = True
    request: JsonValue = None
    response: JsonValue = None
    request_bytes: int = 0
    response_bytes: int = 0
    is_error: bool = False
    is_cut: bool = False
    took_ms: float | None = None
    begins_ms: float = 0.0


class ShownPhase(Wire):
    """A part of an attempt's time."""

    name: str
    took_ms: float


class ShownAttempt(Wire):
    """One attempt. `note` says why it does not count, where it does not."""

    outcome: str
    note: str = ""
    cause: str = ""
    worker: str = ""
    started: str = ""
    took_ms: float = 0.0
    phases: tuple[ShownPhase, ...] = ()
    checks: tuple[ShownCheck, ...] = ()
    exchanges: tuple[ShownExchange, ...] = ()
    exchanges_left_out: int = 0
    stderr: str = ""
    stderr_title: str = ""
    scripts: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    usage: Usage | None = None
    samples: Samples | None = None
    session: SessionFacts | None = None
    evidence: str = ""


class PastResult(Wire):
    """The same test in an earlier run."""

    run_id: str
    at: str
    outcome: str
    took_ms: float
    server: str = ""
    reason: str = ""


class ShownTest(Wire):
    """One test. `decides`: the place of the attempt that its outcome rests on."""

    test_id: str
    reason: str = ""
    decides: int = 0
    attempts: tuple[ShownAttempt, ...] = ()
    history: tuple[PastResult, ...] = ()
