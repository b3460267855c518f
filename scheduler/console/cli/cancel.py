"""The options of `cancel`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import add_farm_options, command_parser


def main(argv: list[str]) -> int:
    """End the run that `argv` names: 0, also when it has ended already. RunMissing when there is none."""
    parser = command_parser("cancel", "End a run early: no further test starts, those in flight are ended.")
    parser.add_argument("run", metavar="RUN", help="`last`, an id, or its beginning")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; kept with the run")
    add_farm_options(parser)
    given = parser.parse_args(argv)
    from scheduler.console.cli.cancel_run import cancel_run

    print(cancel_run(given))
    return 0
