"""A port of this machine for a server that we start ourselves, and the wait until it listens there."""

import asyncio
import contextlib
import socket
import time

from harness.containment.kept import KeptServer
from harness.errors import ServerUnavailable
from harness.mcp.endpoint import Endpoint

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.1
_CONNECT_S = 1.0
_LAST_WORDS_S = 0.5


def free_port() -> int:
    """A loopback port that nobody uses now. Somebody else may take it first: then the server ends, and says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until_it_listens(kept: KeptServer, endpoint: Endpoint, deadline: float) -> None:
    """Wait until `endpoint` takes connections. The server is killed, and ServerUnavailable raised, when it does not.

    `deadline` is monotonic.
    """
    pause_s = _FIRST_PAUSE_S
    try:
        while kept.alive and time.monotonic() < deadline:
            if await _takes_connections(endpoint):
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
    except asyncio.CancelledError:
        kept.kill()
        raise
    ended = kept.exit
    kept.kill()
    await kept.wait_ended(_LAST_WORDS_S)
    how = f"it ended ({ended.text}) before it listened" if ended else "nothing listens in time"
    raise ServerUnavailable(
        f"the server cannot be used: {how} at {endpoint.shown}",
        stderr_tail=kept.stderr_tail(),
        exit_text=kept.exit_text,
    )


async def _takes_connections(endpoint: Endpoint) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        writer.close()
        return True
    return False
