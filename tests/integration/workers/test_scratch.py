"""The directory of a worker: its own while it lives, gone afterwards, also when it could not remove it itself."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.scratch import LOCK, remove_abandoned, scratch_directory

HOLD = """
import sys
from workers.scratch import scratch_directory
with scratch_directory("victim", sys.argv[1]) as scratch:
    (scratch / "sandbox").mkdir()
    print(scratch, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_temporary_directory() -> Iterator[None]:
    before = tempfile.tempdir
    yield
    tempfile.tempdir = before


def start_holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Another process with a directory of its own there."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_the_directory_is_made_used_for_temporary_files_and_removed(tmp_path: Path) -> None:
    with scratch_directory("w1", str(tmp_path / "new")) as scratch:
        assert scratch.parent == tmp_path / "new"
        assert scratch.name.startswith("w1-")
        assert Path(tempfile.mkdtemp()).parent == scratch
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_worker_left_is_removed_by_the_next(tmp_path: Path) -> None:
    process, left = start_holder(tmp_path)
    end(process)
    assert (left / "sandbox").is_dir()
    with scratch_directory("w2", str(tmp_path)) as scratch:
        assert list(tmp_path.iterdir()) == [scratch]


def test_the_directory_of_a_living_worker_stays(tmp_path: Path) -> None:
    process, held = start_holder(tmp_path)
    try:
        remove_abandoned(tmp_path)
        assert (held / "sandbox").is_dir()
    finally:
        end(process)


def test_nothing_is_removed_but_directories_of_workers(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere-abcd1234"
    elsewhere.mkdir()
    (elsewhere / LOCK).touch()
    parent = tmp_path / "parent"
    kept = ["another-program", "no-lock-abcd1234", "old-lock-abcd1234", "linked-lock-abcd1234", "link-abcd1234"]
    for name in kept[:-1]:
        (parent / name).mkdir(parents=True)
    (parent / "another-program" / LOCK).touch()
    (parent / "old-lock-abcd1234" / ".worker").touch()
    (parent / "linked-lock-abcd1234" / LOCK).symlink_to(elsewhere / LOCK)
    (parent / "link-abcd1234").symlink_to(elsewhere)

    remove_abandoned(parent)

    assert (elsewhere / LOCK).exists()
    assert sorted(path.name for path in parent.iterdir()) == sorted(kept)
