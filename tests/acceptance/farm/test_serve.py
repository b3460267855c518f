"""A farm of five kinds of processes tests for others, and goes on when any of them is killed."""

import os
import re
import signal
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from scheduler.control.beat import RECOVER
from tests.acceptance.farm.beats import wait_for_ticks
from tests.acceptance.farm.conftest import RunningFarm, ancestors, is_alive, write_suite
from tests.acceptance.farm.slow_runs import RECOVERY_S, assert_recorded_once, assert_starts_are_told, slow_suite
from tests.conftest import CallLog, plain_server
from tests.waiting import wait_until
from workers.redis_clients import redis_client

pytestmark = pytest.mark.timeout(300)


def test_suites_submitted_with_a_key_pass_and_every_call_is_made_once(
    farm: RunningFarm, tmp_path: Path, call_log: CallLog
) -> None:
    expected = {"fields": [{"path": "$[0].text", "value": "hello"}]}
    tests = [{"tool": "echo", "name": f"t{n}", "input": {"text": "hello"}, "expected": expected} for n in range(40)]
    suite = write_suite(tmp_path / "suites", "once", plain_server(call_log), tests)
    run = farm.run(suite)
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert "40 passed" in said
    assert_recorded_once(farm.newest_report(), 40)
    assert call_log.calls() == 40
    assert_starts_are_told(farm.newest_report(), call_log)
    wait_until(lambda: not [pid for pid in call_log.starts() if is_alive(pid)], 60, "servers outlive their idle time")


def test_metrics_tell_how_the_suite_did(farm: RunningFarm, tmp_path: Path) -> None:
    tests = [
        {"tool": "echo", "name": "good", "input": {"text": "x"}},
        {"tool": "echo", "name": "bad", "input": {"text": "x"}, "expected": {"error": True}},
        {"tool": "nothing", "name": "broken"},
        {"tool": "echo", "name": "left", "input": {"text": "x"}, "skip": True},
    ]
    run = farm.run(write_suite(tmp_path / "suites", "measured", plain_server(), tests))
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 1, said

    page = httpx.get(farm.metrics_url, trust_env=False).text
    samples = {
        (sample.name, sample.labels.get("outcome", sample.labels.get("le", ""))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.labels.get("suite") == "measured"
    }
    assert samples["mcp_test_total", "passed"] == 1
    assert samples["mcp_test_total", "failed"] == 1
    assert samples["mcp_test_total", "error"] == 1
    assert samples["mcp_test_total", "skipped"] == 1
    assert samples["mcp_test_success_rate", ""] == pytest.approx(1 / 3)
    assert samples["mcp_test_error_rate", ""] == pytest.approx(1 / 3)
    assert samples["mcp_test_response_time_bucket", "+Inf"] == 2
    assert 0 < samples["mcp_test_response_time_p95", ""] < 10
    assert "mcp_test_baseline_p95" not in page


@pytest.mark.parametrize("member", ["control", "api", "beat", "flower"])
def test_a_run_survives_the_death_of(farm: RunningFarm, tmp_path: Path, call_log: CallLog, member: str) -> None:
    run = farm.run(slow_suite(tmp_path / "suites", f"survives-{member}", call_log))
    wait_until(lambda: call_log.calls() >= 4, 60, "no test was started")
    farm.kill(member)
    said, _ = run.communicate(timeout=RECOVERY_S)
    assert run.returncode == 0, said
    assert_recorded_once(farm.newest_report(), 24)
    assert call_log.calls() == 24
    assert_starts_are_told(farm.newest_report(), call_log)
    assert is_alive(farm.pids(member)[-1])


def test_a_beat_that_was_killed_ticks_again(farm: RunningFarm) -> None:
    farm.kill("beat")
    wait_for_ticks(farm.redis_url, RECOVER, farm.pids("beat")[-1])


def test_flower_answers_again_after_it_was_killed(farm: RunningFarm) -> None:
    address = re.findall(r"flower at (\S+)", farm.text())[-1]
    wait_until(lambda: answers(address), 60, "Flower does not answer")
    farm.kill("flower")
    wait_until(lambda: answers(address), 60, "Flower does not answer any more")


def test_a_run_survives_the_death_of_the_worker_that_is_at_it(
    farm: RunningFarm, tmp_path: Path, call_log: CallLog
) -> None:
    run = farm.run(slow_suite(tmp_path / "suites", "survives-worker", call_log, seconds=2, at_once=16))
    wait_until(lambda: call_log.calls() >= 4, 60, "no test was started")
    at_it = ancestors(call_log.starts()[0])
    farm.kill(next(name for name in ("worker-1", "worker-2") if farm.pids(name)[-1] in at_it))
    said, _ = run.communicate(timeout=RECOVERY_S)
    assert run.returncode == 0, said
    assert_recorded_once(farm.newest_report(), 24)
    lost = [test for test in farm.newest_report().tests if len(test.attempts) > 1]
    assert lost, "the worker that was killed had nothing to lose"
    assert 24 <= call_log.calls() <= 24 + len(lost)


def test_a_run_survives_a_redis_that_is_emptied(farm: RunningFarm, tmp_path: Path, call_log: CallLog) -> None:
    run = farm.run(slow_suite(tmp_path / "suites", "survives-flush", call_log))
    wait_until(lambda: call_log.calls() >= 4, 60, "no test was started")
    with redis_client(farm.redis_url) as client:
        client.flushall()
    said, _ = run.communicate(timeout=RECOVERY_S)
    assert run.returncode == 0, said
    assert_recorded_once(farm.newest_report(), 24)


def test_a_run_survives_the_death_of_the_redis_that_the_farm_brought_up(
    farm: RunningFarm, tmp_path: Path, call_log: CallLog
) -> None:
    run = farm.run(slow_suite(tmp_path / "suites", "survives-redis", call_log))
    wait_until(lambda: call_log.calls() >= 4, 60, "no test was started")
    with redis_client(farm.redis_url) as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)
    said, _ = run.communicate(timeout=RECOVERY_S)
    assert run.returncode == 0, said
    assert_recorded_once(farm.newest_report(), 24)


def test_a_wrong_key_is_refused(farm: RunningFarm, tmp_path: Path) -> None:
    suite = write_suite(tmp_path, "s", plain_server(), [{"tool": "echo", "name": "a", "input": {"text": "x"}}])
    run = farm.run(suite, key="mcpf_000000000000_wrong")
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 4
    assert "does not accept the key" in said


def test_workers_have_never_asked_redis_for_more_than_they_may(farm: RunningFarm, tmp_path: Path) -> None:
    tests = [{"tool": "echo", "name": f"t{n}", "input": {"text": "x"}, "group": f"g{n % 3}"} for n in range(12)]
    run = farm.run(write_suite(tmp_path / "suites", "grouped", plain_server(), tests))
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said
    with redis_client(farm.redis_url) as client:
        assert client.acl_log() == []


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthcheck", trust_env=False).is_success
    except httpx.TransportError:
        return False
