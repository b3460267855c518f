"""Installing: once for everybody who waits, whole or not at all, and in words that help when it fails.

The installers are small programs called `npm`, in folders of their own: no network, and real processes.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InstallFailed
from harness.models.target import PlannedInstall
from tests.processes import alive
from tests.waiting import wait_until
from workers.install_cache import InstallCache
from workers.install_recipe import Machine
from workers.installer import Installer, Terms

PACKAGE = PlannedInstall(npm="a@1.0.0")
GOOD = "echo run >> $LOG; mkdir -p node_modules/.bin; echo '#!/bin/sh' > node_modules/.bin/a; cat package.json >> $LOG"


def on_a_loop(test: Callable[[Path], Coroutine[Any, Any, None]]) -> Callable[[Path], None]:
    @functools.wraps(test)
    def run(tmp_path: Path) -> None:
        asyncio.run(test(tmp_path))

    return run


def npm(folder: Path, script: str) -> dict[str, str]:
    """An environment in which `npm` is this script."""
    folder.mkdir(exist_ok=True)
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "LOG": str(folder / "log")}


def new_installer(tmp_path: Path, script: str, limit_s: float = 20) -> Installer:
    async def machine() -> Machine:
        return Machine("linux", "CPython", "python3", "20")

    cache = InstallCache(tmp_path / "cache", 10**9)
    return Installer(cache, machine, Terms(npm(tmp_path / "bin", script), limit_s))


def log_of(tmp_path: Path) -> str:
    log = tmp_path / "bin" / "log"
    return log.read_text() if log.exists() else ""


async def failure_of(use: Callable[[], Awaitable[object]]) -> InstallFailed:
    with pytest.raises(InstallFailed) as caught:
        await use()
    return caught.value


@on_a_loop
async def test_a_package_is_installed_once_for_all_who_wait_and_found_by_the_next_process(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, GOOD)
    installed = await asyncio.gather(*(installer.use(PACKAGE, b"") for _ in range(5)))
    again = await new_installer(tmp_path, "exit 1").use(PACKAGE, b"")

    assert {one.programs for one in [*installed, again]} == {again.programs}
    assert [program.name for program in again.programs.iterdir()] == ["a"]
    assert log_of(tmp_path) == 'run\n{"private": true}'


@on_a_loop
async def test_two_processes_at_once_install_once(tmp_path: Path) -> None:
    first, second = (new_installer(tmp_path, f"sleep 0.3; {GOOD}") for _ in range(2))
    await asyncio.gather(first.use(PACKAGE, b""), second.use(PACKAGE, b""))
    assert log_of(tmp_path).count("run") == 1


@on_a_loop
async def test_an_installer_that_fails_is_told_with_its_command_and_its_first_error_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    script = "mkdir half; echo chatter; echo 'npm error code E404'; echo 'npm error 404 Gone' >&2; echo bye; exit 3"
    installer = new_installer(tmp_path, script)

    fault = await failure_of(lambda: installer.use(PACKAGE, b""))

    assert fault.message.startswith("`npm install --save-exact --ignore-scripts")
    assert fault.message.endswith("a@1.0.0` ended with exit code 3: npm error 404 Gone")
    assert fault.stderr_tail == "chatter\nnpm error code E404\nnpm error 404 Gone\nbye"
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


@on_a_loop
async def test_after_a_failure_the_next_one_tries_again(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, f"test -e $LOG || {{ touch $LOG; exit 1; }}; {GOOD}")
    await failure_of(lambda: installer.use(PACKAGE, b""))
    assert (await installer.use(PACKAGE, b"")).programs.is_dir()


@on_a_loop
async def test_an_installer_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, "sleep 300 & echo $! > $LOG; echo waiting; wait", limit_s=1)

    fault = await failure_of(lambda: installer.use(PACKAGE, b""))

    assert "did not end within" in fault.message and fault.message.endswith(": waiting")
    pid = int(log_of(tmp_path))
    wait_until(lambda: not alive(pid), 5)


@on_a_loop
async def test_whoever_is_cancelled_while_waiting_leaves_the_others_their_package(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, f"touch $LOG.begun; sleep 0.3; {GOOD}")
    impatient = asyncio.ensure_future(installer.use(PACKAGE, b""))
    patient = asyncio.ensure_future(installer.use(PACKAGE, b""))
    await asyncio.to_thread(wait_until, (tmp_path / "bin" / "log.begun").exists, 10)
    impatient.cancel()
    assert (await patient).programs.is_dir()
    assert log_of(tmp_path).count("run") == 1


@on_a_loop
async def test_a_worker_that_stops_ends_what_it_installs(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, "echo $$ > $LOG.new; mv $LOG.new $LOG; sleep 300")
    waiting = asyncio.ensure_future(installer.use(PACKAGE, b""))
    await asyncio.to_thread(wait_until, lambda: bool(log_of(tmp_path)), 10)
    await installer.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not alive(int(log_of(tmp_path)))
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


@on_a_loop
async def test_a_flood_of_output_is_read_and_bounded(tmp_path: Path) -> None:
    installer = new_installer(tmp_path, "head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo the end; exit 1")
    fault = await failure_of(lambda: installer.use(PACKAGE, b""))
    assert len(fault.stderr_tail) <= 3000 and fault.message.endswith(": the end")


@on_a_loop
async def test_a_worker_without_the_installer_says_so(tmp_path: Path) -> None:
    async def machine() -> Machine:
        return Machine("linux", "CPython", "python3")

    installer = Installer(InstallCache(tmp_path / "cache", 1), machine, Terms({"PATH": str(tmp_path)}, 20))
    fault = await failure_of(lambda: installer.use(PACKAGE, b""))
    assert fault.message == "a@1.0.0: no program 'npm' on the PATH of this worker"


@on_a_loop
async def test_a_cache_that_cannot_be_used_is_an_error_of_the_install(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    fault = await failure_of(lambda: new_installer(tmp_path, GOOD).use(PACKAGE, b""))
    assert fault.message.startswith("a@1.0.0: the cache of packages cannot be used: ")
    assert fault.message.endswith("(MCPF_INSTALL_DIR names it)")
