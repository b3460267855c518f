"""A real API over real HTTP, on a store and a Redis of its own, without workers."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml

from harness.models.run import RunRequest, RunView
from harness.suites.bundle import PackedBundle, pack
from harness.suites.load import load_paths
from scheduler.console.api.app import create_app
from scheduler.control.farm import Farm, open_farm
from scheduler.operate.embedded_redis import RedisServer
from scheduler.operate.keys import create_key
from scheduler.settings import FarmSettings
from scheduler.store.owners import ALL_PROJECTS
from tests.conftest import plain_server
from tests.waiting import wait_until


@dataclass(frozen=True)
class Api:
    """A running API and a client that holds its admin key."""

    url: str
    farm: Farm
    key: str
    http: httpx.Client
    server: uvicorn.Server

    def with_key(self, key: str) -> httpx.Client:
        """A client with another key, or none. Its owner closes it."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False)

    def upload(self, packed: PackedBundle) -> None:
        """Store all blobs of a bundle."""
        for digest, content in packed.contents.items():
            body = content if isinstance(content, bytes) else content.read_bytes()
            self.http.put(f"/v1/blobs/{digest}", content=body).raise_for_status()

    def start(self, packed: PackedBundle, **request: Any) -> RunView:
        """Upload and start a run."""
        self.upload(packed)
        body = RunRequest(bundle=packed.digest, **request).model_dump(mode="json")
        answer = self.http.post("/v1/runs", json=body)
        assert answer.status_code == 201, answer.text
        return RunView.model_validate_json(answer.content)


@pytest.fixture
def farm(redis_server: RedisServer, state_dir: Path) -> Iterator[Farm]:
    with open_farm(FarmSettings(state_dir=state_dir, redis_url=redis_server.url, evidence_run_mb=2)) as farm:
        yield farm


@pytest.fixture
def api(farm: Farm) -> Iterator[Api]:
    key = create_key(farm.store, "admin", ALL_PROJECTS)
    config = uvicorn.Config(
        create_app(farm), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as opened:
        url = f"http://127.0.0.1:{opened.getsockname()[1]}"
        thread = threading.Thread(target=server.run, args=([opened],), daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as http:
            yield Api(url, farm, key, http, server)
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def bundle(tmp_path: Path) -> PackedBundle:
    """Two tests on the fixture server."""
    tests = [{"name": name, "input": {"text": name}} for name in ("one", "two")]
    return packed_suite(tmp_path / "suites", {"name": "pair", "tools": [{"name": "echo", "tests": tests}]})


def packed_suite(folder: Path, suite: dict[str, Any]) -> PackedBundle:
    """A bundle of one suite file, written into `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(yaml.safe_dump({"server": plain_server(), **suite}))
    return pack(folder, load_paths([folder]))
