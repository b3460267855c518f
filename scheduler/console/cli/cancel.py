"""The options of `cancel`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, add_run_argument, command_parser


def main(argv: list[str]) -> int:
    """End the run that `argv` names: 0, also when it has ended already. RunMissing when there is none."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.cancel_run import cancel_run

    print(cancel_run(given))
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("cancel", "End a run early: no further test starts, those in flight are ended.")
    add_run_argument(parser)
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the run")
    add_farm_options(parser)
    return parser
