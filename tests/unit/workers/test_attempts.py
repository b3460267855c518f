"""What becomes of a message: taken or dropped, recorded or handed back, and what a group does next."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.errors import BlobMissing, ServerUnavailable
from harness.models.attempt import AttemptRecord
from harness.models.job import PlannedTest
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.secrets.store import SecretStore
from tests.unit.workers.fakes import FakeLedger, message_for, plan_of, planned
from workers.attempts import Attempts, Runner
from workers.bundles import LoadedPlan
from workers.equipment import Equipment
from workers.health import STALLED_S, Consumption
from workers.jobs import EndedBy, Job, Outcome
from workers.leases import Held, Taken
from workers.loading import EngineLoader
from workers.plan_secrets import PlanSecrets
from workers.recording import Recorder
from workers.sessions import PoolKey
from workers.settings import WorkerSettings
from workers.vitals import Vitals

GROUP = tuple(planned(n, group="g") for n in range(3))
CANCELLED_NEXT = (1, AttemptOutcome.ABORTED, CauseKind.CANCELLED)


@dataclass
class FakeSessions:
    """Has no session to give: fails at once, or keeps tests waiting."""

    waits: bool = False
    ended: list[PoolKey] = field(default_factory=list)

    @asynccontextmanager
    async def lease(self, *args: object) -> Any:
        if self.waits:
            await asyncio.Event().wait()
        raise ServerUnavailable("it does not start")
        yield

    def end_group(self, key: PoolKey) -> None:
        self.ended.append(key)


@dataclass
class FakeCheckup:
    """Finds what it is told to find, after a while where `gate` is set."""

    trouble_found: str = ""
    gate: asyncio.Event | None = None
    targets: list[str] = field(default_factory=list)

    async def trouble(self, record: AttemptRecord, target: str) -> str:
        self.targets.append(target)
        if self.gate is not None:
            await self.gate.wait()
        return self.trouble_found


@dataclass
class FakeBundles:
    """One plan, or none."""

    loaded: LoadedPlan | None
    gate: asyncio.Event | None = None

    async def plan(self, digest: str, token: str) -> LoadedPlan:
        if self.gate is not None:
            await self.gate.wait()
        if self.loaded is None:
            raise BlobMissing("no blob digest")
        return self.loaded


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """Attempts among fakes."""

    def __init__(self, *tests: PlannedTest, has_plan: bool = True) -> None:
        settings = WorkerSettings(redis_url="redis://x", worker_name="w1")
        self.ledger, self.sessions, self.checkup = FakeLedger(), FakeSessions(), FakeCheckup()
        loaded = LoadedPlan("digest", plan_of(*tests).model_dump_json().encode()) if has_plan else None
        self.bundles = FakeBundles(loaded)
        self.clock = Clock()
        secrets = SecretStore({}, None)
        self.vitals = Vitals(Consumption((), 4, self.clock))
        self.recorder = Recorder(settings, self.ledger, self.sessions, self.vitals.held)  # type: ignore[arg-type]
        self.attempts = Attempts(
            "w1",
            Runner(
                EngineLoader(),
                self.sessions,  # type: ignore[arg-type]
                self.checkup,  # type: ignore[arg-type]
                Equipment(secrets, PlanSecrets(secrets)),
            ),
            ledger=self.ledger,  # type: ignore[arg-type]
            bundles=self.bundles,  # type: ignore[arg-type]
            recorder=self.recorder,
            vitals=self.vitals,
        )

    async def run(self, test: PlannedTest, job: Job | None = None, **said: Any) -> Outcome:
        message = message_for(test).model_copy(update=said)
        return await self.attempts.run(job or _job(), message.model_dump(mode="json"))

    async def begin(self, test: PlannedTest) -> tuple[Job, "asyncio.Task[Outcome]"]:
        """Begin a test that waits for its session for ever."""
        self.sessions.waits = True
        job = _job()
        job.task = asyncio.create_task(self.run(test, job))
        await _turns_until(lambda: bool(self.vitals.held.all()))
        await asyncio.sleep(0)
        return job, job.task

    def records(self) -> list[AttemptRecord]:
        return [AttemptRecord.model_validate_json(record) for _, record, _ in self.ledger.records]


def test_a_test_is_recorded_and_its_lease_let_go() -> None:
    async def story() -> None:
        bench = Bench(planned(0))

        outcome = await bench.run(planned(0))

        (record,) = bench.records()
        assert (record.outcome, record.worker) == (AttemptOutcome.ERROR, "w1")
        assert outcome == Outcome(ok=False, shown="error, server unavailable: it does not start")
        assert bench.vitals.held.all() == [] and bench.vitals.consumption.in_flight == 0

    asyncio.run(story())


@pytest.mark.parametrize("answer", [Taken.STALE, Taken.ELSEWHERE, Taken.CANCELLED])
def test_a_lease_that_is_refused_is_not_run(answer: Taken) -> None:
    async def story() -> None:
        bench = Bench(*GROUP, planned(9))
        bench.ledger.answer = answer

        for test in (planned(9), GROUP[0]):
            outcome = await bench.run(test)
            assert outcome.ok and outcome.shown.startswith("dropped")

        assert bench.records() == [] and bench.recorder.groups.all() == []

    asyncio.run(story())


def test_a_test_whose_plan_is_missing_is_lost() -> None:
    async def story() -> None:
        bench = Bench(has_plan=False)

        await bench.run(planned(0))

        (record,) = bench.records()
        assert (record.outcome, record.cause and record.cause.kind) == (AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("cut", "outcome", "kind"),
    [
        (Held.CANCELLED, AttemptOutcome.ABORTED, CauseKind.CANCELLED),
        (EndedBy.REVOKED, AttemptOutcome.ABORTED, CauseKind.CANCELLED),
        (EndedBy.TIME_LIMIT, AttemptOutcome.TIMEOUT, CauseKind.TIME_LIMIT),
    ],
)
def test_a_test_that_is_cut_short_is_recorded_with_its_reason(
    cut: Held | EndedBy, outcome: AttemptOutcome, kind: CauseKind
) -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        job, running = await bench.begin(planned(0))

        _cut(bench, job, cut)

        assert not (await running).ok
        (record,) = bench.records()
        assert (record.outcome, record.cause and record.cause.kind) == (outcome, kind)
        assert bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_test_whose_lease_is_lost_is_not_recorded() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        job, running = await bench.begin(GROUP[0])

        _cut(bench, job, Held.LOST)

        assert (await running).shown == "dropped: its lease was lost"
        assert bench.records() == [] and bench.vitals.held.all() == []
        assert bench.sessions.ended == [PoolKey("r1", "digest", "g", 1)]

    asyncio.run(story())


def test_a_test_that_is_handed_back_gives_its_lease_back_and_stays_unsettled() -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        job, running = await bench.begin(planned(0))

        _cut(bench, job, EndedBy.HANDED_BACK)

        with pytest.raises(asyncio.CancelledError):
            await running
        assert bench.records() == [] and len(bench.ledger.released) == 1

    asyncio.run(story())


def test_a_test_that_is_handed_back_while_it_takes_its_lease_gives_it_back() -> None:
    async def story() -> None:
        for test in (planned(9), GROUP[0]):
            bench = Bench(*GROUP, planned(9))
            bench.ledger.answers = False
            job = _job()
            job.task = asyncio.create_task(bench.run(test, job))
            await _turns_until(lambda: bool(bench.ledger.taken))  # noqa: B023 - called at once

            _cut(bench, job, EndedBy.HANDED_BACK)

            with pytest.raises(asyncio.CancelledError):
                await job.task
            assert bench.ledger.released == bench.ledger.taken
            assert bench.recorder.groups.all() == []

    asyncio.run(story())


def test_a_test_whose_plan_is_missing_is_handed_back_while_it_takes_its_lease() -> None:
    async def story() -> None:
        bench = Bench(has_plan=False)
        bench.ledger.answers = False
        job = _job()
        job.task = asyncio.create_task(bench.run(planned(0), job))
        await _turns_until(lambda: bool(bench.ledger.taken))

        _cut(bench, job, EndedBy.HANDED_BACK)

        with pytest.raises(asyncio.CancelledError):
            await job.task
        assert bench.ledger.released == bench.ledger.taken and bench.records() == []

    asyncio.run(story())


def test_a_message_is_known_to_be_here_from_its_arrival_until_its_lease_is_taken() -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        bench.bundles.gate = asyncio.Event()
        bench.sessions.waits = True
        arrived = asyncio.create_task(bench.run(planned(0)))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 1)
        assert bench.vitals.at_gate == {"r1:0:1"} and bench.ledger.taken == []

        bench.bundles.gate.set()
        await _turns_until(lambda: bool(bench.vitals.held.all()))

        assert bench.vitals.at_gate == set()
        arrived.cancel()

    asyncio.run(story())


@pytest.mark.parametrize("has_plan", [True, False])
def test_a_message_that_is_dropped_is_here_no_more(has_plan: bool) -> None:
    async def story() -> None:
        bench = Bench(*GROUP, has_plan=has_plan)
        bench.ledger.answer = Taken.STALE

        for member in GROUP:
            await bench.run(member)

        assert bench.vitals.at_gate == set()

    asyncio.run(story())


def test_a_member_that_is_revoked_while_it_takes_its_lease_leaves_a_group_that_is_given_up() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])
        bench.ledger.answers = False
        job = _job()
        job.task = asyncio.create_task(bench.run(GROUP[1], job))
        await _turns_until(lambda: len(bench.ledger.taken) == 2)

        _cut(bench, job, EndedBy.REVOKED)

        with pytest.raises(asyncio.CancelledError):
            await job.task
        await bench.recorder.give_up_stranded(after_s=0)
        assert [(record.number, record.outcome) for record in bench.records()][1:] == [(1, AttemptOutcome.LOST)]

    asyncio.run(story())


def test_a_group_that_is_handed_back_is_lost_and_over() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        job, running = await bench.begin(GROUP[0])

        _cut(bench, job, EndedBy.HANDED_BACK)

        await running
        assert [_ended(record) for record in bench.records()] == [(0, AttemptOutcome.LOST, CauseKind.HANDED_BACK)]
        assert bench.ledger.records[0][2] is None and bench.recorder.groups.all() == []

    asyncio.run(story())


def test_a_member_sends_the_next_one_under_the_same_token() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)

        await bench.run(GROUP[0])

        ((lease, _, following),) = bench.ledger.records
        assert following is not None
        assert (following.lease.number, following.lease.token) == (1, lease.token)
        assert following.queue == "tests.v1.default.own.w1" and b'"r1-1-1"' in following.message
        assert bench.vitals.held.all() == [following.lease]

    asyncio.run(story())


def test_a_group_goes_to_its_end_and_lets_go_of_everything() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)

        for member in GROUP:
            await bench.run(member)

        assert [record.number for record in bench.records()] == [0, 1, 2]
        assert bench.recorder.groups.all() == [] and bench.vitals.held.all() == []
        assert bench.sessions.ended == [PoolKey("r1", "digest", "g", 1)]

    asyncio.run(story())


def test_a_next_member_that_is_here_before_the_answer_is_run() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        bench.ledger.gate = asyncio.Event()

        first = asyncio.create_task(bench.run(GROUP[0]))
        await _turns_until(lambda: len(bench.ledger.records) == 1)
        second = asyncio.create_task(bench.run(GROUP[1]))
        await _turns_until(lambda: second.done() or len(bench.ledger.records) == 2)
        bench.ledger.gate.set()

        assert not (await first).shown.startswith("dropped") and not (await second).shown.startswith("dropped")
        assert [record.number for record in bench.records()] == [0, 1]
        assert [lease.number for lease in bench.vitals.held.all()] == [2]

    asyncio.run(story())


def test_a_next_member_that_is_here_before_the_answer_and_cannot_begin_is_kept_alive() -> None:
    async def story() -> None:
        bench = Bench(*GROUP, planned(9))
        bench.ledger.gate = asyncio.Event()
        first = asyncio.create_task(bench.run(GROUP[0]))
        await _turns_until(lambda: len(bench.ledger.records) == 1)
        suspect = asyncio.create_task(bench.run(planned(9), alone=True))
        second = asyncio.create_task(bench.run(GROUP[1]))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 3)
        bench.sessions.waits = True
        bench.ledger.gate.set()

        await first

        assert 1 in [lease.number for lease in bench.vitals.held.all()] and not second.done()
        for task in (suspect, second):
            task.cancel()

    asyncio.run(story())


def test_a_record_that_is_no_longer_wanted_ends_the_group() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        bench.ledger.current = False

        await bench.run(GROUP[0])

        assert bench.recorder.groups.all() == [] and bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_worker_that_closes_hands_no_group_on_but_gives_it_up() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        bench.recorder.close()

        await bench.run(GROUP[0])
        await bench.recorder.give_up_groups()

        assert bench.ledger.records[0][2] is None
        assert [(record.number, record.outcome) for record in bench.records()] == [
            (0, AttemptOutcome.ERROR),
            (1, AttemptOutcome.LOST),
        ]
        assert bench.recorder.groups.all() == []

    asyncio.run(story())


def test_a_group_whose_next_message_is_lost_is_given_up_after_a_while() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])

        await bench.recorder.give_up_stranded(after_s=60)
        bench.ledger.waiting = 1
        await bench.recorder.give_up_stranded(after_s=0)
        assert len(bench.records()) == 1 and bench.recorder.groups.all()

        bench.ledger.waiting = 0
        await bench.recorder.give_up_stranded(after_s=0)

        assert [(record.number, record.outcome) for record in bench.records()][1:] == [(1, AttemptOutcome.LOST)]
        assert bench.recorder.groups.all() == [] and bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_lease_lost_while_its_record_waits_supersedes_the_record() -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        bench.ledger.gate = asyncio.Event()
        job = _job()
        job.task = asyncio.create_task(bench.run(planned(0), job))
        await _turns_until(lambda: bool(bench.ledger.records))
        (lease,) = bench.vitals.held.all()

        bench.vitals.held.lose(lease, Held.CANCELLED)
        assert bench.ledger.superseded == []
        bench.vitals.held.lose(lease, Held.LOST)
        assert bench.ledger.superseded == [lease]

        bench.ledger.gate.set()
        await job.task
        assert len(bench.records()) == 1 and bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_suspect_waits_until_nothing_else_runs_and_takes_no_lease_before() -> None:
    async def story() -> None:
        bench = Bench(planned(0), planned(1), planned(2))
        _, first = await bench.begin(planned(0))
        suspect = asyncio.create_task(bench.run(planned(1), alone=True))
        later = asyncio.create_task(bench.run(planned(2)))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 3)
        for _ in range(50):
            await asyncio.sleep(0)
        assert [lease.number for lease in bench.ledger.taken] == [0]

        bench.sessions.waits = False
        first.cancel()
        await suspect
        await later

        assert [lease.number for lease in bench.ledger.taken] == [0, 1, 2]

    asyncio.run(story())


def test_a_worker_whose_tests_wait_for_a_suspect_is_not_stalled() -> None:
    async def story() -> None:
        bench = Bench(*(planned(n) for n in range(4)))
        _, running = await bench.begin(planned(0))
        others = [asyncio.create_task(bench.run(planned(n), alone=n == 1)) for n in range(1, 4)]
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 4)

        bench.vitals.consumption.note(waiting=9)
        bench.clock.now += 10 * STALLED_S

        assert not bench.vitals.consumption.is_stalled()
        for task in (running, *others):
            task.cancel()

    asyncio.run(story())


def test_what_has_not_begun_goes_back_when_the_worker_closes_and_what_runs_stays() -> None:
    async def story() -> None:
        bench = Bench(planned(0), planned(1), planned(2))
        _, running = await bench.begin(planned(0))
        jobs = [_job(), _job()]
        suspect = asyncio.create_task(bench.run(planned(1), jobs[0], alone=True))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 2)

        bench.attempts.close()
        late = asyncio.create_task(bench.run(planned(2), jobs[1]))

        for task in (suspect, late):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert [job.ended_by for job in jobs] == [EndedBy.HANDED_BACK] * 2
        assert [lease.number for lease in bench.ledger.taken] == [0] and not bench.ledger.released
        assert not running.done()
        running.cancel()

    asyncio.run(story())


def test_a_member_that_is_revoked_while_the_worker_lets_others_end_is_given_up_at_once() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])
        bench.ledger.answers = False
        job = _job()
        job.task = asyncio.create_task(bench.run(GROUP[1], job))
        await _turns_until(lambda: len(bench.ledger.taken) == 2)
        bench.recorder.close()
        await bench.recorder.give_up_groups()

        _cut(bench, job, EndedBy.REVOKED)

        await _turns_until(lambda: bench.recorder.groups.all() == [])
        assert [_ended(record) for record in bench.records()][1:] == [(1, AttemptOutcome.LOST, CauseKind.HANDED_BACK)]

    asyncio.run(story())


def test_a_member_that_comes_when_the_worker_closes_leaves_a_group_that_is_given_up() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])
        bench.recorder.close()
        bench.attempts.close()

        with pytest.raises(asyncio.CancelledError):
            await bench.run(GROUP[1])
        await bench.recorder.give_up_groups()

        assert [_ended(record) for record in bench.records()][1:] == [(1, AttemptOutcome.LOST, CauseKind.HANDED_BACK)]
        assert bench.recorder.groups.all() == []

    asyncio.run(story())


def test_a_member_that_waits_at_the_gate_is_given_up_with_its_group_when_the_worker_closes() -> None:
    async def story() -> None:
        bench = Bench(*GROUP, planned(8), planned(9))
        await bench.run(GROUP[0])
        _, running = await bench.begin(planned(8))
        suspect = asyncio.create_task(bench.run(planned(9), alone=True))
        member = asyncio.create_task(bench.run(GROUP[1]))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 3)

        bench.recorder.close()
        bench.attempts.close()
        await bench.recorder.give_up_groups()
        await _turns_until(lambda: bench.recorder.groups.all() == [])

        assert [_ended(record) for record in bench.records()][1:] == [(1, AttemptOutcome.LOST, CauseKind.HANDED_BACK)]
        assert not running.done()
        for task in (running, suspect, member):
            task.cancel()

    asyncio.run(story())


def test_a_group_whose_run_is_cancelled_between_two_members_records_the_next_one() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])

        for _ in range(2):
            _cut(bench, _job(), Held.CANCELLED)
        await _turns_until(lambda: len(bench.records()) == 2)
        bench.ledger.answer = Taken.CANCELLED
        outcome = await bench.run(GROUP[1])

        assert outcome.shown.startswith("dropped")
        assert [_ended(record) for record in bench.records()][1:] == [CANCELLED_NEXT]
        assert bench.recorder.groups.all() == [] and bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_group_that_is_refused_its_next_lease_for_a_cancelled_run_records_that_member() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        await bench.run(GROUP[0])
        bench.ledger.answer, bench.ledger.current = Taken.CANCELLED, False

        await bench.run(GROUP[1])

        assert [_ended(record) for record in bench.records()][1:] == [CANCELLED_NEXT]
        assert bench.ledger.records[1][0].token == bench.ledger.records[0][0].token
        assert bench.recorder.groups.all() == [] and bench.vitals.held.all() == []

    asyncio.run(story())


def test_a_member_at_the_gate_whose_run_is_cancelled_is_recorded_once_and_does_not_wait_for_its_turn() -> None:
    async def story() -> None:
        bench = Bench(*GROUP, planned(8), planned(9))
        await bench.run(GROUP[0])
        _, running = await bench.begin(planned(8))
        suspect = asyncio.create_task(bench.run(planned(9), alone=True))
        member = asyncio.create_task(bench.run(GROUP[1]))
        await _turns_until(lambda: bench.vitals.consumption.in_flight == 3)

        next_lease = next(lease for lease in bench.vitals.held.all() if lease.number == 1)
        bench.vitals.held.lose(next_lease, Held.CANCELLED)
        await _turns_until(lambda: len(bench.records()) == 2)
        assert _ended(bench.records()[1]) == CANCELLED_NEXT and not running.done()

        bench.ledger.answer = Taken.CANCELLED
        suspect.cancel()
        assert (await member).shown.startswith("dropped") and len(bench.records()) == 2
        running.cancel()

    asyncio.run(story())


def test_a_group_is_given_up_as_soon_as_the_member_that_runs_has_ended() -> None:
    async def story() -> None:
        bench = Bench(*GROUP)
        _, running = await bench.begin(GROUP[0])
        bench.recorder.close()
        await bench.recorder.give_up_groups()
        assert bench.records() == []

        for lease in bench.vitals.held.all():
            bench.vitals.held.lose(lease, Held.CANCELLED)
        await running

        assert [_ended(record) for record in bench.records()] == [
            (0, AttemptOutcome.ABORTED, CauseKind.CANCELLED),
            (1, AttemptOutcome.LOST, CauseKind.HANDED_BACK),
        ]

    asyncio.run(story())


def test_an_error_that_is_this_workers_own_is_lost_so_that_another_tries() -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        bench.checkup.trouble_found = "no socket for another server"

        await bench.run(planned(0))

        (record,) = bench.records()
        assert _ended(record) == (0, AttemptOutcome.LOST, CauseKind.INFRASTRUCTURE)
        assert "this worker cannot start any server: no socket for another server" in str(record.cause)
        assert bench.checkup.targets == ["p/t"]

    asyncio.run(story())


def test_a_test_can_be_handed_back_while_the_worker_makes_sure_of_itself() -> None:
    async def story() -> None:
        bench = Bench(planned(0))
        bench.checkup.gate = asyncio.Event()
        job = _job()
        job.task = asyncio.create_task(bench.run(planned(0), job))
        await _turns_until(lambda: bool(bench.checkup.targets))

        _cut(bench, job, EndedBy.HANDED_BACK)

        with pytest.raises(asyncio.CancelledError):
            await job.task
        assert bench.records() == [] and len(bench.ledger.released) == 1

    asyncio.run(story())


def _ended(record: AttemptRecord) -> tuple[int, AttemptOutcome | None, CauseKind | None]:
    return record.number, record.outcome, record.cause and record.cause.kind


def _cut(bench: Bench, job: Job, by: Held | EndedBy) -> None:
    if isinstance(by, Held):
        for lease in bench.vitals.held.all():
            bench.vitals.held.lose(lease, by)
        return
    job.ended_by = by
    assert job.task is not None
    job.task.cancel()


def _job() -> Job:
    async def nothing(job: Job) -> Outcome:
        raise AssertionError

    return Job(1, nothing, (), None, lambda pid, at: None, lambda result: None, lambda soft, limit: None)


async def _turns_until(condition: Callable[[], bool]) -> None:
    """Let the loop turn, at most a thousand times, until something is true."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it does not become true")
