"""The command `keys`: every key of the formats, whether it acts, does not act yet, or is refused."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.json_output import as_json

if TYPE_CHECKING:  # slow to load: not for --help
    from harness.suites.keys import Key

FORMATS = ("spec", "target", "v1")
STATES = ("acts", "deferred", "refused")


def main(argv: list[str]) -> int:
    """Print the keys that are asked for."""
    given = parser().parse_args(argv)
    from harness.suites.keys import Format, keys_of

    formats = [Format(name) for name in given.format or FORMATS]
    keys = [key for of in formats for key in keys_of(of) if not given.state or key.state in given.state]
    if given.json:
        print(as_json(keys=[key.model_dump(mode="json") for key in keys]))
    else:
        for line in _lines(keys):
            print(line)
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser(
        "keys",
        "List every key that the formats document: acts (and the test that proves it), deferred (said at every load), "
        "or refused (an error, with its reason).",
    )
    parser.add_argument(
        "--format", action="append", choices=FORMATS, help="spec: suites; target: files of targets/; v1; repeatable"
    )
    parser.add_argument("--state", action="append", choices=STATES, help="only keys in this state; repeatable")
    return parser


def _lines(keys: "Sequence[Key]") -> Iterator[str]:
    """One line a key; of several formats each has a head."""
    shown = ""
    for key in keys:
        if key.format != shown:
            shown = key.format
            yield f"{shown}:"
        yield f"  {key.state:8}  {key.name}{_remark(key)}"


def _remark(key: "Key") -> str:
    told = f" → {key.said}" if key.state == "acts" and key.said else f": {key.said}" if key.said else ""
    return f"{told}  [{key.proof}]" if key.proof else told
