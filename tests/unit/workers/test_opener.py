"""Servers of installed packages: what is first in their PATH, and for how long their package stays."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.mcp.sandbox import Sandbox
from harness.models.job import SuitePlan
from harness.models.server import Server
from harness.models.target import PlannedInstall
from harness.secrets.store import SecretStore
from workers.bundles import Bundles, DirectoryBlobSource
from workers.install_cache import InstallCache
from workers.install_recipe import Machine
from workers.installer import Installer, Terms
from workers.opener import ServerOpener
from workers.plan_secrets import PlanSecrets

PLAN = SuitePlan(
    project="p",
    suite="s",
    target="t",
    file="s.yaml",
    server=Server(command="a"),
    install=PlannedInstall(npm="a@1.0.0"),
    tests=(),
)


class Engine:
    """Opens nothing, and remembers with what environments it should have."""

    def __init__(self) -> None:
        self.environments: list[Mapping[str, str]] = []

    async def get(self) -> "Engine":
        return self

    async def open_session(self, *_: Any, sandbox: Sandbox, environment: Mapping[str, str]) -> str:
        self.environments.append(environment)
        return "a session"


def new_opener(tmp_path: Path, cache: InstallCache, engine: Engine) -> ServerOpener:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nmkdir -p node_modules/.bin\n")
    npm.chmod(0o755)

    async def machine() -> Machine:
        return Machine("linux", "CPython", "python3")

    (tmp_path / "scratch").mkdir()
    return ServerOpener(
        None,  # type: ignore[arg-type]  # nothing is launched
        engine,  # type: ignore[arg-type]
        Bundles(DirectoryBlobSource(tmp_path), tmp_path / "blobs"),
        Installer(cache, machine, Terms({"PATH": f"{tmp_path}:/usr/bin:/bin"}, 20)),
        scratch=tmp_path / "scratch",
        environment={"PATH": "/servers", "LANG": "C"},
        secrets=PlanSecrets(SecretStore({}, None)),
    )


def folders(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir()]


def test_the_programs_of_a_package_come_first_and_it_stays_until_the_sandbox_is_removed(tmp_path: Path) -> None:
    engine, cache = Engine(), InstallCache(tmp_path / "packages", max_bytes=-1)

    async def story() -> None:
        opener = new_opener(tmp_path, cache, engine)
        sandbox = await opener.make_sandbox(PLAN, "")
        await asyncio.gather(*(opener.open_session(PLAN, sandbox) for _ in range(3)))
        cache.shrink()
        [package] = folders(tmp_path / "packages")
        assert engine.environments == [{"PATH": f"{package}/node_modules/.bin:/servers", "LANG": "C"}] * 3

        await opener.remove_sandbox(sandbox)
        cache.shrink()
        assert folders(tmp_path / "packages") == []

    asyncio.run(story())


def test_a_server_that_needs_no_package_gets_the_path_that_all_get(tmp_path: Path) -> None:
    engine = Engine()

    async def story() -> None:
        opener = new_opener(tmp_path, InstallCache(tmp_path / "packages", 1), engine)
        plain = PLAN.model_copy(update={"install": None})
        await opener.open_session(plain, await opener.make_sandbox(plain, ""))

    asyncio.run(story())
    assert (engine.environments, (tmp_path / "packages").exists()) == ([{"PATH": "/servers", "LANG": "C"}], False)


def test_a_session_that_is_no_longer_wanted_keeps_no_package(tmp_path: Path) -> None:
    cache = InstallCache(tmp_path / "packages", max_bytes=-1)

    async def story() -> None:
        opener = new_opener(tmp_path, cache, Engine())
        sandbox = await opener.make_sandbox(PLAN, "")
        await opener.open_session(PLAN, sandbox)
        await opener.remove_sandbox(sandbox)
        for turns in range(8):
            sandbox = await opener.make_sandbox(PLAN, "")
            unwanted = asyncio.ensure_future(opener.open_session(PLAN, sandbox))
            for _ in range(turns):
                await asyncio.sleep(0)
            unwanted.cancel()
            with pytest.raises(asyncio.CancelledError):
                await unwanted
            await opener.remove_sandbox(sandbox)
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(story())
    cache.shrink()
    assert folders(tmp_path / "packages") == []
