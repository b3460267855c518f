"""A test of several requests: conditions, fixtures, set-up, steps or its own request, limits, clean-up, in this order.

What it does ends in the draft. A step of the set-up that does not do what it should is an error; one of the test
itself a failure; one of the clean-up, which always runs, a warning.
"""

from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from harness.checks.answer import Answer
from harness.concluding import conclude, conclude_no_such_tool
from harness.errors import FarmError, ServerFault
from harness.models.attempt import CheckFailure
from harness.models.job import PlannedCall, PlannedTest
from harness.models.method import Method
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.script import Phase
from harness.repeating import repeat
from harness.scene import CLEANUP_S, Scene
from harness.scripting import is_refused, run_scripts
from harness.suites.conditions import SERVER, verdict_of


class Ended(Exception):
    """Raised inside a flow when its draft has a verdict."""


async def run_flow(scene: Scene) -> None:
    """Run the test of a scene. Raises what `Session.call_tool` raises."""
    scene.begin(scene.test.timeout_s)
    try:
        _look_at_conditions(scene)
        await _prepare_session(scene)
        await _set_up(scene, scene.test.setup)
        await _run_scripts(scene, Phase.BEFORE)
        await _act(scene)
        await _run_scripts(scene, Phase.AFTER)
    except Ended:
        pass
    finally:
        await _clean_up(scene, scene.test.cleanup)
        scene.end()


async def _run_scripts(scene: Scene, phase: Phase) -> None:
    """Scripts have time of their own. What they look at has passed all other checks."""
    if not is_refused(scene):
        await run_scripts(scene, phase)
    if is_refused(scene):
        raise Ended


def _look_at_conditions(scene: Scene) -> None:
    facts = scene.leased.session.facts
    server: JsonValue = {
        "name": facts.server_name,
        "version": facts.server_version,
        "protocol": facts.protocol_version,
        "capabilities": dict(scene.leased.session.capabilities),
    }
    for condition in scene.test.conditions:
        try:
            reason = verdict_of(condition, {**condition.names, SERVER: server})
        except ValueError as problem:
            raise _ended(scene, AttemptOutcome.ERROR, CauseKind.CONDITION, str(problem)) from None
        if reason:
            raise _ended(scene, None, CauseKind.CONDITION, reason)


async def _prepare_session(scene: Scene) -> None:
    """The fixtures of the session that this test uses and that no test before it has prepared."""
    session = scene.leased.session
    for fixture in scene.plan.fixtures:
        if fixture.name in scene.test.uses and fixture.name not in session.prepared:
            before = dict(scene.steps)
            await _set_up(scene, fixture.setup)
            session.stored.update({name: value for name, value in scene.steps.items() if name not in before})
            session.prepared.add(fixture.name)
            session.farewell.extend(scene.filled(call) for call in fixture.cleanup)


async def _set_up(scene: Scene, calls: Iterable[PlannedCall]) -> None:
    for call in calls:
        failures, answer = await _step(scene, call)
        if failures:
            conclude(scene.draft, failures, answer)
            raise _ended(scene, AttemptOutcome.ERROR, CauseKind.SETUP, f"{call.label}: {failures[0]}")


async def _act(scene: Scene) -> None:
    """The steps of the test, or its own request, as often as its limits ask for."""
    test = scene.test
    for call in (*test.steps[:-1], _last(test)):
        is_last = call is test.steps[-1] if test.steps else True
        if is_last and test.performance is not None:
            _ready(scene, call)
            await repeat(scene, call, test.performance)
            return
        failures, answer = await _step(scene, call)
        if failures or is_last:
            conclude(scene.draft, failures, answer)
        if failures:
            raise Ended


def _last(test: PlannedTest) -> PlannedCall:
    return test.steps[-1] if test.steps else test.call


async def _step(scene: Scene, call: PlannedCall) -> tuple[Sequence[CheckFailure], Answer]:
    """One request and what does not hold of its answer, each failure with the step's label."""
    ready = _ready(scene, call)
    observation = await scene.ask(ready)
    return await scene.judge(ready, observation), observation.answer


def _ready(scene: Scene, call: PlannedCall) -> PlannedCall:
    """The call as it goes out. A text that names what there is not, and a tool that is not offered, end the test."""
    try:
        ready = scene.filled(call)
    except ValueError as problem:
        where = f"{call.label}: " if call.label else ""
        raise _ended(scene, AttemptOutcome.ERROR, CauseKind.SETUP, f"{where}{problem}") from None
    tools = scene.leased.session.tools
    if ready.method is Method.CALL_TOOL and tools is not None and ready.name not in tools:
        conclude_no_such_tool(scene.draft, ready.name, tools)
        raise Ended
    return ready


async def _clean_up(scene: Scene, calls: Iterable[PlannedCall]) -> None:
    """Every step of the clean-up, whatever became of those before it."""
    if not calls or not scene.leased.session.alive:
        return
    scene.begin(CLEANUP_S)
    for call in calls:
        try:
            failures = await _step_of_cleanup(scene, call)
        except (ServerFault, FarmError, ValueError) as fault:
            scene.draft.warn(CheckFailure(check="cleanup", step=call.label, expected="an answer", actual=str(fault)))
            return
        for failure in failures:
            scene.draft.warn(failure)


async def _step_of_cleanup(scene: Scene, call: PlannedCall) -> Sequence[CheckFailure]:
    ready = scene.filled(call)
    return await scene.judge(ready, await scene.ask(ready))


def _ended(scene: Scene, outcome: AttemptOutcome | None, kind: CauseKind, message: str) -> Ended:
    scene.draft.conclude(outcome, kind, message)
    return Ended()
