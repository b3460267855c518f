"""Keeps what attempts leave behind beside their records: once per content, within a budget per run, or not at all.

The budget is this process's own, so that no server can fill a disk through it; the farm has another for each run.
Where nobody takes blobs, it is not tried again for a while: records must not wait for evidence.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from harness.errors import FarmError, NotKept
from harness.leasing import AttemptContext
from harness.models.job import PlannedTest
from harness.secrets.scrubber import Scrubber

KNOWN_RUNS = 64
PAUSE_S = 20.0


class BlobSink(Protocol):
    """Where blobs of a run are taken."""

    async def store(self, content: bytes, digest: str, context: AttemptContext) -> None:
        """Keep the blob with its run. Raises FarmRefused when it is not wanted, FarmUnreachable."""

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True)
class EvidenceTerms:
    """How much is kept: bytes of one run, and whether every test that passed is, or the first of each subject."""

    run_bytes: int
    all_passed: bool


@dataclass
class _Run:
    """What was kept of one run: digests, bytes, and the subjects of which a test that passed was."""

    digests: set[str] = field(default_factory=set)
    size_bytes: int = 0
    subjects: set[tuple[str, str, str]] = field(default_factory=set)


class EvidenceStore:
    """The engine's EvidenceKeeper. Use on one loop."""

    def __init__(
        self,
        sink: BlobSink,
        terms: EvidenceTerms,
        scrubber: Callable[[], Scrubber],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = sink
        self._terms = terms
        self._scrubber = scrubber
        self._now = now
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._paused_until = 0.0
        self._trouble = ""

    def wants(self, test: PlannedTest, context: AttemptContext) -> bool:
        """Whether a test that passed is the first of its tool, prompt or resource here."""
        subject = (context.plan, str(test.method), test.tool)
        run = self._run(context.run_id)
        if self._terms.all_passed or subject not in run.subjects:
            run.subjects.add(subject)
            return True
        return False

    def scrub_value(self, value: JsonValue) -> JsonValue:
        """The value without that of any secret."""
        return self._scrubber().value(value)

    def scrub(self, content: bytes) -> bytes:
        """The content without the value of any secret."""
        return self._scrubber().scrub(content)

    async def keep(self, content: bytes, context: AttemptContext) -> str:
        """Keep it, and say under which digest. Raises NotKept."""
        digest = hashlib.sha256(content).hexdigest()
        run = self._run(context.run_id)
        if digest in run.digests:
            return digest
        if run.size_bytes + len(content) > self._terms.run_bytes:
            raise NotKept(f"this worker keeps at most {self._terms.run_bytes // 1024**2} MiB of one run")
        await self._store(content, digest, context)
        run.digests.add(digest)
        run.size_bytes += len(content)
        return digest

    async def close(self) -> None:
        """Let go of the sink."""
        await self._sink.close()

    async def _store(self, content: bytes, digest: str, context: AttemptContext) -> None:
        if self._now() < self._paused_until:
            raise NotKept(self._trouble)
        try:
            await self._sink.store(content, digest, context)
        except (FarmError, OSError) as problem:
            self._trouble, self._paused_until = str(problem), self._now() + PAUSE_S
            raise NotKept(self._trouble) from problem

    def _run(self, run_id: str) -> _Run:
        run = self._runs.setdefault(run_id, _Run())
        self._runs.move_to_end(run_id)
        while len(self._runs) > KNOWN_RUNS:
            self._runs.popitem(last=False)
        return run
