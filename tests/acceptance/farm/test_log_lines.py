"""What the processes of a farm write: JSON lines that name their process, and nothing else."""

import json
from pathlib import Path

import pytest

from tests.acceptance.farm.conftest import free_port, serve
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

OURS = ("admin key, shown only now: ", "farm at ", "flower at ")
"""What `serve` says to whoever starts it."""


def named(lines: list[str]) -> set[str]:
    odd = [line for line in lines if not line.startswith((*OURS, "{"))]
    assert not odd, "\n".join(odd[:60])
    return {json.loads(line)["process"] for line in lines if not line.startswith(OURS)}


def test_every_line_of_every_process_is_json_and_names_it(tmp_path: Path) -> None:
    settings = {"MCPF_LOG_LEVEL": "debug", "MCPF_FLOWER_PORT": str(free_port())}
    farm = serve(tmp_path / "state", "--workers", "1", "--flower", **settings)
    everybody = {"serve", "api", "control", "worker", "beat", "flower"}
    try:
        farm.wait_ready()
        wait_until(lambda: named(farm.text().split("\n")[:-1]) == everybody, 60, "a process says nothing")
        assert farm.stop() == 0
        assert named(farm.text().splitlines()) == everybody
    finally:
        farm.destroy()
