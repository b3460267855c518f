"""Owns the options that several commands share: their names, meaning and checks. Loads nothing but argparse."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from harness.errors import UsageError
from scheduler.run_names import HELP as RUN_HELP

FORMATS = ("json", "junit", "html", "ctrf", "markdown", "markdown-comment", "text")
"""The names of `scheduler.reports.formats`, which a test compares: that table is too heavy for a --help."""
DEFAULT_FORMATS = ("json", "junit", "html")
"""What a run writes unasked: its text is on the screen already."""
DEFAULT_WORKERS, DEFAULT_SLOTS = 1, 16
MAX_WORKERS, MAX_SLOTS = 64, 256
MAX_TIMEOUT_S, MAX_DEADLINE_S = 3600.0, 7 * 24 * 3600.0
JSON_HELP = "one JSON object on stdout, errors too, for other programs"
LEVELS = ("none", "fail", "flaky", "slow", "pass")
SHOW_HELP = f"tests to tell of as they end, each word with those before it: {', '.join(LEVELS)}"
DEFAULT_SLOW_S = 10.0
LANES = ("interactive", "batch")
REPORT_DETAILS = ("failures", "all", "rows")
MAX_REPORT_MIB = 1024


class CommandParser(argparse.ArgumentParser):
    """argparse, whose usage errors are ours: told where all errors are, as JSON where that was asked for."""

    def error(self, message: str) -> NoReturn:
        """Print how the command is used, and raise UsageError."""
        self.print_usage(sys.stderr)
        raise UsageError(message)


def command_parser(name: str, text: str) -> CommandParser:
    """A parser for one command with --json; long options must be written in full, so that adding one breaks nobody."""
    parser = CommandParser(prog=f"mcp-test-harness {name}", description=text, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help=JSON_HELP)
    return parser


def add_run_argument(parser: argparse.ArgumentParser, name: str = "run", metavar: str = "RUN") -> None:
    """RUN, as people name one."""
    parser.add_argument(name, metavar=metavar, help=RUN_HELP)


def add_suite_options(parser: argparse.ArgumentParser) -> None:
    """PATH…, --config and --lenient."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="suite files, or folders of them")
    parser.add_argument("--lenient", action="store_true", help="unknown keys are warnings, not errors")


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """--config FILE."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (YAML); options here win over it")


def add_selection_options(parser: argparse.ArgumentParser) -> None:
    """--filter, --tag and --test: a test must satisfy each kind that is given."""
    group = parser.add_argument_group("select")
    group.add_argument("--filter", default="", metavar="REGEX", help="only tests whose id contains a match")
    group.add_argument("--tag", action="append", default=[], metavar="TAG", help="only tests with this tag; repeatable")
    group.add_argument("--test", action="append", default=[], metavar="ID", help="only this test; repeatable")


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """--target, --label and --targets: which servers the suites are run against."""
    group = parser.add_argument_group("targets")
    group.add_argument("--target", action="append", default=[], metavar="NAME", help="this target; repeatable")
    group.add_argument(
        "--label", type=label, action="append", default=[], metavar="KEY=VALUE", help="targets with it; all of several"
    )
    group.add_argument(
        "--targets",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="look for targets here, too; repeatable",
    )


def label(text: str) -> tuple[str, str]:
    """A type for argparse: `KEY=VALUE`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, got {text!r}")
    return key, value


def add_farm_options(group: argparse._ActionsContainer) -> None:
    """--farm URL and --key KEY."""
    group.add_argument("--farm", default="", metavar="URL", help="there instead of here (MCPF_FARM)")
    group.add_argument("--key", default="", metavar="KEY", help="key for that farm (MCPF_KEY, which ps does not show)")


def add_html_options(group: argparse._ActionsContainer) -> None:
    """--report-detail and --report-max-size, of the HTML report."""
    group.add_argument(
        "--report-detail",
        choices=REPORT_DETAILS,
        default=REPORT_DETAILS[0],
        help="tests that the HTML report holds in full (default: failures, flaky, warned and slow ones)",
    )
    group.add_argument(
        "--report-max-size",
        type=count_to(MAX_REPORT_MIB),
        default=10,
        metavar="MIB",
        help="of the HTML report, which leaves out details to keep it (default 10)",
    )


def add_look_options(group: argparse._ActionsContainer) -> None:
    """--color and --ascii."""
    group.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="NO_COLOR and FORCE_COLOR hold for auto"
    )
    group.add_argument("--ascii", action="store_true", help="no signs beyond ASCII, whatever the terminal says")


def add_level_options(group: argparse._ActionsContainer) -> None:
    """-v, -q, --show, --show-end and --slow: how much is told."""
    level = group.add_mutually_exclusive_group()
    level.add_argument(
        "-v", "--verbose", action="count", default=0, help="tell of tests that pass, too; -vv: requests and answers"
    )
    level.add_argument("-q", "--quiet", action="store_true", help="nothing but the verdict and where the report is")
    group.add_argument("--show", choices=LEVELS, metavar="LEVEL", help=f"{SHOW_HELP} (default slow)")
    group.add_argument("--show-end", choices=LEVELS, metavar="LEVEL", help="the same for the end (default slow)")
    limit = seconds_to(MAX_TIMEOUT_S)
    group.add_argument("--slow", type=limit, default=DEFAULT_SLOW_S, metavar="S", help="slow from here on (default 10)")


def names_from(allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    """A type for argparse: a comma-separated list of `allowed` words, each once, in the order given."""

    def parse(text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        unknown = [name for name in names if name not in allowed]
        if unknown or not names:
            raise argparse.ArgumentTypeError(f"expected one or more of {','.join(allowed)}, got {text!r}")
        return names

    return parse


def seed(text: str) -> int:
    """A type for argparse: a whole number from 0."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


def report_file(text: str) -> tuple[str, Path]:
    """A type for argparse: `FORMAT=PATH`."""
    name, equals, path = text.partition("=")
    if name not in FORMATS or not equals or not path:
        raise argparse.ArgumentTypeError(f"expected FORMAT=PATH with one of {','.join(FORMATS)}, got {text!r}")
    return name, Path(path)


def count_to(most: int) -> Callable[[str], int]:
    """A type for argparse: a whole number from 1 to `most`."""

    def parse(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {most}, got {text!r}")
        return number

    return parse


def seconds_to(most: float) -> Callable[[str], float]:
    """A type for argparse: seconds above 0, at most `most`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"expected seconds above 0 and at most {most:g}, got {text!r}")
        return value

    return parse
