"""Shell commands of a suite that prepare a sandbox or clear it up: run by `sh`, held like a server, in order."""

import asyncio
from collections.abc import Mapping, Sequence

from harness.containment.kept import Fault, KeptServer
from harness.containment.launcher import Launcher
from harness.containment.start import ServerStart
from harness.errors import ServerUnavailable
from harness.mcp.preparation import DEFAULT_PATH
from harness.mcp.sandbox import Sandbox
from harness.safe_text import one_line

COMMAND_WITHIN_S = 30.0
MAX_OUTPUT_LINES = 10_000
_END_WITHIN_S = 6.0
_SHOWN = 200


async def run_commands(
    launcher: Launcher, commands: Sequence[str], sandbox: Sandbox, environment: Mapping[str, str]
) -> None:
    """Run them in the sandbox, 30 s each; the first that does not end with 0 raises ServerUnavailable."""
    for command in commands:
        await _run(launcher, command, sandbox, environment)


async def _run(launcher: Launcher, command: str, sandbox: Sandbox, environment: Mapping[str, str]) -> None:
    kept = await launcher.start_server(_start(command, sandbox, environment))
    try:
        kept.send_eof()
        async with asyncio.timeout(COMMAND_WITHIN_S):
            await _drain(kept)
            await kept.wait_ended(COMMAND_WITHIN_S)
    except TimeoutError:
        raise ServerUnavailable(f"{_named(command)} took longer than {COMMAND_WITHIN_S:g} s") from None
    finally:
        kept.kill()
        await kept.wait_ended(_END_WITHIN_S)
    if kept.exit is None or kept.exit.code != 0:
        raise ServerUnavailable(
            f"{_named(command)} did not end well", stderr_tail=kept.stderr_tail(), exit_text=kept.exit_text
        )


async def _drain(kept: KeptServer) -> None:
    """Read all that it writes, and keep nothing of it."""
    lines = 0
    async for said in kept:
        lines += 1
        if isinstance(said, Fault) or lines > MAX_OUTPUT_LINES:
            kept.kill()
            return


def _start(command: str, sandbox: Sandbox, environment: Mapping[str, str]) -> ServerStart:
    variables = {
        "PATH": DEFAULT_PATH,
        "HOME": str(sandbox.path),
        "TMPDIR": str(sandbox.tmp),
        "LANG": "C.UTF-8",
        **environment,
    }
    return ServerStart(command="/bin/sh", args=("-c", command), env=variables, cwd=str(sandbox.path))


def _named(command: str) -> str:
    return f"the command '{one_line(command, _SHOWN)}'"
