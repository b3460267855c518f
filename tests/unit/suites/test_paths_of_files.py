"""Paths in a suite: relative, inside, and of a length that file systems take."""

import pytest

from harness.suites.rules import is_inside


@pytest.mark.parametrize("path", ["a", "a/b.txt", "ä/b", ".", "x" * 255, "a/" * 63 + "b"])
def test_a_path_below_its_folder_is_taken(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "../a", "a/../b", "a\0", "x" * 256, "ä" * 128, "a/" * 64 + "b", "abc/" * 300]
)
def test_a_path_that_leads_out_or_no_file_system_takes_is_refused(path: str) -> None:
    assert not is_inside(path)
