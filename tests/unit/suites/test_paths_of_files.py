"""Paths in a suite: relative, inside, and of a length that file systems take; and the folder where a server works."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ServerUnavailable
from harness.mcp.preparation import prepare_start
from harness.mcp.sandbox import Sandbox
from harness.models.server import Server
from harness.suites.confined import is_in_sandbox, is_inside

SANDBOX = Sandbox(Path("/scratch/one"))
PARTS = st.sampled_from(["${sandbox}", "/", "..", ".", "a", "b c", "x" * 256, "//", "${sandbox"])


@pytest.mark.parametrize("path", ["a", "a/b.txt", "ä/b", ".", "x" * 255, "a/" * 63 + "b"])
def test_a_path_below_its_folder_is_taken(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "../a", "a/../b", "a\0", "x" * 256, "ä" * 128, "a/" * 64 + "b", "abc/" * 300]
)
def test_a_path_that_leads_out_or_no_file_system_takes_is_refused(path: str) -> None:
    assert not is_inside(path)


@pytest.mark.parametrize("path", ["a", "a/b", "./a/", ".", "${sandbox}", "${sandbox}/", "${sandbox}/.", "${sandbox}/a"])
def test_a_working_directory_in_the_sandbox_is_taken(path: str) -> None:
    assert is_in_sandbox(path)


@pytest.mark.parametrize(
    "path",
    ["/", "..", "${sandbox}/..", "${sandbox}/a/../..", "a/../b", "${sandbox}x", "a/${sandbox}", "/tmp", "//", "./.."],
)
def test_a_working_directory_that_leads_out_is_refused(path: str) -> None:
    assert not is_in_sandbox(path)


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_no_working_directory_is_accepted_that_the_start_of_the_server_refuses(parts: list[str]) -> None:
    path = "".join(parts)
    try:
        prepare_start(Server(command="c", working_dir=path), SANDBOX, {})
    except ServerUnavailable:
        assert not is_in_sandbox(path)
