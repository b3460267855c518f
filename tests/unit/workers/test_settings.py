"""What a worker is told, and what it makes of it."""

import pytest
from pydantic import ValidationError

from workers.settings import WorkerSettings


def test_only_the_address_of_redis_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MCPF_REDIS_URL", "MCPF_SLOTS", "MCPF_WORKER_NAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError, match="redis_url"):
        WorkerSettings()

    settings = WorkerSettings(redis_url="redis://x")

    assert (settings.pool, settings.shards, settings.slots, settings.wake) == ("default", 8, 16, True)
    assert settings.server_path


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCPF_REDIS_URL", "redis://x")
    monkeypatch.setenv("MCPF_SLOTS", "3")
    monkeypatch.setenv("MCPF_WAKE", "false")
    monkeypatch.setenv("MCPF_WORKER_NAME", "rack 1/left")

    settings = WorkerSettings()

    assert (settings.slots, settings.wake, settings.worker_name) == (3, False, "rack-1-left")


def test_a_worker_without_a_name_gets_one_that_can_stand_in_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MCPF_WORKER_NAME", raising=False)

    name = WorkerSettings(redis_url="redis://x").worker_name

    assert name and all(letter.isalnum() or letter in "_.-" for letter in name)


@pytest.mark.parametrize("wrong", [{"slots": 0}, {"shards": 65}, {"pool": "a.b"}, {"log_format": "xml"}])
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WorkerSettings.model_validate({"redis_url": "redis://x", **wrong})
