"""Makes the completion scripts from the parsers of all commands. Development only: needs shtab.

python -m scheduler.console.cli.completion_scripts
"""

import argparse
import importlib
from pathlib import Path
from typing import Any

from scheduler.console.cli.completion import SHELLS, script_file
from scheduler.console.cli.main import COMMANDS, PROGRAM

WORDS = {"RUN": "runs", "RUN|DIR": "runs", "TEST": "tests", "ID": "tests"}
"""What an argument is called in help texts → what `__complete` is asked for."""

PREAMBLE: Any = {
    "bash": """\
_mcp_test_harness_runs() { compgen -W "$(mcp-test-harness __complete runs "$1" 2>/dev/null)" -- "$1"; }
_mcp_test_harness_tests() { compgen -W "$(mcp-test-harness __complete tests "$1" 2>/dev/null)" -- "$1"; }
""",
    "zsh": """\
_mcp_test_harness_runs() { compadd -- ${(f)"$(mcp-test-harness __complete runs "$PREFIX" 2>/dev/null)"} }
_mcp_test_harness_tests() { compadd -- ${(f)"$(mcp-test-harness __complete tests "$PREFIX" 2>/dev/null)"} }
""",
}


def main() -> None:
    """Write the script of each shell."""
    for shell in SHELLS:
        script_file(shell).write_text(script_for(shell), encoding="utf-8")


def script_for(shell: str) -> str:
    """The script of one shell."""
    import shtab

    text: str = shtab.complete(whole_parser(), shell=shell, preamble=PREAMBLE)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def whole_parser() -> argparse.ArgumentParser:
    """All commands in one parser, as a shell sees them."""
    whole = argparse.ArgumentParser(prog=PROGRAM, description="Test MCP servers.")
    whole.add_argument("--version", action="store_true", help="print the version")
    commands = whole.add_subparsers()
    for name, (module, text) in COMMANDS.items():
        own: argparse.ArgumentParser = importlib.import_module(module).parser()
        for action in own._actions:
            _say_what_completes(action)
        commands.add_parser(name, help=text, description=text, parents=[own], add_help=False)
    return whole


def _say_what_completes(action: argparse.Action) -> None:
    """shtab reads the attribute `complete`."""
    import shtab

    words = WORDS.get(str(action.metavar))
    if words:
        function = f"_mcp_test_harness_{words}"
        fish = f"(mcp-test-harness __complete {words} (commandline -ct))"
        action.complete = {"bash": function, "zsh": function, "fish": fish}  # type: ignore[attr-defined]  # shtab's way
    elif action.type is Path:
        found = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE
        action.complete = found  # type: ignore[attr-defined]  # shtab's way


if __name__ == "__main__":
    main()
