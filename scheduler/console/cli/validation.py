"""What `validate` does: say everything that is wrong with suites and a configuration. Starts and writes nothing."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.errors import Problem, SuiteErrors
from harness.safe_text import one_line
from harness.suites.listing import list_tests
from harness.suites.load import LoadedSuite, load_each
from scheduler.console.cli.config_file import read_config
from scheduler.reports.wording import amount

MAX_LINE = 2000


def validate(paths: Sequence[Path], config: Path | None, *, lenient: bool) -> None:
    """Check the files, and show what is right and what is noteworthy. SuiteErrors with the problems of all of them."""
    loaded = load_each(paths, lenient=lenient)
    for suite in loaded.suites:
        _show_suite(suite)
    problems = list(loaded.problems)
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


def _show_suite(suite: LoadedSuite) -> None:
    _show(f"{suite.file}: ok, {amount(len(list_tests(suite.suite)), 'test')}")
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
