"""The command `list`: the tests that suites hold, as they would run. Starts nothing, writes nothing."""

import sys

from scheduler.console.cli.arguments import (
    CommandParser,
    add_selection_options,
    add_suite_options,
    add_target_options,
    command_parser,
)
from scheduler.console.cli.settings import read_settings
from scheduler.console.cli.terminal import look_of


def main(argv: list[str]) -> int:
    """Print the ids of the tests that `argv` names."""
    given = parser().parse_args(argv)
    from harness.suites.load import Loading
    from scheduler.console.cli.plan_text import id_lines, plans_json, size_text
    from scheduler.console.cli.prepare import Narrowing, prepare, selection_of

    loading = Loading(given.lenient, environment=read_settings().suite_environment, target_folders=tuple(given.targets))
    plans = prepare(given.paths, Narrowing(selection_of(given)), loading).plans
    if given.json:
        print(plans_json(plans))
        return 0
    for line in id_lines(plans, look_of(sys.stdout, read_settings())):
        print(line)
    print(size_text(plans), file=sys.stderr)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("list", "Show the tests that suites hold. Starts nothing.")
    add_suite_options(parser)
    add_target_options(parser)
    add_selection_options(parser)
    return parser
