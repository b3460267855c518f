"""Owns what the processes of a farm on one machine are told: settings as the environment of a child, and nothing else.

A worker gets its own Redis address, never the farm's, and no database. This and `scheduler.settings` are where the
scheduler touches the environment.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

from harness.secrets.values import PREFIX as SECRET_PREFIX
from scheduler.settings import PREFIX, FarmSettings

WORKER_TUNING = frozenset(
    f"MCPF_{name}"
    for name in (
        "SESSIONS_PER_TARGET",
        "MAX_SESSIONS",
        "IDLE_SESSION_S",
        "SECRETS_FILE",
        "EVIDENCE_MB",
        "EVIDENCE_OF_ALL",
        "SCRATCH_DIR",
        "SERVER_PATH",
        "SOFT_STOP_S",
        "GRACE_S",
        "MAX_MEMORY_MB",
    )
)
"""Settings of workers that the farm knows nothing of, passed on as they are."""

WORKER_LEVEL = {"info": "warning"}
"""At `info` Celery writes two lines for every test; who wants those asks for `debug`."""


def farm_environment(settings: FarmSettings, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment from which a farm's process reads exactly `settings`."""
    told = {
        f"{PREFIX}{name.upper()}": _text(value)
        for name, value in settings.model_dump(mode="json", exclude_none=True).items()
    }
    return _without_ours(inherited) | told


def worker_environment(
    settings: FarmSettings, worker_name: str = "", inherited: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of a worker process: its Redis user, where blobs are, its pool. No secret of the farm.

    It alone is given the secrets of suites.
    """
    told = {
        "MCPF_REDIS_URL": settings.worker_redis_url,
        "MCPF_API_URL": api_address(settings),
        "MCPF_POOL": settings.pool,
        "MCPF_SHARDS": str(settings.shards),
        "MCPF_SLOTS": str(settings.slots),
        "MCPF_WORKER_NAME": worker_name,
        "MCPF_LOG_LEVEL": WORKER_LEVEL.get(settings.log_level, settings.log_level),
        "MCPF_LOG_FORMAT": settings.log_format,
    }
    return _without_ours(inherited, WORKER_TUNING) | _secrets(inherited) | told


def api_address(settings: FarmSettings) -> str:
    """How workers of this machine reach the API: as set, else the address it listens on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.api_host, settings.api_host)
    return settings.api_url or f"http://{f'[{host}]' if ':' in host else host}:{settings.api_port}"


def flower_environment(settings: FarmSettings, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of Flower: the password is here and not on the command line, where others could read it."""
    return farm_environment(settings, inherited) | (
        {"FLOWER_BASIC_AUTH": settings.flower_auth} if settings.flower_auth else {"FLOWER_READ_ONLY": "true"}
    )


def _without_ours(inherited: Mapping[str, str] | None, kept: frozenset[str] = frozenset()) -> dict[str, str]:
    source = os.environ if inherited is None else inherited
    return {key: value for key, value in source.items() if key in kept or not key.startswith((PREFIX, "FLOWER_"))}


def _secrets(inherited: Mapping[str, str] | None) -> dict[str, str]:
    source = os.environ if inherited is None else inherited
    return {key: value for key, value in source.items() if key.startswith(SECRET_PREFIX)}


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
