"""Starts the servers of plans, each in its sandbox: joins launcher, bundles and scratch directory. Keeps nothing."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from harness.containment.launcher import Launcher
from harness.errors import BlobMissing
from harness.mcp.sandbox import Sandbox, create_sandbox
from harness.models.job import SuitePlan
from workers.bundles import Bundles
from workers.loading import EngineLoader

if TYPE_CHECKING:
    from harness.mcp.session import Session


class ServerOpener:
    """The Opener of a real worker. `scratch` belongs to this process alone; every server gets `environment`."""

    def __init__(
        self, launcher: Launcher, loader: EngineLoader, bundles: Bundles, scratch: Path, environment: Mapping[str, str]
    ) -> None:
        self._launcher = launcher
        self._loader = loader
        self._bundles = bundles
        self._scratch = scratch
        self._environment = environment

    async def make_sandbox(self, plan: SuitePlan, token: str) -> Sandbox:
        """A new private directory with the plan's files. Raises BlobMissing or FarmUnreachable."""
        contents = [await self._bundles.file(file.digest, token) for file in plan.files]
        sandbox = await asyncio.to_thread(create_sandbox, self._scratch)
        try:
            for file, content in zip(plan.files, contents, strict=True):
                await asyncio.to_thread(sandbox.place, file, content)
        except (OSError, ValueError) as error:
            await self.remove_sandbox(sandbox)
            raise BlobMissing(f"a file of suite '{plan.suite}' cannot be placed: {error}") from error
        return sandbox

    async def open_session(self, plan: SuitePlan, sandbox: Sandbox) -> "Session":
        """A new server and a session with it. Raises ServerUnavailable."""
        engine = await self._loader.get()
        return await engine.open_session(self._launcher, plan.server, sandbox=sandbox, environment=self._environment)

    async def remove_sandbox(self, sandbox: Sandbox) -> None:
        """Delete the directory, whatever a server did in it."""
        await asyncio.to_thread(sandbox.remove)
