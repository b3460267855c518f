"""The command `schema`: the JSON Schema of what is written and of what is reported."""

import json
from collections.abc import Callable
from typing import Any

from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.json_output import as_json

WHAT_HELP = (
    "suite (default): suite files as authors write them; target: files of targets; "
    "report: the report.json that run and report write"
)


def main(argv: list[str]) -> int:
    """Print one schema."""
    given = parser().parse_args(argv)
    schema = SCHEMAS[given.what]()
    print(as_json(schema=schema) if given.json else json.dumps(schema, indent=2))
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("schema", "Print a JSON Schema (draft 2020-12) on stdout, for editors and other programs.")
    parser.add_argument(
        "what",
        nargs="?",
        choices=sorted(SCHEMAS),
        default="suite",
        help=WHAT_HELP,
    )
    return parser


def _suite() -> dict[str, Any]:
    from harness.suites.schema import suite_schema

    return suite_schema()


def _target() -> dict[str, Any]:
    from harness.suites.schema import target_schema

    return target_schema()


def _report() -> dict[str, Any]:
    from scheduler.reports.schema import report_schema

    return report_schema()


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {"suite": _suite, "target": _target, "report": _report}
