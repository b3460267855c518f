"""How the server under test is started or reached: `server:` of a suite, and most of a target."""

import shlex
from typing import Literal

from pydantic import Field

from harness.models.wire import Authored

PORT = "${port}"


class Server(Authored):
    """How to start the server under test, or where it is reached."""

    command: str | None = Field(
        default=None, min_length=1, description="the program of the server; without it, `url` is one that runs already"
    )
    args: tuple[str, ...] = Field(default=(), description="what `command` is called with")
    env: dict[str, str] = Field(
        default_factory=dict, description="its environment: a few safe variables, and these; nothing else"
    )
    working_dir: str | None = Field(
        default=None, description="a folder in the sandbox, which is the default: relative or below `${sandbox}`"
    )
    url: str | None = Field(
        default=None,
        min_length=1,
        max_length=2000,
        description="where the server speaks streamable HTTP; with `command`, it names `${port}`: a free port of the "
        "worker that `command`, `args` or `env` pass on, another one for every process",
    )
    transport: Literal["stdio", "http", "streamable-http", "streamable_http"] | None = Field(
        default=None, description="need not be given: a server with a `url` speaks streamable HTTP, others stdio"
    )
    headers: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="sent with every HTTP request, besides those of the protocol"
    )
    bearer_token: str | None = Field(
        default=None, min_length=1, max_length=8000, description="sent as `Authorization: Bearer …`"
    )
    protocol_version: str | None = Field(
        default=None, description="MCP revision to offer, 2024-11-05 or later; default 2025-11-25"
    )
    startup_timeout_seconds: float = Field(
        default=30, gt=0, le=300, description="until the server is started, or reached, and initialised"
    )
    shutdown_timeout_seconds: float = Field(
        default=10, gt=0, le=60, description="until it has ended; then it is killed"
    )
    connection_timeout_seconds: float = Field(default=10, gt=0, le=60, description="of each HTTP connection")
    request_timeout_seconds: float | None = Field(
        default=None, gt=0, le=3600, description="of each request, where that is shorter than what its test has left"
    )
    max_response_mb: float = Field(
        default=4, gt=0, le=64, description="MiB, unpacked, of one message of the server; a larger one is a fault"
    )

    @property
    def text(self) -> str:
        """What is started or reached, as one line."""
        return shlex.join([self.command, *self.args]) if self.command else self.url or ""
