"""What processes are told."""

from pathlib import Path

import pytest

from scheduler.operate.environment import api_address, farm_environment, flower_environment, worker_environment
from scheduler.settings import FarmSettings, NightlySchedule, load_settings
from workers.settings import WorkerSettings

SETTINGS = FarmSettings(
    state_dir=Path("/srv/farm"),
    database_url="postgresql://farm:dbsecret@db/farm",
    redis_url="redis://:farmsecret@redis/0",
    worker_redis_url="redis://worker:workersecret@redis/0",
    api_port=8081,
    flower_auth="op:flowersecret",
    workers=3,
    nightly=NightlySchedule(at="03:30", paths=(Path("/srv/suites"),)),
)


def test_a_process_of_the_farm_reads_back_exactly_the_settings_that_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in farm_environment(SETTINGS, {}).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == SETTINGS


def test_a_worker_is_told_no_secret_of_the_farm() -> None:
    inherited = {"PATH": "/bin", **farm_environment(SETTINGS, {}), "FLOWER_BASIC_AUTH": "op:flowersecret"}
    told = worker_environment(SETTINGS, "w1", inherited)
    text = repr(told)
    assert told["PATH"] == "/bin"
    assert "workersecret" in text
    for secret in ("dbsecret", "farmsecret", "flowersecret", "/srv"):
        assert secret not in text


def test_what_a_worker_is_told_are_settings_of_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in worker_environment(SETTINGS, "w1", {"MCPF_MAX_SESSIONS": "3"}).items():
        monkeypatch.setenv(name, value)
    settings = WorkerSettings()  # type: ignore[call-arg]  # the environment has the rest
    assert settings.redis_url == SETTINGS.worker_redis_url
    assert settings.api_url == "http://127.0.0.1:8081"
    assert settings.worker_name == "w1"
    assert settings.max_sessions == 3
    assert settings.slots == SETTINGS.slots


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8081"),
        ("0.0.0.0", "http://127.0.0.1:8081"),
        ("::", "http://[::1]:8081"),
        ("farm.example.com", "http://farm.example.com:8081"),
    ],
)
def test_workers_of_the_machine_reach_the_api_wherever_it_listens(host: str, address: str) -> None:
    assert api_address(SETTINGS.model_copy(update={"api_host": host})) == address


def test_an_address_that_is_set_is_what_workers_are_told() -> None:
    assert api_address(SETTINGS.model_copy(update={"api_url": "https://farm"})) == "https://farm"


def test_flower_without_a_password_is_read_only() -> None:
    assert flower_environment(SETTINGS, {})["FLOWER_BASIC_AUTH"] == "op:flowersecret"
    open_to_all = flower_environment(SETTINGS.model_copy(update={"flower_auth": ""}), {"FLOWER_BASIC_AUTH": "old"})
    assert open_to_all["FLOWER_READ_ONLY"] == "true"
    assert "FLOWER_BASIC_AUTH" not in open_to_all
