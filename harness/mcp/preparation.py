"""From what a suite says about its server to what the launcher starts. Imports nothing of the SDK."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from harness.containment.start import TERM_GRACE_S, ServerStart
from harness.errors import ServerUnavailable
from harness.mcp.endpoint import MIB
from harness.mcp.sandbox import Sandbox, confined, names_in
from harness.models.server import Server
from harness.templates import Names, fill_text

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def prepare_start(
    server: Server, sandbox: Sandbox, environment: Mapping[str, str], names: Names | None = None
) -> ServerStart:
    """The process to start for `server`, its texts filled in with `names`, which are those of the sandbox by default.

    Its environment is built from nothing: PATH, HOME, TMPDIR, LANG, then `environment` (the worker's choice for all
    servers, such as another PATH), then the suite's own. Raises ServerUnavailable for a working directory that leads
    out of the sandbox.
    """
    try:
        return _start(server, sandbox, environment, names or names_in(sandbox))
    except ValueError as problem:
        raise ServerUnavailable(f"the server cannot be started: {problem}") from None


def _start(server: Server, sandbox: Sandbox, environment: Mapping[str, str], names: Names) -> ServerStart:
    variables = {
        "PATH": DEFAULT_PATH,
        "HOME": str(sandbox.path),
        "TMPDIR": str(sandbox.tmp),
        "LANG": "C.UTF-8",
        **environment,
        **{name: fill_text(value, names) for name, value in server.env.items()},
    }
    return ServerStart(
        command=fill_text(server.command or "", names),
        args=tuple(fill_text(argument, names) for argument in server.args),
        env=variables,
        cwd=str(_working_dir(server, sandbox)),
        stop_timeout_s=min(TERM_GRACE_S, server.shutdown_timeout_seconds),
        line_limit_bytes=int(server.max_response_mb * MIB),
    )


def _working_dir(server: Server, sandbox: Sandbox) -> Path:
    named = fill_text(server.working_dir or ".", names_in(sandbox))
    relative = named.removeprefix(f"{sandbox.path}/")
    if relative == str(sandbox.path) or not PurePosixPath(relative).parts:
        return sandbox.path
    try:
        return confined(sandbox.path, relative)
    except ValueError as problem:
        raise ServerUnavailable(f"working_dir: {problem}") from problem
