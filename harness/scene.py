"""One attempt of a test of several requests, on one session: what all that happens in it share."""

import time
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from harness.checks.case import JudgeInputs
from harness.concluding import judge_answer
from harness.draft import Draft
from harness.errors import BlobMissing, CallTimeout, SessionGone
from harness.expectations import filled
from harness.leasing import HARD_GRACE_S, AttemptContext, LeasedSession
from harness.mcp.observation import Observation
from harness.mcp.subjects import request
from harness.models.attempt import CheckFailure
from harness.models.expected import Expected
from harness.models.job import PlannedCall, PlannedTest, SuitePlan
from harness.models.method import Method
from harness.results import stored
from harness.suites.snapshots import path_of
from harness.templates import Names, fill_all, fill_text
from harness.trace import Asked

CLEANUP_S = 5.0
"""All clean-up of one test together: it comes after the time limit, and before the watchdog."""


@dataclass
class Scene:
    """Mutable, on one loop."""

    test: PlannedTest
    plan: SuitePlan
    context: AttemptContext
    draft: Draft
    leased: LeasedSession
    steps: dict[str, JsonValue] = field(default_factory=dict)
    """What steps stored."""
    last: tuple[PlannedCall, Observation] | None = None
    """The newest request that was answered."""
    until: float = 0.0
    """When its time is over, by the monotonic clock."""

    @property
    def names(self) -> Names:
        """What texts of the suite may name now."""
        known: dict[str, JsonValue] = {**self.leased.session.stored, **self.steps}
        return Names({"sandbox": str(self.leased.sandbox.path), "steps": known, "target": {"name": self.plan.target}})

    def begin(self, limit_s: float) -> None:
        """The time for what follows begins now."""
        self.until = time.monotonic() + limit_s
        self.context.deadline.at = self.until + HARD_GRACE_S
        self.context.deadline.called = True

    def end(self) -> None:
        """Nothing is under way any more."""
        self.context.deadline.at = None
        self.draft.end_call()
        for finding in self.leased.session.notes():
            self.draft.note(finding)

    def filled(self, call: PlannedCall) -> PlannedCall:
        """The call with all that its texts name. Raises ValueError in one sentence."""
        names = replace(self.names, secret=self.context.secret)
        written = fill_all(call.model_dump(mode="json", include={"input"})["input"], names)
        assert isinstance(written, dict)
        return call.model_copy(update={"name": fill_text(call.name, names), "input": written})

    def expected(self, call: PlannedCall) -> Expected:
        """What its answer must be, likewise."""
        return filled(call.expected, self.names)

    async def judge(self, call: PlannedCall, observation: Observation) -> tuple[CheckFailure, ...]:
        """What does not hold of the answer to a call, each failure with its label. Raises what fetching blobs does."""
        begun = time.monotonic()
        expected, plan = self.expected(call), self.plan
        is_call = call.method is Method.CALL_TOOL
        path = ""
        if expected.snapshot is not False:
            path = path_of(plan.snapshot_folder, self.test.test_id, call.label, expected.snapshot)
        inputs = JudgeInputs(
            output_schema=self.leased.session.output_schema(call.name) if is_call else None,
            snapshot=await self._stored(path) if path else None,
            snapshot_mode=plan.snapshot_mode,
            sandbox=str(self.leased.sandbox.path),
            size_bytes=observation.size_bytes,
        )
        failures = await judge_answer(self.draft, expected, observation, inputs, call.label, path)
        self.draft.checks_s += time.monotonic() - begun
        return failures

    async def _stored(self, path: str) -> str | None:
        digest = self.plan.snapshots.get(path)
        if digest is None:
            return None
        if self.context.blob is None:
            raise BlobMissing(f"there is nothing here that fetches the snapshot {path}")
        return (await self.context.blob(digest, self.context.token)).decode("utf-8", "replace")

    async def ask(self, call: PlannedCall) -> Observation:
        """Make one request within what is left of the time, and keep its answer if it is to be stored."""
        left_s = self.until - time.monotonic()
        if left_s <= 0:
            raise CallTimeout(f"no time is left for {call.label or 'its own request'}")
        self.draft.begin_call()
        asked = self.draft.trace.begin(Asked(call.label, call.method, call.name, call.input, time.monotonic()))
        try:
            observation = await request(self.leased.session, call, timeout_s=left_s)
        except SessionGone:
            self.draft.request_written = self.context.deadline.called = False
            raise
        self.draft.observe(observation.call_s, observation.our_delay_s, observation.others_in_flight)
        self.draft.trace.end(asked, observation)
        self.last = call, observation
        if call.store_as:
            self.steps[call.store_as] = stored(observation.answer)
        return observation
