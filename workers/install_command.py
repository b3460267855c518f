"""Runs one command of an installer: within a time, in a group of its own, with its output bounded."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InstallFailed
from harness.safe_text import one_line, safe_text

MAX_OUTPUT_BYTES = 16 * 1024
MAX_TAIL_CHARS = 3_000
MAX_LINE_CHARS = 300
MAX_COMMAND_CHARS = 200
CHUNK_BYTES = 8 * 1024
DIE_WITHIN_S = 2.0


@dataclass(frozen=True)
class Place:
    """Where installers run: their folder, their environment, and a file that stays open for as long as they live."""

    folder: Path
    environment: Mapping[str, str]
    lock_fd: int


async def run_command(command: Sequence[str], place: Place, limit_s: float) -> None:
    """Run it to its end. Raises InstallFailed with its last lines. When cancelled, kills it and all that it started."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=place.folder,
            env=dict(place.environment),
            start_new_session=True,
            pass_fds=(place.lock_fd,),  # the entry stays locked while anything that writes to it lives
        )
    except OSError as error:
        raise InstallFailed(f"`{_shown(command)}` could not be run: {error.strerror}") from error
    tail = bytearray()
    try:
        async with asyncio.timeout(limit_s):
            await _read(process, tail)
            code = await process.wait()
    except TimeoutError:
        raise _failure(command, f"did not end within {limit_s:g} s", tail) from None
    finally:
        await _end(process)
    if code:
        raise _failure(command, f"ended with exit code {code}", tail)


async def _read(process: asyncio.subprocess.Process, tail: bytearray) -> None:
    """Read all that it says, and keep the end of it."""
    assert process.stdout is not None
    while chunk := await process.stdout.read(CHUNK_BYTES):
        tail += chunk
        del tail[:-MAX_OUTPUT_BYTES]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave nothing of its group behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DIE_WITHIN_S):
            await process.wait()


def _failure(command: Sequence[str], how: str, tail: bytes | bytearray) -> InstallFailed:
    said = safe_text(tail.decode("utf-8", "replace")[-MAX_TAIL_CHARS:], MAX_TAIL_CHARS).strip()
    last = one_line(_telling(said), MAX_LINE_CHARS)
    return InstallFailed(f"`{_shown(command)}` {how}{f': {last}' if last else ''}", stderr_tail=said)


def _telling(said: str) -> str:
    """The line that says most: the first error of pip or npm, or else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "npm error", "npm ERR!")) and " code E" not in line]
    return errors[0] if errors else lines[-1] if lines else ""


def _shown(command: Sequence[str]) -> str:
    return one_line(" ".join(command), MAX_COMMAND_CHARS)
