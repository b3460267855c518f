"""The options of `workers`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, add_farm_options, command_parser


def main(argv: list[str]) -> int:
    """Show the workers and what they hold."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.worker_list import show_workers

    show_workers(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "workers", "Show the workers of a farm: of `serve` in the state directory, or over its API."
    )
    add_farm_options(parser)
    return parser
