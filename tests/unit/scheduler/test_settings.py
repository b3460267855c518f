"""The farm's settings: where each comes from, and what is said of a wrong one."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.errors import UsageError
from scheduler.settings import MAX_CONFIG_BYTES, FarmSettings, NightlySchedule, load_settings
from scheduler.state.breaker import Terms


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine takes part."""
    for name in FarmSettings.model_fields:
        monkeypatch.delenv(f"MCPF_{name.upper()}", raising=False)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "farm.yaml"
    path.write_text(text)
    return path


def test_without_anything_a_farm_lives_in_its_state_directory() -> None:
    settings = load_settings()
    assert settings.database == f"sqlite:///{Path.cwd() / '.farm' / 'farm.db'}"
    assert settings.blobs == Path(".farm/blobs")
    assert settings.api_host == "127.0.0.1"


def test_arguments_win_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(tmp_path, "shards: 2\nslots: 2\nworkers: 2\n")
    monkeypatch.setenv("MCPF_SLOTS", "3")
    monkeypatch.setenv("MCPF_WORKERS", "3")
    settings = load_settings(config, workers=4)
    assert (settings.shards, settings.slots, settings.workers) == (2, 3, 4)


def test_weights_and_breaker_come_from_the_file_or_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write(tmp_path, "breaker: {failures: 7, interval_s: 2, recovery_s: 9}\nproject_weights: {shop: 3}\n")
    settings = load_settings(config)
    assert (settings.breaker, settings.project_weights) == (Terms(7, 2, 9), {"shop": 3})
    monkeypatch.setenv("MCPF_BREAKER", '{"failures": 1, "interval_s": 1, "recovery_s": 1}')
    monkeypatch.setenv("MCPF_PROJECT_WEIGHTS", '{"shop": 5}')
    settings = load_settings(config)
    assert (settings.breaker, settings.project_weights) == (Terms(1, 1, 1), {"shop": 5})


def test_a_nightly_schedule_comes_from_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, "nightly:\n  at: '03:30'\n  paths: [suites]\n")
    assert load_settings(config).nightly == NightlySchedule(at="03:30", paths=(Path("suites"),))


@pytest.mark.parametrize("at", ["10:00", "12:30", "23:59"])
def test_a_time_without_quotes_is_no_number(tmp_path: Path, at: str) -> None:
    config = write(tmp_path, f"nightly:\n  at: {at}\n  paths: [suites]\n")
    assert load_settings(config).nightly == NightlySchedule(at=at, paths=(Path("suites"),))


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, "# nothing yet\n")) == load_settings()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shards: 4\nshrads: 5\n", "farm.yaml:2: unknown setting 'shrads'; known are: "),
        ("\n\nslots: many\n", "farm.yaml:3: setting 'slots': "),
        ("nightly:\n  at: '25:00'\n  paths: [a]\n", "farm.yaml:1: setting 'nightly.at': "),
        ("- a list\n", "farm.yaml:1: expected `setting: value` lines"),
        ("8080: api\n", "farm.yaml: the key 8080 is not a word"),
        ("a: [\n", "farm.yaml: not readable as YAML"),
        ("[" * 100_000, "farm.yaml: not readable as YAML"),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(write(tmp_path, text))
    assert said in str(caught.value)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCPF_API_PORT", "http")
    with pytest.raises(UsageError, match="MCPF_API_PORT: setting 'api_port'"):
        load_settings()


def test_an_empty_variable_counts_as_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCPF_SHARDS", "")
    assert load_settings(write(tmp_path, "shards: 3\n")).shards == 3


def test_a_file_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path / "missing.yaml")
    with pytest.raises(UsageError, match="larger than"):
        load_settings(write(tmp_path, "#" * (MAX_CONFIG_BYTES + 1)))


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().slots = 3  # type: ignore[misc]  # that it is frozen is what this test shows
