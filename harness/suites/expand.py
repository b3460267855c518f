"""LoadedSuite → SuitePlan: every test with its number, id, group, limits, and the reason why it will not run. Pure.

Nothing is dropped here: a test that cannot run yet is planned as `UNSUPPORTED` with its reason. The promise that
tests of one group share their state (docs/suites.md, "Order and state") is turned into group names here.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pydantic import JsonValue

from harness.models.expected import SnapshotMode
from harness.models.job import Bundle, PlannedCall, PlannedTest, SuitePlan, TestKind
from harness.models.method import Method
from harness.models.suite import Isolation, Retry, Suite, TestCase
from harness.models.target import Target
from harness.suites.calls import own_call, planned_calls, planned_fixtures, steps_of
from harness.suites.conditions import Decision, decide
from harness.suites.findings import Findings
from harness.suites.fixtures import arrange, session_fixtures
from harness.suites.ids import slug, suite_slug
from harness.suites.listing import ListedTest, connected, stable_order
from harness.suites.load import LoadedSuite
from harness.suites.placing import plan_files
from harness.suites.scripting import planned_scripts
from harness.suites.snapshots import folder_of
from harness.templates import LATER, Names, fill_all

CAPABILITIES_TEST = "capabilities"
COMPARED_CAPABILITIES = frozenset({"tools", "resources", "prompts", "logging"})
SUITE_GROUP = "suite"
TARGET_PLACE = b"${target"
GIVE_NAME = "give it in 'variables'; a variable of the environment must be allowed (MCPF_ALLOWED_ENV)"


@dataclass(frozen=True)
class Planning:
    """How the suites of a run are planned. `timeout_s` overrides every test's time limit.

    `retry` is the policy of suites that have none; `environment` what conditions may name of it.
    """

    bundle: Bundle
    project: str
    timeout_s: float | None = None
    retry: Retry | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    shuffle: int | None = None
    """Seed of the order of tests that nothing else orders."""
    snapshot_mode: SnapshotMode = SnapshotMode.CI


def plan_suite(loaded: LoadedSuite, target: Target, planning: Planning, first_number: int) -> SuitePlan:
    """Plan every test of a suite against `target`, numbered from `first_number`.

    `loaded` may bear its path within the bundle or any path that ends with it. Raises SuiteErrors when the bundle
    lacks a file that the suite names, or for a condition that cannot be evaluated.
    """
    file, suite = _path_in(planning.bundle, loaded), loaded.suite
    planner = _Planner(loaded, planning, file, target)
    snapshots = f"{folder_of(file, loaded.part)}/{slug(target.name)}"
    return SuitePlan(
        project=planning.project,
        suite=_suite_id(file, loaded),
        name=suite.name,
        depends_on=suite.depends_on,
        target=slug(target.name),
        file=file,
        server=target.server,
        capabilities=suite.capabilities,
        files=plan_files(loaded, file, planning.bundle),
        max_concurrency=suite.test_config.max_concurrency,
        fail_fast=suite.test_config.fail_fast,
        retry=suite.test_config.retry or planning.retry,
        fixtures=planned_fixtures(suite),
        setup_commands=suite.setup_commands,
        teardown_commands=suite.teardown_commands,
        required_success_rate=suite.required_success_rate,
        snapshots=_snapshots(planning.bundle, file, snapshots),
        snapshot_folder=snapshots,
        snapshot_mode=planning.snapshot_mode,
        tests=planner.plan(first_number),
    )


def _snapshots(bundle: Bundle, suite_path: str, folder: str) -> dict[str, str]:
    """The snapshots that there are, by their path below the suite's folder."""
    beside = "" if "/" not in suite_path else f"{suite_path.rpartition('/')[0]}/"
    start = f"{beside}{folder}/"
    return {file.path.removeprefix(beside): file.digest for file in bundle.files if file.path.startswith(start)}


def _facts_of(target: Target) -> JsonValue:
    """What conditions may name of it, as `target.labels.team`."""
    labels: dict[str, JsonValue] = {**target.labels}
    return {"name": slug(target.name), "version": target.version, "owner": target.owner, "labels": labels}


def _suite_id(file: str, loaded: LoadedSuite) -> str:
    """What ids call the suite: its file, and which of the suites in it, where there are several."""
    return f"{suite_slug(file)}.{slug(loaded.part)}" if loaded.part else suite_slug(file)


