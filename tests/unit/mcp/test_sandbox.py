"""Sandboxes: files go in where they may, and everything goes away again."""

import os
from pathlib import Path

import pytest

from harness.mcp.sandbox import create_sandbox, remove_tree, temporary_sandbox
from harness.models.job import PlannedFile


def planned(target: str, mode: int = 0o644) -> PlannedFile:
    return PlannedFile(target=target, digest="0" * 64, mode=mode)


def test_a_sandbox_is_private_and_empty(tmp_path: Path) -> None:
    sandbox = create_sandbox(tmp_path)
    for folder in (sandbox.root, sandbox.path, sandbox.tmp):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(sandbox.path.iterdir()) == []


def test_files_are_placed_with_their_mode(tmp_path: Path) -> None:
    source = tmp_path / "blob"
    source.write_bytes(b"from a file")
    with temporary_sandbox(tmp_path) as sandbox:
        sandbox.place(planned("a/b/run.sh", 0o755), b"from memory")
        sandbox.place(planned("c.txt", 0o6444), source)
        assert (sandbox.path / "a/b/run.sh").read_bytes() == b"from memory"
        assert (sandbox.path / "c.txt").read_bytes() == b"from a file"
        assert os.access(sandbox.path / "a/b/run.sh", os.X_OK)
        assert (sandbox.path / "c.txt").stat().st_mode & 0o7777 == 0o444
    assert not sandbox.root.exists()


@pytest.mark.parametrize("target", ["/etc/x", "../x", "a/../../x", "", ".", "a\0b"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, target: str) -> None:
    with temporary_sandbox(tmp_path) as sandbox, pytest.raises(ValueError, match="not a path inside the sandbox"):
        sandbox.place(planned(target), b"")


def test_a_tree_is_removed_however_deep_locked_or_tangled(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("stays")
    top = tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(outside)
    (top / "locked").mkdir()
    (top / "locked" / "file").write_text("x")
    (top / "locked").chmod(0)
    here = os.open(top, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("deeper", dir_fd=here)
        below = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("leaf", os.O_CREAT, dir_fd=here))
    os.close(here)

    assert remove_tree(top)

    assert not top.exists()
    assert (outside / "precious").read_text() == "stays"


def test_removing_what_is_not_there_is_no_failure(tmp_path: Path) -> None:
    assert remove_tree(tmp_path / "never")
