"""The options of `attempts`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, add_run_argument, command_parser


def main(argv: list[str]) -> int:
    """Show the whole history of one test. RunMissing, NoSuchTest when there is none of that name."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.attempt_list import show_attempts

    show_attempts(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("attempts", "Show every attempt of one test of a run, in order.")
    add_run_argument(parser)
    parser.add_argument("test", metavar="TEST", help="an id, the end of an id after a slash, or a number")
    add_farm_options(parser)
    return parser
