"""How long a newcomer waits: `--help`, and a run of one test beside a bare SDK script that makes the same call."""

import sys
import tempfile
from pathlib import Path

import yaml

from bench.measure import Cost, best, median, run_once

COMMAND = str(Path(sys.executable).parent / "mcp-test-harness")
SERVER = Path(__file__).resolve().parents[1] / "tests" / "servers" / "plain.py"
ROUNDS = 7

BARE = """
import asyncio, sys
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

async def main():
    server = StdioServerParameters(command=sys.executable, args=["-I", "-S", sys.argv[1]])
    async with Client(stdio_client(server), mode="legacy", cache=None) as client:
        result = await client.call_tool("echo", {"text": "hi"})
        assert result.content[0].text == "hi"

asyncio.run(main())
"""


def measure_help() -> dict[str, float]:
    """CPU seconds of `mcp-test-harness --help`, best of several."""
    return {"help_cpu_s": best([run_once([COMMAND, "--help"]) for _ in range(ROUNDS)]).cpu_s}


def measure_one_test() -> dict[str, float]:
    """Medians of both commands, taken in turn so that other load hits both alike."""
    with tempfile.TemporaryDirectory() as folder:
        suite = _write_suite(Path(folder))
        ours: list[Cost] = []
        bare: list[Cost] = []
        for _ in range(ROUNDS):
            ours.append(run_once([COMMAND, "run", "-q", str(suite)], {"MCPF_STATE_DIR": f"{folder}/state"}))
            bare.append(run_once([sys.executable, "-c", BARE, str(SERVER)]))
    mine, theirs = median(ours), median(bare)
    return {
        "run_wall_s": mine.wall_s,
        "bare_wall_s": theirs.wall_s,
        "wall_ratio": mine.wall_s / theirs.wall_s,
        "run_cpu_s": mine.cpu_s,
        "bare_cpu_s": theirs.cpu_s,
    }


def _write_suite(folder: Path) -> Path:
    path = folder / "one.yaml"
    test = {"name": "one", "input": {"text": "hi"}, "expected": {"fields": [{"path": "$[0].text", "value": "hi"}]}}
    suite = {
        "name": "one",
        "server": {"command": sys.executable, "args": ["-I", "-S", str(SERVER)]},
        "tools": [{"name": "echo", "tests": [test]}],
    }
    path.write_text(yaml.safe_dump(suite))
    return path
