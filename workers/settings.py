"""The settings of a worker, read once from `MCPF_*` at its entry point. Nothing else here reads the environment."""

import os
import re
import socket
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from harness.secrets.values import PREFIX

_OF_INSTALLERS = frozenset(
    {"HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "NETRC", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
    | {name for proxy in ("http_proxy", "https_proxy", "no_proxy", "all_proxy") for name in (proxy, proxy.upper())}
)
_STARTS_OF_INSTALLERS = ("pip_", "npm_config_")
_UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def _own_path() -> str:
    """Servers find their programs where this process finds its own."""
    return os.environ.get("PATH", os.defpath)


def _installers_environment() -> dict[str, str]:
    """What npm and pip need of ours: who we are, where packages come from, how to get there. No secret of the farm."""
    names = (name for name in os.environ if name in _OF_INSTALLERS or name.lower().startswith(_STARTS_OF_INSTALLERS))
    return {name: os.environ[name] for name in names}


class WorkerSettings(BaseSettings):
    """All that a worker is told. Times are seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="MCPF_", frozen=True, extra="ignore")

    redis_url: str = Field(description="redis://, rediss://, sentinel:// or unix://, with the worker's ACL user")
    api_url: str = Field(default="", description="where blobs are fetched with a run's token; empty: blob_dir")
    blob_dir: str = Field(default="", description="directory of blobs, for the embedded farm only")
    pool: str = Field(default="default", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    shards: int = Field(default=8, ge=1, le=64)
    slots: int = Field(default=16, ge=1, le=256, description="tests in flight in one process")
    worker_name: str = Field(default="", validate_default=True, description="default: host and process id")
    scratch_dir: str = Field(default="", description="for sandboxes and fetched files; empty: a private temporary one")
    sessions_per_target: int = Field(default=2, ge=1, le=64)
    max_sessions: int = Field(default=8, ge=1, le=256, description="warm sessions kept in one process")
    idle_session_s: float = Field(default=30, gt=0, description="an unused session is closed after this")
    grace_s: float = Field(default=60, ge=0, description="how long SIGTERM lets running tests end by themselves")
    soft_stop_s: float = Field(default=0, ge=0, description="the same for SIGQUIT")
    max_memory_mb: int = Field(default=1024, ge=1, description="above it the process is replaced by a fresh one")
    server_path: str = Field(default_factory=_own_path, description="PATH of the servers under test")
    abilities: str = Field(default="", description="offered to targets besides what is found: `net=egress gpu`")
    install_dir: str = Field(default="", description="cache of installed packages; empty: in the user's cache folder")
    install_cache_mb: int = Field(default=4096, ge=1, description="packages that nobody uses are removed above this")
    install_limit_s: float = Field(default=300, gt=0, le=3600, description="of one package")
    install_environment: dict[str, str] = Field(
        default_factory=_installers_environment, description="of npm and pip, besides PATH: their own configuration"
    )
    secrets_file: str = Field(
        default="", description="secrets of suites, beside MCPF_SECRET_NAME; for nobody else to read"
    )
    evidence_mb: int = Field(default=64, ge=0, description="kept of the tests of one run, of this process, in MiB")
    evidence_of_all: bool = Field(default=False, description="of every test that passed, not only of a few")
    wake: bool = Field(default=True, description="false: nobody reads the queue `control` (embedded)")
    log_level: str = "warning"
    log_format: Literal["json", "console"] = "json"

    @property
    def package_dir(self) -> Path:
        """Where installed packages are kept."""
        if self.install_dir:
            return Path(self.install_dir)
        known = self.install_environment
        caches = known.get("XDG_CACHE_HOME") or str(Path(known.get("HOME", tempfile.gettempdir()), ".cache"))
        return Path(caches, "mcp-test-harness", "packages")

    @field_validator("worker_name")
    @classmethod
    def _name_safely(cls, name: str) -> str:
        """A name that can stand in a queue's name; without one, host and process id."""
        return _UNSAFE_IN_NAMES.sub("-", name or f"{socket.gethostname()}-{os.getpid()}")[:80]


def secret_environment() -> dict[str, str]:
    """The variables of this process that hold secrets of suites."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}


def base_name() -> str:
    """What a supervisor calls its workers, each with a number behind it: MCPF_WORKER_NAME, or host and process id."""
    return os.environ.get("MCPF_WORKER_NAME") or f"{socket.gethostname()}-{os.getpid()}"


def child_environment(worker_name: str) -> dict[str, str]:
    """The environment of a supervisor's child: ours, with a name of its own."""
    return {**os.environ, "MCPF_WORKER_NAME": worker_name}
