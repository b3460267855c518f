"""The options of `validate`. Light, so that its --help is quick."""

from scheduler.console.cli.arguments import add_config_option, add_suite_options, command_parser


def main(argv: list[str]) -> int:
    """Check what `argv` names: 0, or SuiteErrors with every problem."""
    parser = command_parser("validate", "Check suites, and a configuration. Starts nothing.")
    add_suite_options(parser)
    add_config_option(parser)
    given = parser.parse_args(argv)
    from scheduler.console.cli.validation import validate

    validate(given.paths, given.config, lenient=given.lenient)
    return 0
