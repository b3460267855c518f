"""The settings of a farm: one frozen object, built once at the entry point from arguments, `MCPF_*` and a file.

Owns what the farm's processes take from the environment. Precedence: arguments, then environment, then the file.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from harness.errors import UsageError
from scheduler.state.breaker import Terms
from scheduler.suite_environment import allowed_environment

PREFIX = "MCPF_"
MAX_CONFIG_BYTES = 256 * 1024


class NightlySchedule(BaseModel):
    """One run that beat starts every day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="nightly", pattern=r"^[A-Za-z0-9_.-]{1,80}$")
    at: str = Field(default="02:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="hour and minute, UTC")
    paths: tuple[Path, ...] = Field(min_length=1, description="suite files or folders, as `run` takes them")
    project: str = "default"

    @field_validator("at", mode="before")
    @classmethod
    def _as_text(cls, at: object) -> object:
        """YAML 1.1 reads 12:30 without quotes as a number to the base of 60."""
        return f"{at // 60}:{at % 60:02}" if isinstance(at, int) and 10 * 60 <= at < 24 * 60 else at


class FarmSettings(BaseSettings):
    """All that the farm is told. Empty addresses mean: bring your own (SQLite in `state_dir`, an embedded Redis)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    state_dir: Path = Field(default=Path(".farm"), description="SQLite file, blobs and the embedded Redis's file")
    database_url: str = Field(default="", description="sqlite:///… or postgresql://…; empty: state_dir/farm.db")
    redis_url: str = Field(default="", description="redis://, rediss:// or unix://; empty: embedded")
    worker_redis_url: str = Field(default="", description="what workers are given: the address with their ACL user")
    blob_dir: Path | None = Field(default=None, description="artefact store; default state_dir/blobs")
    evidence_run_mb: int = Field(default=256, ge=0, description="what workers may hand in of one run, in MiB")
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=0, le=65535)
    api_url: str = Field(default="", description="how workers reach the API; default http://api_host:api_port")
    metrics_port: int = Field(default=9090, ge=0, le=65535)
    flower_host: str = "127.0.0.1"
    flower_port: int = Field(default=5555, ge=1, le=65535)
    flower_auth: str = Field(default="", description="user:password for Flower; empty: it is read-only, without API")
    pool: str = Field(default="default", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    shards: int = Field(default=8, ge=1, le=64)
    workers: int = Field(default=1, ge=0, le=64, description="local worker processes that `serve` and `run` start")
    slots: int = Field(default=16, ge=1, le=256, description="tests in flight in one local worker process")
    project_weights: dict[str, Annotated[float, Field(gt=0, le=1000)]] = Field(
        default_factory=dict, description="share of the slots of each project against the others; 1 where not named"
    )
    run_deadline_s: float = Field(default=6 * 3600, gt=0, le=7 * 24 * 3600, description="a run ends after this")
    breaker: Terms = Field(default=Terms(), description="when a target counts as unreachable; the seed's health_check")
    nightly: NightlySchedule | None = None
    suite_environment: dict[str, str] = Field(
        default_factory=dict, description="variables that suites may name; from the environment by MCPF_ALLOWED_ENV"
    )
    process: Literal["control", "beat", "flower"] = Field(default="control", description="its name in log lines")
    log_level: str = "info"
    log_format: Literal["json", "console"] = "json"

    @property
    def database(self) -> str:
        """The database's URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.state_dir.absolute() / 'farm.db'}"

    @property
    def blobs(self) -> Path:
        """The artefact store's directory, the default filled in."""
        return self.blob_dir or self.state_dir / "blobs"


def load_settings(config: Path | None = None, **arguments: Any) -> FarmSettings:
    """Settings from `arguments`, the environment and a YAML file. Raises UsageError naming file, line and remedy."""
    written, lines = _read_config(config) if config else ({}, {})
    kept = {key: value for key, value in written.items() if not os.environ.get(f"{PREFIX}{key}".upper())}
    try:
        return FarmSettings(**{"suite_environment": allowed_environment(os.environ), **kept, **arguments})
    except ValidationError as error:
        raise UsageError(_explain(error, config, lines)) from error


def _read_config(path: Path) -> tuple[dict[str, Any], Mapping[str, int]]:
    """The file's mapping and the line of each of its keys."""
    text = _read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{path}: not readable as YAML: {str(error)[:300]}") from error
    if content is None:
        return {}, {}
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise UsageError(f"{path}:1: expected `setting: value` lines, found a {type(content).__name__}")
    if odd := next((key for key in content if not isinstance(key, str)), None):
        raise UsageError(f"{path}: the key {odd!r} is not a word; settings are written as `setting: value`")
    return content, {str(key.value): key.start_mark.line + 1 for key, _ in node.value}


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise UsageError(f"{path}: larger than {MAX_CONFIG_BYTES // 1024} KiB; is this a configuration file?")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}; give the path of a configuration file") from error


def _explain(error: ValidationError, config: Path | None, lines: Mapping[str, int]) -> str:
    return "\n".join(_explain_one(problem, config, lines) for problem in error.errors(include_url=False))


def _explain_one(problem: Mapping[str, Any], config: Path | None, lines: Mapping[str, int]) -> str:
    place = problem["loc"]
    key = str(place[0]) if place else ""
    name = ".".join(str(part) for part in place)
    source = f"{config}:{lines[key]}" if key in lines else f"{PREFIX}{key.upper()}"
    if problem["type"] == "extra_forbidden":
        known = ", ".join(sorted(FarmSettings.model_fields))
        return f"{source}: unknown setting '{name}'; known are: {known}"
    return f"{source}: setting '{name}': {problem['msg']}"
