"""The options of `history`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, command_parser, count_to

MAX_RUNS, DEFAULT_RUNS = 100, 20


def main(argv: list[str]) -> int:
    """Show what became of a test in past runs. NoSuchTest when none had it."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.past_test import tell_history

    tell_history(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("history", "Show what became of one test in the newest runs that had it.")
    parser.add_argument("test", metavar="TEST", help="an id, or the end of one after a slash")
    limit = f"so many runs at most (default {DEFAULT_RUNS})"
    parser.add_argument("--limit", type=count_to(MAX_RUNS), default=DEFAULT_RUNS, metavar="N", help=limit)
    add_farm_options(parser)
    return parser
