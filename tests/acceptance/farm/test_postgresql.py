"""The same farm on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.models.outcomes import TestOutcome
from tests.acceptance.farm.conftest import RunningFarm, serve, write_suite
from tests.conftest import CallLog, plain_server
from tests.databases import postgres, postgres_template

__all__ = ["postgres", "postgres_template"]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def farm_on_postgres(tmp_path: Path, postgres: str) -> Iterator[RunningFarm]:
    running = serve(tmp_path / "state", "--workers", "2", MCPF_DATABASE_URL=postgres)
    try:
        running.wait_ready()
        yield running
    finally:
        running.destroy()


def test_a_farm_on_postgresql_runs_suites_and_shows_their_figures(
    farm_on_postgres: RunningFarm, tmp_path: Path, call_log: CallLog
) -> None:
    farm = farm_on_postgres
    tests = [{"tool": "echo", "name": f"t{number}", "input": {"text": "x"}} for number in range(30)]
    run = farm.run(write_suite(tmp_path / "suites", "pg", plain_server(call_log), tests))
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert farm.newest_report().run.totals == {TestOutcome.PASSED: 30}
    assert call_log.calls() == 30
    page = httpx.get(farm.metrics_url, trust_env=False).text
    assert 'mcp_test_total{outcome="passed",server="pg",suite="pg"} 30.0' in page
    assert 'mcp_test_success_rate{server="pg",suite="pg"} 1.0' in page
    assert not (farm.state_dir / "farm.db").exists()
