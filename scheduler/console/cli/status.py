"""The options of `status`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, add_run_argument, command_parser


def main(argv: list[str]) -> int:
    """Show how a run stands; on a terminal until it has ended. RunMissing when there is none of that name."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.run_status import show_status

    show_status(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("status", "Show how a run stands. On a terminal it is shown anew until the run has ended.")
    add_run_argument(parser)
    parser.add_argument("--once", action="store_true", help="show it once, on a terminal, too")
    add_farm_options(parser)
    return parser
