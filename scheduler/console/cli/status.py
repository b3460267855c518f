"""The options of `status`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import add_farm_options, command_parser


def main(argv: list[str]) -> int:
    """Show how a run stands; on a terminal until it has ended. RunMissing when there is none of that name."""
    parser = command_parser("status", "Show how a run stands. On a terminal it is shown anew until the run has ended.")
    parser.add_argument("run", metavar="RUN", help="`last`, an id, or its beginning")
    parser.add_argument("--once", action="store_true", help="show it once, on a terminal, too")
    parser.add_argument("--json", action="store_true", help="one JSON object, once, for other programs")
    add_farm_options(parser)
    given = parser.parse_args(argv)
    from scheduler.console.cli.run_status import show_status

    show_status(given)
    return 0
