"""Owns what an embedded farm takes from, and gives to, the environment.

A worker inherits ours, but none of our settings except those that tune it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.secrets.store import SecretStore
from harness.secrets.values import PREFIX as SECRET_PREFIX
from scheduler.state.breaker import Terms
from scheduler.suite_environment import allowed_environment

PREFIX = "MCPF_"
BREAKER = Terms(failures=5, interval_s=1.0, recovery_s=3.0)
"""Somebody sits before it: a server that cannot be started is given up in seconds, not in minutes."""
PASSED_ON = frozenset(
    {"MCPF_SESSIONS_PER_TARGET", "MCPF_MAX_SESSIONS", "MCPF_IDLE_SESSION_S", "MCPF_LOG_LEVEL", "MCPF_ABILITIES"}
    | {"MCPF_SECRETS_FILE", "MCPF_EVIDENCE_MB", "MCPF_EVIDENCE_OF_ALL"}
    | {"MCPF_INSTALL_DIR", "MCPF_INSTALL_CACHE_MB", "MCPF_INSTALL_LIMIT_S"}
)


@dataclass(frozen=True)
class WorkerTerms:
    """What all workers of one command are told."""

    redis_url: str
    pool: str
    shards: int
    slots: int
    blob_dir: Path
    scratch_dir: Path


def suite_environment() -> dict[str, str]:
    """The variables of this process that suites may name."""
    return allowed_environment(os.environ)


def secrets_here() -> SecretStore:
    """The secrets that this process knows, and so do the workers that it starts. Raises UsageError."""
    file = os.environ.get("MCPF_SECRETS_FILE")
    return SecretStore(os.environ, Path(file) if file else None)


def worker_environment(terms: WorkerTerms, name: str, inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of the worker process `name`."""
    ours = os.environ if inherited is None else inherited
    kept = {key: value for key, value in ours.items() if not key.startswith(PREFIX) or _is_passed_on(key)}
    return kept | {
        "MCPF_REDIS_URL": terms.redis_url,
        "MCPF_BLOB_DIR": str(terms.blob_dir.absolute()),
        "MCPF_SCRATCH_DIR": str(terms.scratch_dir.absolute()),
        "MCPF_POOL": terms.pool,
        "MCPF_SHARDS": str(terms.shards),
        "MCPF_SLOTS": str(terms.slots),
        "MCPF_WORKER_NAME": name,
        "MCPF_WAKE": "false",
        "MCPF_LOG_FORMAT": "console",
    }


def _is_passed_on(name: str) -> bool:
    return name in PASSED_ON or name.startswith(SECRET_PREFIX)
