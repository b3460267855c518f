"""Runs the scripts of a test around its calls, and writes what they say into its draft."""

import time

from pydantic import JsonValue

from harness.concluding import conclude_checks
from harness.errors import ScriptFault
from harness.leasing import HARD_GRACE_S
from harness.models.attempt import CheckFailure
from harness.models.outcomes import AttemptOutcome
from harness.models.script import Phase, PlannedScript
from harness.scene import Scene
from harness.scripts.context import ScriptContext, ScriptMetadata, context_of
from harness.scripts.runner import END_WITHIN_S
from harness.scripts.verdict import CHECK, judge_script
from harness.templates import fill_all


async def run_scripts(scene: Scene, phase: Phase) -> None:
    """Run those that are due, all of them, and conclude when one says no. Raises ScriptFault for one that must speak.

    After the calls they look at the last answer, and only at one that passed the test's own checks.
    """
    begun = time.monotonic()
    failures = []
    for script in scene.test.scripts:
        if script.phase in (phase, Phase.BOTH):
            failure = await _run(scene, script, phase)
            if failure is not None and script.required:
                failures.append(failure)
            elif failure is not None:
                scene.draft.warn(failure)
    scene.draft.checks_s += time.monotonic() - begun
    if failures:
        conclude_checks(scene.draft, failures)


def is_refused(scene: Scene) -> bool:
    """Whether the test has a verdict that is not good."""
    return scene.draft.outcome not in (None, AttemptOutcome.PASSED)


async def _run(scene: Scene, script: PlannedScript, phase: Phase) -> CheckFailure | None:
    try:
        return await _say(scene, _filled(script, scene), phase)
    except ScriptFault as fault:
        if script.required:
            raise ScriptFault(f"{script.name}: {fault}") from fault
        return CheckFailure(check=CHECK, path=script.name, expected="a verdict", actual=str(fault))


async def _say(scene: Scene, script: PlannedScript, phase: Phase) -> CheckFailure | None:
    runner = scene.context.scripts
    if runner is None:
        raise ScriptFault("there is nothing here that runs scripts")
    scene.context.deadline.at = time.monotonic() + script.timeout_s + END_WITHIN_S + HARD_GRACE_S
    verdict = await runner.run(script, _context(scene, phase), scene.leased.sandbox, scene.context.token)
    if verdict.stderr:
        scene.draft.script_output[script.name] = verdict.stderr
    return judge_script(verdict, script)


def _filled(script: PlannedScript, scene: Scene) -> PlannedScript:
    """The script with all that its parameters, its variables and its folder name."""
    names = scene.names
    texts: dict[str, JsonValue] = {"params": script.params, "env": dict(script.env), "working_dir": script.working_dir}
    try:
        filled = fill_all(texts, names)
    except ValueError as problem:
        raise ScriptFault(str(problem)) from None
    return PlannedScript.model_validate({**script.model_dump(), **filled}) if isinstance(filled, dict) else script


def _context(scene: Scene, phase: Phase) -> ScriptContext:
    call, observation = scene.last or (scene.test.call, None)
    facts, test = scene.leased.session.facts, scene.test
    took_s = observation.call_s if observation else None
    metadata = ScriptMetadata(
        test_name=test.name,
        test_id=test.test_id,
        tool_name=call.name,
        method=call.method,
        phase=phase,
        suite=scene.plan.suite,
        target=scene.plan.target,
        duration_ms=None if took_s is None else took_s * 1000,
        server_name=facts.server_name,
        server_version=facts.server_version,
        protocol_version=facts.protocol_version,
    )
    return context_of(call, observation.answer if observation else None, metadata)
