"""What `validate` does: say everything that is wrong with suites and a configuration. Starts and writes nothing."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import Problem, SuiteErrors
from harness.models.run import Selection
from harness.safe_text import one_line
from harness.suites.expand import declares_capabilities
from harness.suites.listing import list_tests
from harness.suites.load import LoadedSuite, Loading, common_folder, load_each
from harness.suites.select import select
from scheduler.console.cli.config_file import read_config
from scheduler.console.cli.prepare import pack_and_plan
from scheduler.reports.wording import amount

MAX_LINE = 2000


def validate(paths: Sequence[Path], config: Path | None, loading: Loading) -> None:
    """Check the files, and show what is right and what is noteworthy. SuiteErrors with the problems of all of them."""
    loaded = load_each(paths, loading)
    problems = [*loaded.problems, *_problems_of_running(paths, loaded.suites, loading)]
    bad = {problem.file for problem in problems}
    for suite in loaded.suites:
        if suite.file not in bad:
            _show_suite(suite)
    if config:
        try:
            deferred = read_config(config).deferred
        except SuiteErrors as errors:
            problems += errors.problems
        else:
            _show(f"{config}: ok")
            _show_deferred(deferred)
    sys.stdout.flush()
    if problems:
        raise SuiteErrors(tuple(problems))


def _problems_of_running(paths: Sequence[Path], suites: Sequence[LoadedSuite], loading: Loading) -> tuple[Problem, ...]:
    """What `run` would refuse in suites that are good by themselves: it packs, plans and selects in the same way."""
    if not suites:
        return ()
    try:
        select(pack_and_plan(common_folder(paths), suites, loading)[1], Selection())
    except SuiteErrors as errors:
        return errors.problems
    return ()


def _show_suite(suite: LoadedSuite) -> None:
    tests = len(list_tests(suite.suite)) + declares_capabilities(suite.suite)
    _show(f"{suite.file}: ok, {amount(tests, 'test')}")
    for warning in suite.warnings:
        _show(f"  warning: {warning}")
    _show_deferred(suite.deferred)


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
