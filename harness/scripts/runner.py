"""Runs one script: a process of its own, held by the same keeper as a server, in the sandbox of its test.

It gets the context on its standard input and is heard to its end: 1 MiB of output, the newest 64 KiB of stderr, its
time. Whatever is over a bound ends it with all that it started.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from harness.containment.kept import Fault, KeptServer
from harness.containment.launcher import Launcher
from harness.errors import ScriptFault, ServerUnavailable
from harness.mcp.sandbox import Sandbox, remove_tree
from harness.models.script import PlannedScript
from harness.safe_text import safe_text
from harness.scripts.context import ScriptContext, context_json
from harness.scripts.start import MAX_OUTPUT_BYTES, prepare_script, write_files
from harness.scripts.verdict import ScriptVerdict, read_verdict

MAX_STDERR_CHARACTERS = 4_000
MAX_CONTEXT_BYTES = 16 * 1024 * 1024
END_WITHIN_S = 6.0
ReadBlob = Callable[[str, str], Awaitable[bytes]]


class ScriptRunner:
    """Runs the scripts of a worker. `read_blob` gives the content of a digest for a run's token."""

    def __init__(self, launcher: Launcher, environment: Mapping[str, str], read_blob: ReadBlob) -> None:
        self._launcher = launcher
        self._environment = environment
        self._read_blob = read_blob

    async def run(self, script: PlannedScript, context: ScriptContext, sandbox: Sandbox, token: str) -> ScriptVerdict:
        """What the script says. Raises ScriptFault when it could not be run or did not say anything that counts.

        Also BlobMissing and FarmUnreachable, for a script in a file. LauncherFailed is a fault of this machine.
        """
        source = await self._read_blob(script.digest, token) if script.digest else script.source.encode()
        told = context_json(context, script.params)
        if len(told) > MAX_CONTEXT_BYTES:
            raise ScriptFault(f"request and answer are {len(told)} bytes; a script is told at most {MAX_CONTEXT_BYTES}")
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="script-"))
        try:
            await asyncio.to_thread(write_files, script, source, told, folder)
            return await self._run_in(folder, script, told, sandbox)
        finally:
            await asyncio.shield(asyncio.to_thread(remove_tree, folder))

    async def _run_in(self, folder: Path, script: PlannedScript, told: bytes, sandbox: Sandbox) -> ScriptVerdict:
        start = prepare_script(script, folder, sandbox, self._environment)
        begun = time.monotonic()
        try:
            kept = await self._launcher.start_server(start)
        except ServerUnavailable as fault:
            raise ScriptFault(_why_not_started(script, fault)) from None
        try:
            stdout = await _hear(kept, told, script.timeout_s)
        finally:
            kept.kill()
            await kept.wait_ended(END_WITHIN_S)
        return _verdict(kept, stdout, time.monotonic() - begun)


async def _hear(kept: KeptServer, told: bytes, timeout_s: float) -> bytes:
    """All that it writes to stdout until its end."""
    kept.send(told)
    kept.send_eof()
    try:
        async with asyncio.timeout(timeout_s):
            return await _read(kept)
    except TimeoutError:
        raise ScriptFault(f"it took longer than {timeout_s:g} s") from None


async def _read(kept: KeptServer) -> bytes:
    written = bytearray()
    async for said in kept:
        if isinstance(said, Fault):
            raise ScriptFault(said.message)
        written += said.text + b"\n"
        if len(written) > MAX_OUTPUT_BYTES:
            raise ScriptFault(f"it wrote more than {MAX_OUTPUT_BYTES} bytes to its standard output")
    return bytes(written)


def _verdict(kept: KeptServer, stdout: bytes, took_s: float) -> ScriptVerdict:
    stderr = safe_text(kept.stderr().decode("utf-8", "replace")[-MAX_STDERR_CHARACTERS:], MAX_STDERR_CHARACTERS)
    ending = kept.exit
    if ending is None or ending.code is None:
        raise ScriptFault(f"it did not end by itself: {kept.exit_text or 'its keeper ended unexpectedly'}")
    return read_verdict(stdout, stderr, ending.code, took_s)


def _why_not_started(script: PlannedScript, fault: ServerUnavailable) -> str:
    reason = fault.message.removeprefix("the server cannot be started: ")
    with suppress(ValueError):
        reason = reason[: reason.index("; a relative path")]
    return f"{script.language} cannot be run here: {reason}"
