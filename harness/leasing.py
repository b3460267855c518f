"""What passes between the engine and whoever lends it sessions. Light to import: knows the SDK by its types only."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from harness.models.job import PlannedTest, SuitePlan
from harness.pulse import Pulse

if TYPE_CHECKING:
    from harness.mcp.sandbox import Sandbox
    from harness.mcp.session import Session
    from harness.scripts.runner import ScriptRunner

HARD_GRACE_S = 2.0
"""Between a test's time limit, at which its session kills the server, and the moment at which that has failed."""


@dataclass
class Deadline:
    """When the call under way must be over at the very latest. A watchdog reads it, from another thread."""

    at: float | None = None
    called: bool = False
    """The request of this attempt may have been written."""

    def overdue_s(self) -> float:
        """Seconds since then; 0 before it, or without one."""
        at = self.at
        return 0.0 if at is None else max(0.0, time.monotonic() - at)


@dataclass(frozen=True)
class AttemptContext:
    """Under what lease, where, and with what right to fetch blobs an attempt is made."""

    run_id: str
    lease: int
    worker: str
    plan: str
    token: str
    pulse: Pulse
    deadline: Deadline = field(default_factory=Deadline)
    fresh: bool = False
    """A retry: what was called on a warm session may be why it failed before."""
    secret: Callable[[str], str] | None = None
    """The value of a secret by its name. Raises SecretMissing."""
    secrets_version: str = ""
    """Of the secrets that the server is given: sessions with others are not used."""
    scripts: "ScriptRunner | None" = None
    blob: Callable[[str, str], Awaitable[bytes]] | None = None
    """The content of a blob by digest and token. Raises BlobMissing, FarmUnreachable."""
    keeper: "EvidenceKeeper | None" = None


@dataclass
class LeasedSession:
    """A session that is ours until the lease ends. `started_for_us`: its server was started for this test."""

    session: "Session"
    sandbox: "Sandbox"
    wait_s: float
    started_for_us: bool


class EvidenceKeeper(Protocol):
    """Where what an attempt leaves behind beside its record is kept, scrubbed of secrets, within the run's budget."""

    def wants(self, test: PlannedTest, context: AttemptContext) -> bool:
        """Whether the evidence of this test is wanted although it passed. Asked once: it counts the answer."""

    def scrub_value(self, value: JsonValue) -> JsonValue:
        """The value without that of any secret."""

    def scrub(self, content: bytes) -> bytes:
        """The same for the content of a file."""

    async def keep(self, content: bytes, context: AttemptContext) -> str:
        """Keep it, and say under which digest. Raises NotKept."""


class SessionSource(Protocol):
    """Where sessions come from. Raises ServerUnavailable, BlobMissing, FarmUnreachable.

    A session whose lease ends by an exception is not used again.
    """

    def lease(
        self, test: PlannedTest, plan: SuitePlan, context: AttemptContext
    ) -> AbstractAsyncContextManager[LeasedSession]:
        """Any session that this test may use; a new one when it asks for that."""

    def lease_fresh(
        self, test: PlannedTest, plan: SuitePlan, context: AttemptContext
    ) -> AbstractAsyncContextManager[LeasedSession]:
        """A session that nothing was called on."""
