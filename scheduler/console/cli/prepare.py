"""Turns paths into a run that is ready to be submitted: load all, pack, plan, select. Starts and writes nothing."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import Problem, SuiteErrors
from harness.models.job import PlannedTest, SuitePlan
from harness.models.run import Selection
from harness.models.target import inline_target
from harness.suites.bundle import PackedBundle, pack
from harness.suites.expand import Planning, plan_suite
from harness.suites.load import LoadedSuite, Loading, common_folder, load_paths
from harness.suites.select import select

PROJECT = "default"


@dataclass(frozen=True)
class PreparedRun:
    """A run's files and what will run. `root` is the folder that ids and paths of the run are relative to."""

    name: str
    root: Path
    bundle: PackedBundle
    plans: tuple[SuitePlan, ...]
    warnings: tuple[Problem, ...]
    deferred: tuple[Problem, ...]

    @property
    def tests(self) -> tuple[PlannedTest, ...]:
        """Every selected test, by number."""
        return tuple(test for plan in self.plans for test in plan.tests)


def prepare(
    paths: Sequence[Path], selection: Selection, loading: Loading, *, timeout_s: float | None = None
) -> PreparedRun:
    """Load all files before anything else; raises SuiteErrors with every problem, UsageError or NothingSelected."""
    loaded = load_paths(paths, loading)
    root = common_folder(paths)
    packed, plans = pack_and_plan(root, loaded, loading, timeout_s)
    return PreparedRun(
        name=_name_of(paths),
        root=root,
        bundle=packed,
        plans=select(plans, selection),
        warnings=tuple(warning for suite in loaded for warning in suite.warnings),
        deferred=tuple(problem for suite in loaded for problem in suite.deferred),
    )


def pack_and_plan(
    root: Path, loaded: Sequence[LoadedSuite], loading: Loading, timeout_s: float | None = None
) -> tuple[PackedBundle, tuple[SuitePlan, ...]]:
    """What is sent, and all that would run. SuiteErrors with what suites want packed or placed and cannot have."""
    packed = pack(root, loaded)
    planning = Planning(packed.bundle, PROJECT, timeout_s, environment=loading.environment)
    plans: list[SuitePlan] = []
    problems: list[Problem] = []
    for suite, shown in zip(packed.suites, loaded, strict=True):
        try:
            target = inline_target(suite.suite.name, suite.suite.server)
            plans.append(plan_suite(suite, target, planning, sum(len(plan.tests) for plan in plans)))
        except SuiteErrors as errors:
            problems += (replace(problem, file=shown.file) for problem in errors.problems)
    if problems:
        raise SuiteErrors(tuple(problems))
    return packed, tuple(plans)


def selection_of(given: argparse.Namespace) -> Selection:
    """What --filter, --tag and --test select."""
    return Selection(filter=given.filter, tags=tuple(given.tag), test_ids=tuple(given.test))


def _name_of(paths: Sequence[Path]) -> str:
    names = [path.name or str(path.resolve().name) for path in paths]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
