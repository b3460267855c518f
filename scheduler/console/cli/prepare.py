"""Turns paths into a run that is ready to be submitted: load all, pack, plan, select. Starts and writes nothing."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import NothingSelected, Problem, SuiteErrors
from harness.models.job import PlannedTest, SuitePlan
from harness.models.run import Selection
from harness.suites.bundle import PackedBundle, pack
from harness.suites.expand import Planning
from harness.suites.load import LoadedSuite, Loading, common_folder, load_paths
from harness.suites.select import select
from harness.targets.choose import Chosen, choose, targets_of
from harness.targets.find import gather
from harness.targets.plan import plan_chosen
from harness.targets.read import LoadedTarget
from harness.targets.travel import files_of_targets

PROJECT = "default"


@dataclass(frozen=True)
class Narrowing:
    """Which tests of the suites are wanted. `failed`: ids of an earlier run; those count that are still there."""

    selection: Selection = field(default_factory=Selection)
    failed: frozenset[str] | None = None
    changed_since: str | None = None

    def selection_among(self, plans: Sequence[SuitePlan]) -> Selection:
        """The selection that says all of it. Raises NothingSelected when no test of the earlier run is here."""
        if self.failed is None:
            return self.selection
        known = tuple(test.test_id for plan in plans for test in plan.tests if test.test_id in self.failed)
        if not known:
            raise NothingSelected("none of the tests that did not pass then is in these suites")
        return self.selection.model_copy(update={"test_ids": known})


@dataclass(frozen=True)
class PreparedRun:
    """A run's files and what will run. `root` is the folder that ids and paths of the run are relative to."""

    name: str
    root: Path
    bundle: PackedBundle
    plans: tuple[SuitePlan, ...]
    warnings: tuple[Problem, ...]
    deferred: tuple[Problem, ...]
    selection: Selection = field(default_factory=Selection)

    @property
    def tests(self) -> tuple[PlannedTest, ...]:
        """Every selected test, by number."""
        return tuple(test for plan in self.plans for test in plan.tests)


def prepare(
    paths: Sequence[Path], narrowing: Narrowing, loading: Loading, *, timeout_s: float | None = None
) -> PreparedRun:
    """Load all files before anything else; raises SuiteErrors with every problem, UsageError or NothingSelected."""
    loaded = load_paths(paths, loading)
    root = common_folder(paths)
    if narrowing.changed_since is not None:
        from scheduler.console.cli.changed import changed_suites

        loaded = changed_suites(root, loaded, narrowing.changed_since)
    wanted = narrowing.selection
    chosen = choose(loaded, gather(root, loaded, loading, wanted), wanted)
    packed, plans = pack_and_plan(root, chosen, loading, timeout_s)
    sources: list[LoadedSuite | LoadedTarget] = [*(pair.suite for pair in chosen), *targets_of(chosen)]
    selection = narrowing.selection_among(plans)
    return PreparedRun(
        name=_name_of(paths),
        root=root,
        bundle=packed,
        selection=selection,
        plans=select(plans, selection),
        warnings=tuple(warning for source in sources for warning in source.warnings),
        deferred=tuple(problem for source in sources for problem in source.deferred),
    )


def pack_and_plan(
    root: Path, chosen: Sequence[Chosen], loading: Loading, timeout_s: float | None = None
) -> tuple[PackedBundle, tuple[SuitePlan, ...]]:
    """What is sent, and all that would run. SuiteErrors with what suites want packed or placed and cannot have."""
    suites = [pair.suite for pair in chosen]
    packed = pack(root, suites, files_of_targets(root, chosen))
    planning = Planning(packed.bundle, PROJECT, timeout_s, environment=loading.environment)
    pairs = [replace(pair, suite=suite) for pair, suite in zip(chosen, packed.suites, strict=True)]
    try:
        return packed, plan_chosen(pairs, planning)
    except SuiteErrors as errors:
        shown = {packed.file: suite.file for packed, suite in zip(packed.suites, suites, strict=True)}
        renamed = (replace(problem, file=shown.get(problem.file, problem.file)) for problem in errors.problems)
        raise SuiteErrors(tuple(renamed)) from None


def selection_of(given: argparse.Namespace) -> Selection:
    """What --filter, --tag, --test, --target and --label select."""
    which = {"filter": given.filter, "tags": tuple(given.tag), "test_ids": tuple(given.test)}
    return target_selection_of(given).model_copy(update=which)


def target_selection_of(given: argparse.Namespace) -> Selection:
    """What --target and --label select."""
    return Selection(targets=tuple(given.target), labels=dict(given.label))


def _name_of(paths: Sequence[Path]) -> str:
    names = [path.name or str(path.resolve().name) for path in paths]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