def _path_in(bundle: Bundle, loaded: LoadedSuite) -> str:
    if loaded.file in bundle.suites:
        return loaded.file
    digest = hashlib.sha256(loaded.text).hexdigest()
    digests = {file.path: file.digest for file in bundle.files}
    shown = PurePosixPath(loaded.file).parts
    ends = [path for path in bundle.suites if shown[-len(parts := PurePosixPath(path).parts) :] == parts]
    same = [path for path in ends if digests.get(path) == digest]
    if not same:
        raise ValueError(f"{loaded.file} is not a suite of this bundle")
    return max(same, key=len)


class _Planner:
    """Plans the tests of one suite. Positions count within the suite, in file order; numbers within the run."""

    def __init__(self, loaded: LoadedSuite, planning: Planning, file: str, target: Target) -> None:
        self._loaded = loaded
        self._planning = planning
        self._suite: Suite = loaded.suite
        self._file = file
        self._id_prefix = f"{planning.project}/{_suite_id(file, loaded)}/{slug(target.name)}"
        self._known: Mapping[str, JsonValue] = {**planning.environment, "target": _facts_of(target)}
        self._findings = Findings(loaded.file)
        arranged = arrange(loaded.suite)
        self._tests, self._edges, self._always = arranged.tests, arranged.edges, arranged.always
        self._groups = group_names(self._suite, self._tests, self._edges)

    def plan(self, first_number: int) -> tuple[PlannedTest, ...]:
        order = stable_order(self._edges, self._ranks())
        head = [self._capabilities_test(first_number)] if declares_capabilities(self._suite) else []
        first = first_number + len(head)
        numbers = {position: first + place for place, position in enumerate(order)}
        decisions = self._decisions(order)
        self._findings.raise_errors()
        planned = (self._planned(position, numbers, decisions[position]) for position in order)
        return (*head, *map(self._with_target, planned))

    def _with_target(self, test: PlannedTest) -> PlannedTest:
        """What a test names of its target is known now."""
        if TARGET_PLACE not in self._loaded.text:
            return test
        names = Names({"target": self._known["target"]}, later=LATER - {"target"})
        return PlannedTest.model_validate(fill_all(test.model_dump(mode="json", exclude_unset=True), names))

    def _ranks(self) -> Sequence[float]:
        """What orders tests that no dependency orders: their place in the file, or chance."""
        seed = self._planning.shuffle
        if seed is None:
            return self._places_in_file()
        chance = random.Random(f"{seed}/{self._id_prefix}")
        return [chance.random() for _ in self._tests]

    def _places_in_file(self) -> Sequence[float]:
        """For each test how many stand before it, whatever sections they are in; as listed where files are mixed."""
        marks = [self._loaded.shape.spot_of(listed.place).value for listed in self._tests]
        if any(mark.file for mark in marks):
            return range(len(marks))
        order = sorted(range(len(marks)), key=lambda position: marks[position])
        places = dict(zip(order, range(len(marks)), strict=True))
        return [places[position] for position in range(len(marks))]

    def _decisions(self, order: Sequence[int]) -> Mapping[int, Decision]:
        """What is known of every test. What needs a skipped test is skipped; a clean-up when all it cleans up is."""
        decisions: dict[int, Decision] = {}
        for position in order:
            skipped = [other for other in self._edges[position] if decisions[other].reason]
            if skipped and (position not in self._always or len(skipped) == len(self._edges[position])):
                decisions[position] = Decision(f"depends on a skipped test: {self._tests[skipped[0]].label}")
            else:
                decisions[position] = self._decision(self._tests[position])
        return decisions

    def _decision(self, listed: ListedTest) -> Decision:
        try:
            return decide(self._suite, listed.test, self._known)
        except ValueError as problem:
            key = str(problem).split(" ", 1)[0]
            place = (*listed.place, key) if getattr(self._suite, key, None) is None else (key,)
            hint = GIVE_NAME if "there is no" in str(problem) else ""
            self._findings.error(self._loaded.shape.spot_of(place).value, str(problem), hint)
            return Decision()

    def _planned(self, position: int, numbers: Mapping[int, int], decision: Decision) -> PlannedTest:
        listed = self._tests[position]
        test, own = listed.test, own_call(listed)
        uses = session_fixtures(self._suite, test)
        return PlannedTest(
            number=numbers[position],
            test_id=f"{self._id_prefix}/{listed.path}",
            kind=TestKind.REQUEST if uses or decision.open else _kind_of(test, own),
            method=Method.CALL_TOOL if own is None else own.method,
            tool="" if own is None else own.name,
            name=test.name,
            input={} if own is None else own.input,
            expected=test.expected if own is None else own.expected,
            setup=planned_calls("setup", test.setup),
            steps=steps_of(test, own),
            cleanup=planned_calls("cleanup", test.cleanup),
            isolation=isolation_of(self._suite, listed),
            group=self._groups[position],
            depends_on=tuple(numbers[other] for other in self._edges[position]),
            timeout_s=self._limit_of(listed),
            idempotent=test.idempotent,
            skip_reason=decision.reason,
            conditions=decision.open,
            always=position in self._always,
            scripts=planned_scripts(self._suite, test, PurePosixPath(self._file).parent, self._planning.bundle),
            performance=test.performance,
            uses=uses,
            priority=self._suite.priority + test.priority,
            tags=(*test.tags, *(tag for tag in self._suite.tags if tag not in test.tags)),
            file=self._file,
            line=self._loaded.line_of(listed.place),
        )

    def _limit_of(self, listed: ListedTest) -> float:
        return self._planning.timeout_s or listed.test.timeout_seconds or self._suite.test_config.timeout_seconds

    def _capabilities_test(self, number: int) -> PlannedTest:
        in_suite_group = self._suite.isolation is Isolation.SUITE
        return PlannedTest(
            number=number,
            test_id=f"{self._id_prefix}/{CAPABILITIES_TEST}",
            kind=TestKind.CAPABILITIES,
            name=CAPABILITIES_TEST,
            isolation=Isolation.SUITE if in_suite_group else Isolation.SHARED,
            group=SUITE_GROUP if in_suite_group else None,
            timeout_s=self._planning.timeout_s or self._suite.test_config.timeout_seconds,
            file=self._file,
            line=self._loaded.line_of(("capabilities",)),
        )


