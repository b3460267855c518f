"""The other peer: pytest-xdist, two processes, one warm session each, every test one call through the SDK."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import children_cpu_s

TESTS = """
import anyio, pytest, sys
from anyio.from_thread import start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

COMMAND = {command}

@pytest.fixture(scope="session")
def call():
    with start_blocking_portal() as portal:
        server = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
        client = Client(stdio_client(server), mode="legacy", cache=None)
        with portal.wrap_async_context_manager(client) as session:
            yield lambda text: portal.call(session.call_tool, "echo", {{"text": text}})

@pytest.mark.parametrize("number", range({count}))
def test_echo(call, number):
    assert call(f"hi {{number}}").content[0].text == f"hi {{number}}"
"""


def measure_xdist(tests: int, processes: int, server: Path) -> dict[str, float]:
    """Tests a second of the whole command (it has no other boundary), and CPU per test."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "test_echo.py"
        file.write_text(TESTS.format(command=json.dumps([sys.executable, "-I", "-S", str(server)]), count=tests))
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(processes), "-p", "no:cacheprovider", str(file)]
        cpu, started = children_cpu_s(), time.monotonic()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        elapsed = time.monotonic() - started
    return {
        "xdist_tests_per_s_whole_command": tests / elapsed,
        "xdist_cpu_ms_per_test": 1000 * (children_cpu_s() - cpu) / tests,
    }
