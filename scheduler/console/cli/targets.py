"""The options of `targets`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import CommandParser, add_target_options, command_parser

PATH_HELP = "suite files, or folders of them, whose targets are shown (default: the current folder)"


def main(argv: list[str]) -> int:
    """Show the targets that a run of these suites could be asked for."""
    given = parser().parse_args(argv)
    from scheduler.console.cli.target_list import show_targets

    show_targets(given)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("targets", "Show the targets that suites can be run against. Starts nothing.")
    parser.add_argument("paths", nargs="*", type=Path, default=[Path()], metavar="PATH", help=PATH_HELP)
    parser.add_argument("--lenient", action="store_true", help="unknown keys are warnings, not errors")
    add_target_options(parser)
    return parser
