"""The command `completion`: prints the script that completes this command in a shell. Starts and looks up nothing.

The scripts are made in development (`completion_scripts.py`) and shipped as they are.
"""

from pathlib import Path

from scheduler.console.cli.arguments import CommandParser, command_parser
from scheduler.console.cli.json_output import as_json

SHELLS = ("bash", "zsh", "fish")
FOLDER = Path(__file__).parent / "completions"
HELP = """Load it: bash, `eval "$(mcp-test-harness completion bash)"` in ~/.bashrc; zsh, save it as `_mcp-test-harness`
in a folder of $fpath; fish, save it as ~/.config/fish/completions/mcp-test-harness.fish."""


def main(argv: list[str]) -> int:
    """Print the script for one shell."""
    given = parser().parse_args(argv)
    script = script_file(given.shell).read_text(encoding="utf-8")
    print(as_json(shell=given.shell, script=script) if given.json else script, end="")
    return 0


def parser() -> CommandParser:
    """The options, for argparse."""
    parser = command_parser("completion", "Print a script that completes commands, options, runs and tests in a shell.")
    parser.epilog = HELP
    parser.add_argument("shell", choices=SHELLS)
    return parser


def script_file(shell: str) -> Path:
    """Where the script of a shell lies."""
    return FOLDER / f"mcp-test-harness.{shell}"
