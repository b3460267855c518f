"""A request made many times, for limits on its time: warm-up, iterations, several in flight. Judges every answer."""

import asyncio
import time
from dataclasses import dataclass, field

from harness.checks.answer import Answer
from harness.checks.performance import Measured, judge_performance, not_measured
from harness.concluding import conclude
from harness.models.attempt import CheckFailure
from harness.models.job import PlannedCall
from harness.models.performance import Performance
from harness.scene import Scene


@dataclass
class _Tally:
    """What came of the calls so far. `worst` is the first answer that did not pass, `last` the last one at all."""

    durations_s: list[float] = field(default_factory=list)
    calls: int = 0
    passed: int = 0
    worst: tuple[tuple[CheckFailure, ...], Answer] | None = None
    last: Answer | None = None


async def repeat(scene: Scene, call: PlannedCall, limits: Performance) -> None:
    """Make the call as often as its limits say, and conclude. Raises what `Session.call_tool` raises."""
    await _calls(scene, call, limits.warmup_iterations, 1)
    measured, tally = await _measure(scene, call, limits)
    failures = judge_performance(limits, measured)
    if failures and limits.iterations == 1 and tally.worst is None and scene.test.idempotent:
        failures = await _again(scene, call, limits, failures)
    for key in not_measured(limits, measured):
        scene.draft.note(f"performance.{key} was not measured here")
    if limits.iterations > 1:
        scene.draft.samples = measured.samples
    assert tally.last is not None
    if tally.worst is not None and limits.min_success_rate is None:
        conclude(scene.draft, (*tally.worst[0], *failures), tally.worst[1])
    else:
        conclude(scene.draft, failures, tally.last)


async def _again(
    scene: Scene, call: PlannedCall, limits: Performance, failures: tuple[CheckFailure, ...]
) -> tuple[CheckFailure, ...]:
    """A limit that was missed once is measured again before it fails: it may have been our own delay."""
    measured, tally = await _measure(scene, call, limits)
    again = judge_performance(limits, measured)
    if tally.worst is None and not again:
        scene.draft.note(f"measured again, and within its limits then; before: {failures[0]}")
        return ()
    return failures


async def _measure(scene: Scene, call: PlannedCall, limits: Performance) -> tuple[Measured, _Tally]:
    """Make the calls between two looks at what the server uses."""
    session = scene.leased.session
    session.begin_usage()
    await session.measure()
    begun = time.monotonic()
    tally = await _calls(scene, call, limits.iterations, limits.concurrency)
    took_s = time.monotonic() - begun
    await session.measure()
    return Measured(tuple(tally.durations_s), tally.calls, tally.passed, took_s, session.usage()), tally


async def _calls(scene: Scene, call: PlannedCall, count: int, at_once: int) -> _Tally:
    """Make `count` calls, `at_once` of them in flight. The first fault ends them all."""
    tally = _Tally()
    left = iter(range(count))

    async def lane() -> None:
        for _ in left:
            await _one(scene, call, tally)

    if at_once == 1:
        await lane()
        return tally
    try:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(min(at_once, count)):
                lanes.create_task(lane())
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None
    return tally


async def _one(scene: Scene, call: PlannedCall, tally: _Tally) -> None:
    ready = scene.filled(call)
    observation = await scene.ask(ready)
    failures = await scene.judge(ready, observation)
    tally.calls += 1
    tally.passed += not failures
    tally.last = observation.answer
    if observation.call_s is not None:
        tally.durations_s.append(observation.call_s)
    if failures and tally.worst is None:
        tally.worst = (failures, observation.answer)
