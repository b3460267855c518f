"""A worker in small, to be killed: starts two servers, one with a brood, and waits.

Run as `python -m tests.integration.containment.owner <folder>`; prints the launcher's pid when all are there.
"""

import asyncio
import sys
from pathlib import Path

from harness.containment.launcher import start_launcher
from harness.mcp.opening import open_session
from harness.mcp.sandbox import create_sandbox
from tests.integration.mcp.scene import script


async def main(folder: Path) -> None:
    launcher = start_launcher()
    session = await open_session(launcher, script("brood"), sandbox=create_sandbox(folder))
    await session.call_tool("go", {}, timeout_s=10)
    deaf = await open_session(launcher, script("deaf"), sandbox=create_sandbox(folder))
    assert deaf.alive
    print(launcher.pid, flush=True)
    await asyncio.sleep(300)


asyncio.run(main(Path(sys.argv[1])))
