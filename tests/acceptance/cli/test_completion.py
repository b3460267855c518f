"""Completion in a real bash: commands, options, choices and runs."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.command import COMMAND, environment

ASK = """
eval "$(mcp-test-harness completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()
function=$(complete -p mcp-test-harness | sed 's/.*-F \\([^ ]*\\).*/\\1/')
$function mcp-test-harness "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("com", {"compare", "completion"}),
        ("run --github", {"--github-summary"}),
        ("run --lane b", {"batch"}),
        ("status l", {"last", "last~1"}),
        ("compare last la", {"last", "last~1"}),
    ],
)
def test_bash_completes(state_dir: Path, line: str, words: set[str]) -> None:
    env = environment(state_dir, PATH=f"{Path(COMMAND).parent}:{os.environ['PATH']}")
    typed = ["mcp-test-harness", *line.split(" ")]
    done = subprocess.run(["bash", "-c", ASK, "bash", *typed], capture_output=True, text=True, env=env, timeout=30)
    assert set(done.stdout.split()) == words, done.stderr
