"""docs/farm.md is what an operator goes by: it must name every setting, metric, route and rule there is."""

import json
import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from scheduler.operate import metrics
from scheduler.operate.acl import WORKER_USER, worker_rules
from scheduler.settings import FarmSettings
from tests.conftest import SHARED, require
from workers.settings import WorkerSettings

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGE = (DOCS / "farm.md").read_text()


@pytest.mark.parametrize(("settings", "table"), [(FarmSettings, "farm"), (WorkerSettings, "worker")])
def test_the_table_of_settings_names_exactly_those_that_exist(settings: type[BaseSettings], table: str) -> None:
    start = PAGE.index(f"| {table} | default | meaning |")
    rows = PAGE[start:].split("\n\n")[0]
    assert set(re.findall(r"`MCPF_([A-Z_]+)`", rows)) == {name.upper() for name in settings.model_fields}


def test_the_rules_of_the_workers_user_can_be_copied_from_the_page() -> None:
    assert f"ACL SETUSER {WORKER_USER} {' '.join(worker_rules('PASSWORD'))}\n" in PAGE


def test_the_page_names_every_metric() -> None:
    names = {line.split()[0].removesuffix("_*") for line in (metrics.__doc__ or "").splitlines() if line[:4] == "mcp_"}
    assert names == set(re.findall(r"`(mcp_\w+)`", PAGE))


def test_the_page_names_every_route() -> None:
    paths = json.loads((DOCS / "openapi.json").read_text())["paths"]
    for path in paths:
        assert path.replace("{run_id}", "{id}") in PAGE


def test_what_alerts_and_dashboards_ask_for_is_a_metric_of_ours() -> None:
    seed = require(SHARED / "seed")
    asked = {
        name
        for file in ("mcp-test-harness-rules.yml", "grafana-dashboard.json")
        for name in re.findall(r"mcp_test_\w+", (seed / file).read_text())
    }
    assert asked == {
        "mcp_test_error_rate",
        "mcp_test_success_rate",
        "mcp_test_response_time_p95",
        "mcp_test_baseline_p95",
        "mcp_test_response_time_bucket",
        "mcp_test_total",
    }
    assert {name.removesuffix("_bucket") for name in asked} <= set(re.findall(r"`(mcp_\w+)`", PAGE))
