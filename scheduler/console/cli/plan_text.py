"""Renders what would run: for `list`, `list --json` and `run --dry-run`. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from harness.models.job import PlannedTest, SuitePlan
from harness.safe_text import one_line
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.terminal import Look
from scheduler.reports.wording import amount

MAX_ID, MAX_COMMAND = 600, 200


def size_text(plans: Sequence[SuitePlan]) -> str:
    """`55 tests on 4 servers`."""
    return f"{amount(sum(len(plan.tests) for plan in plans), 'test')} on {amount(len(plans), 'server')}"


def id_lines(plans: Sequence[SuitePlan], look: Look) -> Iterator[str]:
    """One line per test: its id, its tags, and why it will not run."""
    for plan in plans:
        for test in plan.tests:
            notes = [f"[{tag}]" for tag in test.tags]
            notes += [f"skipped: {test.skip_reason}"] if test.skip_reason else []
            yield one_line(test.test_id, MAX_ID) + _notes(notes, look)


def plan_lines(plans: Sequence[SuitePlan], look: Look) -> Iterator[str]:
    """The plan in full, server by server. Environments are left out: they may hold secrets."""
    for plan in plans:
        yield f"{look.paint(one_line(f'{plan.suite}/{plan.target}', MAX_ID), 'bold')}  {one_line(plan.file, MAX_ID)}"
        yield f"  server  {one_line(plan.server.text, MAX_COMMAND)}"
        ids = {test.number: _path(test, plan) for test in plan.tests}
        for test in plan.tests:
            yield f"  {one_line(_path(test, plan), MAX_ID)}{_notes(_habits(test, ids), look)}"


def plans_json(plans: Sequence[SuitePlan]) -> str:
    """Every test as one JSON object `{"v": 1, "tests": […]}`."""
    ids = {test.number: test.test_id for plan in plans for test in plan.tests}
    tests = [_entry(test, plan, ids) for plan in plans for test in plan.tests]
    return as_json(tests=tests)


def _entry(test: PlannedTest, plan: SuitePlan, ids: Mapping[int, str]) -> dict[str, object]:
    return {
        "id": test.test_id,
        "suite": plan.suite,
        "target": plan.target,
        "kind": test.kind,
        "tool": test.tool,
        "name": test.name,
        "file": test.file,
        "line": test.line,
        "tags": list(test.tags),
        "group": test.group,
        "isolation": test.isolation,
        "depends_on": [ids[number] for number in test.depends_on],
        "timeout_s": test.timeout_s,
        "skip_reason": test.skip_reason,
    }


def _path(test: PlannedTest, plan: SuitePlan) -> str:
    return test.test_id.removeprefix(f"{plan.project}/{plan.suite}/{plan.target}/")


def _habits(test: PlannedTest, ids: Mapping[int, str]) -> list[str]:
    if test.skip_reason:
        return [f"skipped: {test.skip_reason}"]
    return [
        f"limit {test.timeout_s:g}s",
        *([] if test.isolation == "shared" else [f"isolation {test.isolation}"]),
        *([f"group {test.group}"] if test.group else []),
        *([f"after {', '.join(ids[number] for number in test.depends_on)}"] if test.depends_on else []),
        *(f"[{tag}]" for tag in test.tags),
    ]


def _notes(notes: Sequence[str], look: Look) -> str:
    return "  " + look.paint(one_line("  ".join(notes), MAX_ID), "dim") if notes else ""
