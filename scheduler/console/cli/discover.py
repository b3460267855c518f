"""The options of `discover`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.live_options import add_server_arguments


def main(argv: list[str]) -> int:
    """Show what a live server offers. ServerUnavailable when it does not start."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.discovery import tell_offer

    tell_offer(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("discover", "Start a server, or reach one, and show what it offers. Calls no tool.")
    add_server_arguments(parser)
    return parser
