"""The options of `compare`. Light, so that its --help is quick."""

import argparse

from scheduler.console.cli.arguments import CommandParser, add_farm_options, command_parser
from scheduler.run_names import HELP

EPILOG = """Exit codes: 0 the second run is no worse, 1 a test fails that did not fail in the
first, or there is a new cause. Durations and versions do not decide."""


def main(argv: list[str]) -> int:
    """Show what is different in the second run: 0, or 1 when it is worse."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.run_difference import tell_difference

    return tell_difference(given)


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("compare", "Show what is different between two runs.")
    parser.epilog, parser.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    parser.add_argument("before", metavar="RUN", help=f"the earlier one: {HELP}, or a report.json")
    parser.add_argument("after", metavar="RUN", help="the later one")
    add_farm_options(parser)
    return parser
