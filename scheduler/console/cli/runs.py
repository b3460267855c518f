"""The options of `runs`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, command_parser, count_to

MAX_RUNS, DEFAULT_RUNS = 500, 20


def main(argv: list[str]) -> int:
    """Show the newest runs, the newest first."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.run_list import show_runs

    show_runs(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("runs", "Show the newest runs: of the state directory, or of a farm.")
    limit = f"so many at most (default {DEFAULT_RUNS})"
    parser.add_argument("--limit", type=count_to(MAX_RUNS), default=DEFAULT_RUNS, metavar="N", help=limit)
    add_farm_options(parser)
    return parser
