"""Installs the packages that hold servers, each once, and keeps them while they are used.

Owns who installs: one task of this process for each package, one process of this machine at a time. Tests wait for it
where they wait for their session, outside their own time. Knows neither tests nor sessions.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InstallFailed
from harness.log import get_logger
from harness.models.target import PlannedInstall
from workers.install_cache import Held, InstallCache
from workers.install_command import Place, run_command
from workers.install_recipe import Machine, Recipe, recipe_of

log = get_logger("install")

LOOK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Installed:
    """A package that stays until `held` is released. `programs` is to come first in its server's PATH."""

    programs: Path
    held: Held


@dataclass(frozen=True)
class Terms:
    """How installers run: their environment (with PATH), and for how long; all commands of a package together."""

    environment: Mapping[str, str]
    limit_s: float


class Installer:
    """Use on one loop. `stop` ends what is being installed."""

    def __init__(self, cache: InstallCache, machine: Callable[[], Awaitable[Machine]], terms: Terms) -> None:
        self._cache = cache
        self._machine = machine
        self._terms = terms
        self._filling: dict[str, asyncio.Task[None]] = {}

    async def use(self, install: PlannedInstall, lock: bytes) -> Installed:
        """The package, installed now if need be. Raises InstallFailed."""
        recipe = self._recipe(install, lock, await self._machine())
        try:
            await asyncio.to_thread(self._cache.prepare)
            deadline = time.monotonic() + self._terms.limit_s
            while (held := await _lock(self._cache.try_use, recipe.key)) is None:
                await self._fill_once(recipe)
                if time.monotonic() > deadline:
                    raise InstallFailed(f"{recipe.package}: another process has held it for {self._terms.limit_s:g} s")
        except OSError as error:
            raise InstallFailed(
                f"{recipe.package}: the cache of packages cannot be used: {error} (MCPF_INSTALL_DIR names it)"
            ) from error
        return Installed(self._cache.folder(recipe.key) / recipe.programs, held)

    async def stop(self) -> None:
        """Kill what installs; what it left is removed."""
        tasks = list(self._filling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _recipe(self, install: PlannedInstall, lock: bytes, machine: Machine) -> Recipe:
        try:
            recipe = recipe_of(install, lock, machine)
        except ValueError as problem:
            raise InstallFailed(f"{install.npm or install.pypi}: {problem}") from problem
        program = recipe.commands[0][0]
        if shutil.which(program, path=self._terms.environment.get("PATH")) is None:
            raise InstallFailed(f"{recipe.package}: no program '{program}' on the PATH of this worker")
        return recipe

    async def _fill_once(self, recipe: Recipe) -> None:
        """Install, or wait for the task that does. Whoever waits and is cancelled leaves that alone."""
        task = self._filling.get(recipe.key)
        if task is None:
            task = self._filling[recipe.key] = asyncio.ensure_future(self._fill(recipe))
            task.add_done_callback(lambda done: self._forget(recipe.key, done))
        await asyncio.shield(task)

    def _forget(self, key: str, done: "asyncio.Task[None]") -> None:
        self._filling.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may have

    async def _fill(self, recipe: Recipe) -> None:
        held = await _lock(self._cache.try_fill, recipe.key)
        if held is None:  # complete by now, or in other hands
            await asyncio.sleep(LOOK_AGAIN_S)
            return
        try:
            await self._install(recipe, held)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._cache.discard, recipe.key))
            raise
        else:
            await asyncio.to_thread(self._cache.shrink)  # while this one is held: however small the cache, it stays
        finally:
            held.release()

    async def _install(self, recipe: Recipe, held: Held) -> None:
        began = time.monotonic()
        place = Place(self._cache.folder(recipe.key), self._terms.environment, held.descriptor)
        await asyncio.to_thread(_write_files, place.folder, recipe.files)
        for command in recipe.commands:
            left_s = began + self._terms.limit_s - time.monotonic()
            await run_command(command, place, max(1.0, left_s))
        record = await asyncio.to_thread(
            self._cache.complete, recipe.key, str(recipe.package), time.monotonic() - began
        )
        log.info("install.done", package=record.package, took_s=record.took_s, size_bytes=record.size_bytes)


async def _lock(take: Callable[[str], Held | None], key: str) -> Held | None:
    """Take a lock in a thread. Whoever is cancelled meanwhile does not keep it."""
    taking = asyncio.ensure_future(asyncio.to_thread(take, key))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        taking.add_done_callback(_release)
        raise


def _release(taken: "asyncio.Future[Held | None]") -> None:
    if not taken.cancelled() and taken.exception() is None and (held := taken.result()) is not None:
        held.release()


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).write_text(content)
