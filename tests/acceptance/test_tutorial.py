"""The tutorial is typed as it stands, in one folder from its top to its end, and says what a reader will see."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.command import COMMAND, environment
from tests.conftest import require

REPOSITORY = Path(__file__).resolve().parents[2]
TUTORIAL = REPOSITORY / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(yaml|console)(?: exit=(\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SUITE = "clock.yaml"
GAP = "…"


def steps(text: str) -> Iterator[tuple[str, int, str]]:
    """Each command with its exit code and what it shows; a suite is a command that writes it."""
    for kind, code, body in BLOCK.findall(text):
        if kind == "yaml":
            yield f"cat > {SUITE} <<'END'\n{body}END", 0, ""
            continue
        for part in body.removeprefix("$ ").split("\n$ "):
            command, _, shown = part.partition("\n")
            yield command, int(code or 0), shown


def is_shown(expected: str, found: str) -> bool:
    """`…` alone on a line stands for any number of lines, elsewhere for the rest of a word or a line."""
    lines = [r"(?:.*\n)*?" if line == GAP else _pattern(line) + r"\n" for line in expected.splitlines()]
    return re.fullmatch("".join(lines), found) is not None


def _pattern(line: str) -> str:
    return r"[^\n]*?".join(map(re.escape, line.split(GAP)))


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    require(REPOSITORY / ".servers" / "python" / "bin" / "mcp-server-time")
    path = f"{Path(COMMAND).parent}:{REPOSITORY}/.servers/python/bin:{os.environ['PATH']}"
    env = {**environment(tmp_path, PATH=path, CI="", NO_COLOR="1"), "MCPF_STATE_DIR": ".farm"}
    done = 0
    for command, code, shown in steps(TUTORIAL.read_text(encoding="utf-8")):
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=env,
            text=True,
            timeout=60,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert ran.returncode == code, f"{command}\n{ran.stdout}"
        assert is_shown(shown, ran.stdout), f"{command}\n{ran.stdout}\n--- is not what the tutorial shows:\n{shown}"
        done += 1
    assert done == 9


def test_what_differs_is_seen() -> None:
    assert is_shown("a …\n…\nz\n", "a b\n1\n2\nz\n")
    assert not is_shown("a …\nz\n", "a b\n1\nz\n")
    assert not is_shown("a\n", "b\n")
