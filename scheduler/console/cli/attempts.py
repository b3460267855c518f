"""The options of `attempts`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import add_farm_options, command_parser


def main(argv: list[str]) -> int:
    """Show the whole history of one test. RunMissing, NoSuchTest when there is none of that name."""
    parser = command_parser("attempts", "Show every attempt of one test of a run, in order.")
    parser.add_argument("run", metavar="RUN", help="`last`, an id, or its beginning")
    parser.add_argument("test", metavar="TEST", help="an id, the end of an id after a slash, or a number")
    parser.add_argument("--json", action="store_true", help="one JSON object, for other programs")
    add_farm_options(parser)
    given = parser.parse_args(argv)
    from scheduler.console.cli.attempt_list import show_attempts

    show_attempts(given)
    return 0
