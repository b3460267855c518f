"""What those who watch are told."""

import httpx

from harness.version import VERSION
from scheduler.operate.embedded_redis import RedisServer
from tests.integration.api.conftest import Api


def test_a_healthy_farm_says_so(api: Api) -> None:
    for path in ("/health", "/ready"):
        assert api.http.get(path).json() == {"status": "ok", "version": VERSION}


def test_a_farm_without_redis_lives_but_is_not_ready(api: Api, redis_server: RedisServer) -> None:
    redis_server.process.kill()
    redis_server.process.wait()
    assert api.http.get("/health").status_code == 200
    answer: httpx.Response = api.http.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "no answer from: redis"


def test_the_process_shows_what_it_uses(api: Api) -> None:
    answer = api.http.get("/health/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "process_resident_memory_bytes" in answer.text
    assert "mcp_test_total" not in answer.text
