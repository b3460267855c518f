"""Suites and their targets → plans, numbered on. Pure.

Adds to what `plan_suite` plans all that a target says of its workers: what to install, to offer, to keep secret.
"""

from collections.abc import Sequence

from harness.errors import Problem, SuiteErrors
from harness.models.job import SuitePlan
from harness.secrets.places import secrets_named
from harness.suites.expand import Planning, plan_suite
from harness.suites.findings import quoted
from harness.suites.load import LoadedSuite
from harness.targets.choose import Chosen
from harness.targets.read import LoadedTarget


def plan_chosen(chosen: Sequence[Chosen], planning: Planning) -> tuple[SuitePlan, ...]:
    """One plan for every suite and target; raises SuiteErrors with the problems of all, each once."""
    plans: list[SuitePlan] = []
    problems: dict[Problem, None] = {}
    for pair in chosen:
        for target in pair.targets:
            try:
                plans.append(_planned(pair.suite, target, planning, sum(len(plan.tests) for plan in plans)))
            except SuiteErrors as errors:
                problems.update(dict.fromkeys(errors.problems))
    if problems:
        raise SuiteErrors(tuple(problems))
    return tuple(plans)


def _planned(loaded: LoadedSuite, target: LoadedTarget, planning: Planning, first_number: int) -> SuitePlan:
    plan = plan_suite(loaded, target.target, planning, first_number)
    if not target.file:
        return plan
    _refuse_other_secrets(loaded, target, plan)
    of_target = {
        "install": target.install,
        "requires": target.target.requires,
        "secrets": target.target.secrets,
    }
    return plan.model_copy(update=of_target)


def _refuse_other_secrets(loaded: LoadedSuite, target: LoadedTarget, plan: SuitePlan) -> None:
    """Its owner says which secrets a server may see; a suite of somebody else cannot name others."""
    used = secrets_named(plan.model_dump(mode="json"))
    for name in sorted(used - set(target.target.secrets)):
        message = f"the secret {quoted(name)} is not among the 'secrets' of target {quoted(target.target.name)}"
        raise SuiteErrors((Problem(loaded.file, 1, 1, message, f"let its owner add it in {target.file}"),))