def _kind_of(test: TestCase, own: PlannedCall | None) -> TestKind:
    is_plain = own is not None and own.method is Method.CALL_TOOL and test.expected.snapshot is False
    has_more = test.setup or test.steps or test.cleanup or test.performance or test.scripts or test.validation_scripts
    return TestKind.TOOL if is_plain and not has_more else TestKind.REQUEST


def declares_capabilities(suite: Suite) -> bool:
    """True when the suite says anything about the server that can be compared with its answer."""
    given = suite.capabilities.model_dump(include=set(COMPARED_CAPABILITIES))
    return any(value is not None for value in given.values())


def isolation_of(suite: Suite, listed: ListedTest) -> Isolation:
    """A test's own isolation, or else the suite's."""
    return listed.test.isolation or suite.isolation


def group_names(suite: Suite, tests: Sequence[ListedTest], edges: Sequence[Sequence[int]]) -> tuple[str | None, ...]:
    """For each test the group whose state it shares, or None.

    Dependencies, one `group:` and isolation `suite` join tests, also through each other. The name comes from
    the strongest bond: `suite`, `group:NAME` (the first one), or `after:` and the path of the first test.
    """
    bonds: dict[str, list[int]] = defaultdict(list)
    for position, listed in enumerate(tests):
        if isolation_of(suite, listed) is Isolation.SUITE:
            bonds[SUITE_GROUP].append(position)
        if listed.test.group:
            bonds[f"group:{listed.test.group}"].append(position)
    joined = [list(needed) for needed in edges]
    for members in bonds.values():
        for position in members[1:]:
            joined[position].append(members[0])
    bond_of = {position: name for name in sorted(bonds, key=_weakness, reverse=True) for position in bonds[name]}
    names: list[str | None] = [None] * len(tests)
    for members_of_group in connected(len(tests), joined):
        found = sorted((bond_of[position] for position in members_of_group if position in bond_of), key=_weakness)
        if len(members_of_group) == 1 and not found:
            continue
        name = (
            SUITE_GROUP if SUITE_GROUP in found else found[0] if found else f"after:{tests[members_of_group[0]].path}"
        )
        for position in members_of_group:
            names[position] = name
    return tuple(names)


def _weakness(bond: str) -> bool:
    return bond != SUITE_GROUP
