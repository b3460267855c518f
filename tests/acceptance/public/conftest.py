"""Servers as the public suites want them: pinned, started by an `npx` of ours, in the folder that they expect."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.public.population import ROOT, clear, populate
from tests.acceptance.public.shim import REPOSITORY, write_npx
from tests.conftest import require


@pytest.fixture
def path_with_npx(tmp_path: Path) -> Callable[[str], str]:
    """A PATH on which `npx` starts the servers of `.servers/<installed>`."""

    def make(installed: str) -> str:
        require(REPOSITORY / ".servers" / installed / "installed")
        folder = tmp_path / "bin"
        folder.mkdir()
        write_npx(folder, installed)
        return f"{folder}:{os.environ['PATH']}"

    return make


@pytest.fixture
def populated() -> Iterator[None]:
    """The folder of the filesystem suites, for one test at a time on this machine, and never somebody else's.

    The lock file holds a mark while the folder is ours, so that what a killed test left is known and removed.
    """
    with ROOT.with_suffix(".lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ours = lock.tell() > 0
        assert ours or not ROOT.exists(), f"{ROOT} exists: remove it, the public suites need it for themselves"
        lock.write("ours")
        lock.flush()
        populate()
        yield
        clear()
        lock.truncate(0)
