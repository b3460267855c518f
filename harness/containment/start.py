"""How a server is started, and how that travels to its keeper. Standard library only, cheap to import."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

LINE_LIMIT_BYTES = 4 * 1024 * 1024
STDERR_BYTES = 64 * 1024
EOF_GRACE_S = 0.2
TERM_GRACE_S = 1.0


class ServerStart(NamedTuple):
    """One server process: the program and its arguments, its whole environment, its working directory.

    `command` is looked up in the PATH of `env`. Nothing is inherited: neither variables nor open files.
    `stop_timeout_s` is the time between SIGTERM and SIGKILL.
    """

    command: str
    args: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    stop_timeout_s: float = TERM_GRACE_S
    line_limit_bytes: int = LINE_LIMIT_BYTES


def encode_start(start: ServerStart) -> bytes:
    """The payload of a START frame: NUL-separated texts. Raises ValueError for what no process can be given."""
    for name in start.env:
        if not name or "=" in name:
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
    variables = [f"{name}={value}" for name, value in start.env.items()]
    numbers = [str(len(start.args)), repr(start.stop_timeout_s), str(start.line_limit_bytes)]
    texts = [*numbers, start.cwd, start.command, *start.args, *variables]
    if any("\0" in text for text in texts):
        raise ValueError("a command, argument or variable holds a NUL character")
    return "\0".join(texts).encode("utf-8", "surrogateescape")


def decode_start(payload: bytes) -> ServerStart:
    """The reverse of `encode_start`."""
    count, stop_timeout_s, line_limit, cwd, command, *texts = payload.decode("utf-8", "surrogateescape").split("\0")
    args, variables = texts[: int(count)], texts[int(count) :]
    env = dict(variable.split("=", 1) for variable in variables)
    return ServerStart(command, args, env, cwd, float(stop_timeout_s), int(line_limit))
