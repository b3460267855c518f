"""How the server under test is started or reached: `server:` of a suite, and most of a target."""

from typing import Literal

from pydantic import Field

from harness.models.wire import Authored


class Server(Authored):
    """How to start the server under test."""

    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    working_dir: str | None = Field(default=None, description="relative to the sandbox, which is the default")
    transport: Literal["stdio"] = "stdio"
    protocol_version: str | None = Field(default=None, description="MCP revision to offer; default 2025-11-25")
    startup_timeout_seconds: float = Field(default=30, gt=0, le=300)
    shutdown_timeout_seconds: float = Field(default=10, gt=0, le=60)
