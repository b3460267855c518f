"""The command `validate`: everything that is wrong with suite and configuration files. Starts nothing, writes nothing."""

import sys
from collections.abc import Iterable

from harness.errors import Problem, SuiteErrors
from harness.safe_text import one_line
from harness.suites.listing import list_tests
from harness.suites.load import LoadedSuite, load_each
from scheduler.console.cli.arguments import add_config_option, add_suite_options, command_parser
from scheduler.console.cli.config_file import read_config

MAX_LINE = 2000


def main(argv: list[str]) -> int:
    """Check what `argv` names: 0, or 2 with every problem on stderr."""
    parser = command_parser("validate", "Check suites, and a configuration. Starts nothing.")
    add_suite_options(parser)
    add_config_option(parser)
    given = parser.parse_args(argv)
    loaded = load_each(given.paths, lenient=given.lenient)
    for suite in loaded.suites:
        _show_suite(suite)
    problems = list(loaded.problems)
    if given.config:
        try:
            deferred = read_config(given.config).deferred
        except SuiteErrors as errors:
            problems += errors.problems
        else:
            _show(f"{given.config}: ok")
            _show_deferred(deferred)
    sys.stdout.flush()
    if problems:
        raise SuiteErrors(tuple(problems))
    return 0


def _show_suite(suite: LoadedSuite) -> None:
    count = len(list_tests(suite.suite))
    _show(f"{suite.file}: ok, {count} test{'s' if count != 1 else ''}")
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
