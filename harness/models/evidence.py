"""What is kept of one attempt beyond its record: requests, answers, every check. A blob, named in the record.

It travels compressed (gzip), at most 256 KiB then; made printable and cut by its maker.
"""

from pydantic import Field, JsonValue

from harness.models.attempt import CheckFailure
from harness.models.wire import Wire

EVIDENCE_VERSION = 1
MAX_EVIDENCE_BYTES = 256 * 1024


class Exchange(Wire):
    """One request and its answer, as they are shown."""

    step: str = Field(default="", description="`setup 1`, `step 2 (login)`, `cleanup 1`; empty: the test's own call")
    method: str
    name: str = Field(default="", description="tool, prompt or URI")
    request: JsonValue = Field(default=None, description="params, cut")
    response: JsonValue = Field(default=None, description="result, or {error: …}; cut")
    request_bytes: int = 0
    response_bytes: int = 0
    is_error: bool = False
    is_cut: bool = Field(default=False, description="request or response is shown in part")
    begins_s: float = Field(default=0.0, description="since the attempt began")
    took_s: float | None = Field(default=None, description="stamped beside the server; None: no answer")


class HeldCheck(Wire):
    """A check that held."""

    check: str
    path: str = ""
    expected: str = ""
    step: str = ""


class Evidence(Wire):
    """All of one attempt."""

    schema_version: int = EVIDENCE_VERSION
    exchanges: tuple[Exchange, ...] = ()
    exchanges_left_out: int = 0
    failures: tuple[CheckFailure, ...] = Field(default=(), description="all, where the record holds the first few")
    held: tuple[HeldCheck, ...] = ()
    stderr: str = ""
    script_output: dict[str, str] = Field(default_factory=dict, description="script → what it wrote to stderr")
