"""What `validate` does: say everything that is wrong with suites and a configuration. Starts and writes nothing."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from harness.errors import Problem, SuiteErrors
from harness.models.run import Selection
from harness.safe_text import one_line
from harness.suites.expand import declares_capabilities
from harness.suites.listing import list_tests
from harness.suites.load import LoadedSuite, Loading, common_folder, load_each
from harness.suites.select import select
from harness.targets.choose import choose_each
from harness.targets.find import gather
from scheduler.console.cli.config_file import read_config
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.prepare import pack_and_plan, target_selection_of
from scheduler.reports.wording import amount

MAX_LINE = 2000


@dataclass(frozen=True)
class Checked:
    """A file that is right, or one suite of a file that holds several. `tests` None: a configuration."""

    file: str
    tests: int | None
    warnings: tuple[Problem, ...]
    deferred: tuple[Problem, ...]
    part: str = ""


def validate(given: argparse.Namespace, loading: Loading) -> None:
    """Check the files, and show what is right and what is noteworthy. SuiteErrors with the problems of all of them."""
    loaded = load_each(given.paths, loading)
    problems = [*loaded.problems, *_problems_of_running(given, loaded.suites, loading)]
    bad = {problem.file for problem in problems}
    files = [_checked_suite(suite) for suite in loaded.suites if suite.file not in bad]
    if given.config:
        try:
            files.append(Checked(str(given.config), None, (), read_config(given.config).deferred))
        except SuiteErrors as errors:
            problems += errors.problems
    if problems and given.json:
        raise SuiteErrors(tuple(problems))
    _show_files(files, as_object=given.json)
    if problems:
        raise SuiteErrors(tuple(problems))


def _problems_of_running(
    given: argparse.Namespace, suites: Sequence[LoadedSuite], loading: Loading
) -> tuple[Problem, ...]:
    """What `run` would refuse in suites that are good by themselves: it chooses, packs, plans and selects likewise."""
    if not suites:
        return ()
    root, selection = common_folder(given.paths), target_selection_of(given)
    try:
        choice = choose_each(suites, gather(root, suites, loading, selection), selection)
        if choice.chosen:
            select(pack_and_plan(root, choice.chosen, loading)[1], Selection())
    except SuiteErrors as errors:
        return errors.problems
    return choice.problems


def _checked_suite(suite: LoadedSuite) -> Checked:
    tests = len(list_tests(suite.suite)) + declares_capabilities(suite.suite)
    return Checked(suite.file, tests, suite.warnings, suite.deferred, suite.part)


def _show_files(files: Sequence[Checked], *, as_object: bool) -> None:
    if as_object:
        print(as_json(files=[_told(file) for file in files]))
    else:
        for file in files:
            _show_file(file)
    sys.stdout.flush()


def _told(file: Checked) -> dict[str, object]:
    return {
        "file": file.file,
        "part": file.part,
        "tests": file.tests,
        "warnings": [asdict(problem) for problem in file.warnings],
        "deferred": [asdict(problem) for problem in file.deferred],
    }


def _show_file(file: Checked) -> None:
    name = f"{file.file}, {file.part}" if file.part else file.file
    _show(f"{name}: ok" if file.tests is None else f"{name}: ok, {amount(file.tests, 'test')}")
    for warning in file.warnings:
        _show(f"  warning: {warning}")
    _show_deferred(file.deferred)


def _show_deferred(problems: Iterable[Problem]) -> None:
    """Keys that do not act yet: each once, with all its lines."""
    lines: dict[str, list[int]] = {}
    for problem in problems:
        lines.setdefault(problem.message, []).append(problem.line)
    for message, numbers in lines.items():
        many = "s" if len(numbers) > 1 else ""
        _show(f"  note: {message} (line{many} {', '.join(map(str, numbers))})")


def _show(text: str) -> None:
    print(one_line(text, MAX_LINE))
