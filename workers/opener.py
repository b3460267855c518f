"""Starts the servers of plans, each in its sandbox: joins launcher, bundles, packages and scratch directory.

Keeps nothing but the packages that the servers of a sandbox come from, until it is removed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.containment.launcher import Launcher
from harness.errors import BlobMissing, ServerUnavailable
from harness.mcp.commands import run_commands
from harness.mcp.sandbox import Sandbox, create_sandbox
from harness.models.job import SuitePlan
from harness.models.target import PlannedInstall
from workers.bundles import Bundles
from workers.installer import Installed, Installer
from workers.loading import EngineLoader
from workers.plan_secrets import PlanSecrets

if TYPE_CHECKING:
    from harness.mcp.session import Session


class ServerOpener:
    """The Opener of a real worker. `scratch` belongs to this process alone; every server gets `environment`."""

    def __init__(
        self,
        launcher: Launcher,
        loader: EngineLoader,
        bundles: Bundles,
        installer: Installer,
        *,
        scratch: Path,
        environment: Mapping[str, str],
        secrets: PlanSecrets,
    ) -> None:
        self._launcher = launcher
        self._loader = loader
        self._bundles = bundles
        self._installer = installer
        self._scratch = scratch
        self._environment = environment
        self._secrets = secrets
        self._installed: dict[Path, Installed] = {}
        self._teardown: dict[Path, Sequence[str]] = {}

    async def make_sandbox(self, plan: SuitePlan, token: str) -> Sandbox:
        """A new private directory with the plan's files. Raises BlobMissing or FarmUnreachable."""
        contents = [await self._bundles.file(file.digest, token) for file in plan.files]
        if plan.install and plan.install.lock:
            await self._bundles.file(plan.install.lock, token)  # from here on it is at hand
        sandbox = await asyncio.to_thread(create_sandbox, self._scratch)
        try:
            for file, content in zip(plan.files, contents, strict=True):
                await asyncio.to_thread(sandbox.place, file, content)
        except (OSError, ValueError) as error:
            await self.remove_sandbox(sandbox)
            raise BlobMissing(f"a file of suite '{plan.suite}' cannot be placed: {error}") from error
        await self._prepare(plan, sandbox)
        return sandbox

    async def _prepare(self, plan: SuitePlan, sandbox: Sandbox) -> None:
        """Run the commands of the suite. Where one fails, the suite has no sandbox."""
        self._teardown[sandbox.root] = plan.teardown_commands
        try:
            await run_commands(self._launcher, plan.setup_commands, sandbox, self._environment)
        except BaseException:
            await self.remove_sandbox(sandbox)
            raise

    async def open_session(self, plan: SuitePlan, sandbox: Sandbox) -> "Session":
        """A new server and a session with it.

        Raises ServerUnavailable; SecretMissing; InstallFailed where its package is missing.
        """
        server = self._secrets.filled(plan.server)
        engine = await self._loader.get()
        environment = self._environment
        if plan.install is not None:
            environment = await self._with_programs(plan.install, sandbox)
        return await engine.open_session(self._launcher, server, sandbox=sandbox, environment=environment)

    async def remove_sandbox(self, sandbox: Sandbox) -> None:
        """Run the last commands of the suite, and delete the directory, whatever a server did in it."""
        with suppress(ServerUnavailable):  # nobody is left to tell
            commands = self._teardown.pop(sandbox.root, ())
            await run_commands(self._launcher, commands, sandbox, self._environment)
        if installed := self._installed.pop(sandbox.root, None):
            installed.held.release()
        await asyncio.to_thread(sandbox.remove)

    async def _with_programs(self, install: PlannedInstall, sandbox: Sandbox) -> Mapping[str, str]:
        """The environment of servers, with the programs of the package first in PATH."""
        if sandbox.root not in self._installed:
            installed = await self._installer.use(install, await self._lock(install))
            if self._installed.setdefault(sandbox.root, installed) is not installed:
                installed.held.release()  # another session of the sandbox was quicker
        programs = self._installed[sandbox.root].programs
        return {**self._environment, "PATH": f"{programs}:{self._environment['PATH']}"}

    async def _lock(self, install: PlannedInstall) -> bytes:
        if not install.lock:
            return b""
        return await asyncio.to_thread((await self._bundles.file(install.lock, "")).read_bytes)
