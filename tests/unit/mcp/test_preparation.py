"""From a suite's `server:` to the process that is started."""

from pathlib import Path

import pytest

from harness.containment.start import ServerStart
from harness.errors import ServerUnavailable
from harness.mcp.preparation import DEFAULT_PATH, prepare_start
from harness.mcp.sandbox import Sandbox
from harness.models.server import Server

SANDBOX = Sandbox(Path("/scratch/one"))
BASE = {"PATH": DEFAULT_PATH, "HOME": "/scratch/one/sandbox", "TMPDIR": "/scratch/one/tmp", "LANG": "C.UTF-8"}


def test_a_start_is_built_from_the_suite_the_sandbox_and_nothing_else() -> None:
    server = Server(command="${sandbox}/run", args=("--root", "${sandbox}"), env={"DATA": "${sandbox}/d"})
    assert prepare_start(server, SANDBOX, {}) == ServerStart(
        command="/scratch/one/sandbox/run",
        args=("--root", "/scratch/one/sandbox"),
        env={**BASE, "DATA": "/scratch/one/sandbox/d"},
        cwd="/scratch/one/sandbox",
        stop_timeout_s=1.0,
    )


def test_the_suite_has_the_last_word_on_variables() -> None:
    server = Server(command="x", env={"LANG": "de_DE", "PATH": "/mine"})
    start = prepare_start(server, SANDBOX, {"PATH": "/workers", "NODE_OPTIONS": "-x"})
    assert start.env == {**BASE, "LANG": "de_DE", "PATH": "/mine", "NODE_OPTIONS": "-x"}


@pytest.mark.parametrize(
    ("working_dir", "cwd"),
    [
        (None, ""),
        ("", ""),
        (".", ""),
        ("${sandbox}", ""),
        ("a/b", "/a/b"),
        ("./a/", "/a"),
        ("${sandbox}/a", "/a"),
        ("${sandbox}/", ""),
        ("./.", ""),
    ],
)
def test_the_working_directory_lies_in_the_sandbox(working_dir: str | None, cwd: str) -> None:
    start = prepare_start(Server(command="x", working_dir=working_dir), SANDBOX, {})
    assert start.cwd == f"/scratch/one/sandbox{cwd}"


@pytest.mark.parametrize("working_dir", ["/", "/tmp", "..", "a/../..", "${sandbox}/../x"])
def test_a_working_directory_elsewhere_is_refused(working_dir: str) -> None:
    with pytest.raises(ServerUnavailable, match="working_dir"):
        prepare_start(Server(command="x", working_dir=working_dir), SANDBOX, {})


def test_a_short_shutdown_time_is_kept() -> None:
    assert prepare_start(Server(command="x", shutdown_timeout_seconds=0.3), SANDBOX, {}).stop_timeout_s == 0.3
