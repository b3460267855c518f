"""The options of `validate`. Light, so that its --help is quick."""

from pathlib import Path

from scheduler.console.cli.arguments import CommandParser, add_suite_options, add_target_options, command_parser
from scheduler.console.cli.settings import read_settings

CONFIG_HELP = (
    "check this configuration (YAML), too: what run takes with --config, and the nightly run of serve; "
    "keys that do not act yet are named with their lines"
)


def main(argv: list[str]) -> int:
    """Check what `argv` names: 0, or SuiteErrors with every problem."""
    given = parser().parse_args(argv)
    from harness.suites.load import Loading
    from scheduler.console.cli.validation import validate

    validate(
        given,
        Loading(given.lenient, environment=read_settings().suite_environment, target_folders=tuple(given.targets)),
    )
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "validate", "Check suites, their files, and a configuration. Starts nothing, sends nothing."
    )
    add_suite_options(parser)
    add_target_options(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help=CONFIG_HELP)
    return parser
