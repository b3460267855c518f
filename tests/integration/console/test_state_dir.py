"""The folders of an embedded farm: what is private goes, also after commands that were killed."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from harness.errors import UsageError
from scheduler.console.embedded.state_dir import StateDir, private_dir, sweep

HOLDER = (
    "import sys, time\nfrom scheduler.console.embedded.state_dir import private_dir\n"
    "with private_dir() as path:\n    print(path, flush=True)\n    sys.stdin.read()\n"
)


def age(path: Path) -> None:
    os.utime(path, (time.time() - 3600, time.time() - 3600))


def test_a_private_directory_is_private_and_goes_with_its_command() -> None:
    with private_dir() as path:
        (path / "scratch").mkdir()
        assert path.stat().st_mode & 0o777 == 0o700

    assert not path.exists()


def test_what_a_killed_command_left_is_swept_and_what_a_living_one_holds_is_not(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True) as holder:
        assert holder.stdout is not None
        path = Path(holder.stdout.readline().strip())
        age(path)
        sweep(tmp_path)
        assert path.exists(), "swept under a living command"

        holder.kill()
        holder.wait()
        age(path)
        sweep(tmp_path)
        assert not path.exists()


def test_young_and_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    young, link, other = tmp_path / "mcpf-run-young", tmp_path / "mcpf-run-link", tmp_path / "something"
    young.mkdir(), other.mkdir()
    link.symlink_to(other)
    age(other)
    sweep(tmp_path)

    assert young.exists() and link.is_symlink() and other.exists()


def test_the_folder_of_a_dead_redis_is_swept_and_that_of_a_living_one_is_not() -> None:
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as living_redis:
        temp = Path(name)  # short: the path of a socket is
        dead, living = temp / "mcpf-redis-dead", temp / "mcpf-redis-living"
        dead.mkdir(), living.mkdir()
        (dead / "s").touch()
        living_redis.bind(str(living / "s"))
        living_redis.listen()
        age(dead), age(living)
        sweep(temp)

        assert (dead.exists(), living.exists()) == (False, True)


def test_a_state_directory_is_private_and_unseen_by_git(tmp_path: Path) -> None:
    state = StateDir(tmp_path / "deep" / ".farm")
    state.create()
    state.create()

    assert state.root.stat().st_mode & 0o777 == 0o700
    assert (state.root / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("name", ["file", "file/state"])
def test_a_state_directory_that_is_a_file_or_below_one_is_a_usage_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="it, or a folder above it, is a file; remove that, or set MCPF_STATE_DIR to"):
        StateDir(tmp_path / name).create()
