"""One message from beginning to end: take its lease, run its test, record it.

Owns what becomes of a test that is cut short: by a cancelled run, a lost lease, an operator, the end of the worker.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.draft import Draft
from harness.errors import BlobMissing, FarmError, FarmUnreachable
from harness.leasing import AttemptContext
from harness.log import get_logger
from harness.models.attempt import AttemptRecord, Cause
from harness.models.job import PlannedTest, SuitePlan, TestKind, TestMessage
from harness.models.outcomes import AttemptOutcome, CauseKind
from workers.bundles import Bundles, LoadedPlan
from workers.canary import Checkup
from workers.equipment import Equipment
from workers.jobs import EndedBy, Job, Outcome
from workers.leases import Held, Taken, beat_member
from workers.ledger import Ledger
from workers.loading import EngineLoader
from workers.recording import RUN_CANCELLED, SHUT_DOWN, Attempt, Ending, Recorder
from workers.sessions import Sessions
from workers.solitude import GateClosed, Solitude
from workers.vitals import Vitals

log = get_logger("attempts")

ENDINGS: dict[Held | EndedBy, Ending] = {
    Held.CANCELLED: RUN_CANCELLED,
    EndedBy.REVOKED: (AttemptOutcome.ABORTED, CauseKind.CANCELLED, "an operator revoked this test"),
    EndedBy.TIME_LIMIT: (AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT, "longer than its message allows"),
    EndedBy.HANDED_BACK: (AttemptOutcome.LOST, *SHUT_DOWN),
}
"""What is recorded of a test that was cut short. A lost lease is not recorded; one handed back only in a group."""


@dataclass(frozen=True)
class Runner:
    """What runs tests: the engine, as soon as it is loaded, the sessions that it leases, a look at what came of it,
    and what the tests are given."""

    loader: EngineLoader
    sessions: Sessions
    checkup: Checkup
    equipment: Equipment


class Attempts:
    """Runs messages, many at a time, on one loop."""

    def __init__(
        self, worker: str, runner: Runner, *, ledger: Ledger, bundles: Bundles, recorder: Recorder, vitals: Vitals
    ) -> None:
        self._worker = worker
        self._runner = runner
        self._ledger = ledger
        self._bundles = bundles
        self._recorder = recorder
        self._vitals = vitals
        self._gate = Solitude()

    def close(self) -> None:
        """Take up no more tests: those that have not begun go back to their queues."""
        self._gate.close()

    async def run(self, job: Job, body: Mapping[str, Any]) -> Outcome:
        """The coroutine of the task `farm.run_test`."""
        self._vitals.consumption.began()
        try:
            return await self._run(job, TestMessage.model_validate(body))
        finally:
            self._vitals.consumption.ended()

    async def _run(self, job: Job, message: TestMessage) -> Outcome:
        """Its message is in hand: until the lease is taken, nobody else knows."""
        member = beat_member(message.run_id, message.number, message.lease)
        self._vitals.at_gate.add(member)
        try:
            return await self._run_known(job, message)
        finally:
            self._vitals.at_gate.discard(member)

    async def _run_known(self, job: Job, message: TestMessage) -> Outcome:
        try:
            loaded = await self._bundles.plan(message.plan, message.token)
            test = loaded.test(message.number)
        except (BlobMissing, FarmUnreachable) as fault:
            return await self._record_fault(job, message, fault)
        group = self._recorder.groups.enter(message, test, loaded) if test.group else None
        if test.group and group is None:
            return _dropped("its group is not here, or not at this test")
        attempt = Attempt(job, message, test, self._recorder.lease_for(message, group), group)
        await self._enter(attempt)
        try:
            return await self._run_inside(attempt, loaded)
        finally:
            self._gate.leave()

    async def _enter(self, attempt: Attempt) -> None:
        """Pass the gate, or go back to the queue when this worker stops: no lease was taken yet."""
        try:
            await (self._gate.enter_alone() if attempt.message.alone else self._gate.enter())
        except GateClosed:
            attempt.job.ended_by = EndedBy.HANDED_BACK
            self._miss(attempt)
            raise asyncio.CancelledError from None
        except asyncio.CancelledError:
            self._miss(attempt)
            raise

    async def _run_inside(self, attempt: Attempt, loaded: LoadedPlan) -> Outcome:
        taken = await self._take(attempt)
        if taken is Taken.CANCELLED and self._recorder.still_holds(attempt):
            return await self._record_end(attempt, Held.CANCELLED)
        if taken is not Taken.GRANTED:
            return self._leave(attempt, f"its lease is {taken.name.lower()}")
        return await self._run_taken(attempt, loaded)

    async def _take(self, attempt: Attempt) -> Taken:
        """Take the lease. Whoever is cancelled meanwhile gives it back, for it may have been granted already.

        A later member of a group keeps its own: the group is given up as stranded, or with its worker.
        """
        try:
            taken = await self._ledger.take(attempt.lease)
        except asyncio.CancelledError:
            if not attempt.held_before:
                attempt.job.settling = True
                await self._recorder.give_back(attempt)
            self._miss(attempt)
            raise
        self._vitals.at_gate.discard(attempt.lease.member)
        return taken

    def _miss(self, attempt: Attempt) -> None:
        """Cut short before it began."""
        if attempt.group is not None:
            self._recorder.miss(attempt.group)

    async def _run_taken(self, attempt: Attempt, loaded: LoadedPlan) -> Outcome:
        attempt.task = asyncio.current_task()
        self._vitals.held.add(attempt.lease, lambda held: self._lose(attempt, held), attempt.deadline)
        try:
            record = self._missing_dependency(attempt, loaded) or await self._make_sure(attempt, loaded.plan)
        except asyncio.CancelledError:
            return await self._cut_short(attempt)
        return await self._settle(attempt, record)

    async def _make_sure(self, attempt: Attempt, plan: SuitePlan) -> AttemptRecord:
        """Make the attempt. An error that no server explains may be our own: then another worker is to try."""
        record = await self._make_safely(attempt, plan)
        trouble = await self._runner.checkup.trouble(record, f"{plan.project}/{plan.target}")
        if not trouble:
            return record
        cause = Cause(kind=CauseKind.INFRASTRUCTURE, message=f"this worker cannot start any server: {trouble}")
        return record.model_copy(update={"outcome": AttemptOutcome.LOST, "cause": cause})

    async def _make_safely(self, attempt: Attempt, plan: SuitePlan) -> AttemptRecord:
        try:
            return await self._make_record(attempt, plan)
        except Exception as fault:  # the edge of a test: a fault of our own is recorded as one
            log.exception("attempts.broken", test_id=attempt.test.test_id)
            draft = self._draft(attempt)
            draft.blame(fault)
            return draft.record()

    async def _make_record(self, attempt: Attempt, plan: SuitePlan) -> AttemptRecord:
        context = AttemptContext(
            run_id=attempt.message.run_id,
            lease=attempt.message.lease,
            worker=self._worker,
            plan=attempt.message.plan,
            token=attempt.message.token,
            pulse=self._vitals.pulse,
            fresh=attempt.message.fresh,
            deadline=attempt.deadline,
        )
        engine = await self._runner.loader.get()
        equipped = self._runner.equipment.equip(context, plan)
        return await engine.run_test(attempt.test, plan, self._runner.sessions, equipped)

    def _missing_dependency(self, attempt: Attempt, loaded: LoadedPlan) -> AttemptRecord | None:
        """The record of a member of a group that is passed over."""
        missing = attempt.group.missing_dependency(attempt.test) if attempt.group else None
        if missing is None:
            return None
        draft = self._draft(attempt)
        draft.conclude(None, CauseKind.DEPENDENCY, f"'{loaded.name_of(missing)}' did not pass")
        return draft.record()

    async def _cut_short(self, attempt: Attempt) -> Outcome:
        """Who cancelled it decides what is recorded, and whether its message returns to the queue."""
        ended_by = attempt.lost if attempt.lost is not None else attempt.job.ended_by
        if attempt.task is not None:
            attempt.task.uncancel()
        if ended_by is Held.LOST:
            self._vitals.held.remove(attempt.lease)
            return self._leave(attempt, "its lease was lost")
        if ended_by is EndedBy.HANDED_BACK and attempt.group is None and attempt.may_be_repeated:
            attempt.job.settling = True
            await self._recorder.give_back(attempt)
            raise asyncio.CancelledError
        return await self._record_end(attempt, EndedBy.HANDED_BACK if ended_by is None else ended_by)

    async def _record_end(self, attempt: Attempt, ended_by: Held | EndedBy) -> Outcome:
        draft = self._draft(attempt)
        draft.request_written = attempt.deadline.called
        draft.conclude(*ENDINGS[ended_by])
        return await self._settle(attempt, draft.record())

    async def _record_fault(self, job: Job, message: TestMessage, fault: FarmError) -> Outcome:
        """Record a test whose plan cannot be had."""
        stand_in = PlannedTest(
            number=message.number, test_id=message.test_id, kind=TestKind.UNSUPPORTED, name=message.test_id
        )
        attempt = Attempt(job, message, stand_in, self._recorder.lease_for(message, None))
        if await self._take(attempt) is not Taken.GRANTED:
            return _dropped("its lease is not to be had")
        self._vitals.held.add(attempt.lease, lambda held: self._lose(attempt, held))
        draft = self._draft(attempt)
        draft.blame(fault)
        return await self._settle(attempt, draft.record())

    async def _settle(self, attempt: Attempt, record: AttemptRecord) -> Outcome:
        record = self._runner.equipment.scrubbed(record)
        await self._recorder.record(attempt, record)
        if record.outcome is AttemptOutcome.PASSED:
            return Outcome(ok=True, shown="passed")
        return Outcome(ok=False, shown=f"{record.outcome or 'passed over'}, {record.cause}")

    def _leave(self, attempt: Attempt, why: str) -> Outcome:
        """Somebody else has this test, or nobody is to have it: then its group is over here, too."""
        if attempt.group is not None:
            self._recorder.drop(attempt.group)
        return _dropped(why)

    def _lose(self, attempt: Attempt, held: Held) -> None:
        """A heartbeat says that the test is no longer ours, or no longer wanted."""
        if attempt.job.settling:
            if held is Held.LOST:
                self._ledger.supersede(attempt.lease)
        elif attempt.lost is None and attempt.task is not None:
            attempt.lost = held
            attempt.task.cancel()

    def _draft(self, attempt: Attempt) -> Draft:
        return Draft(attempt.message.run_id, attempt.message.lease, self._worker, attempt.test, self._vitals.pulse)


def _dropped(why: str) -> Outcome:
    return Outcome(ok=True, shown=f"dropped: {why}")
