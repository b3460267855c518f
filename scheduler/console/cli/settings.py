"""Owns what the command line takes from the environment. Read once, when a command starts; imports nothing heavy."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scheduler.suite_environment import allowed_environment


@dataclass(frozen=True)
class ConsoleSettings:
    """The environment as the console sees it."""

    state_dir: Path = Path(".farm")
    key: str = ""
    farm: str = ""
    no_color: bool = False
    force_color: bool = False
    ci: bool = False
    github_actions: bool = False
    github_step_summary: Path | None = None
    github_workspace: Path | None = None
    dumb_terminal: bool = False
    color: str = "auto"
    """`always` and `never` win over the environment."""
    ascii: bool = False
    server_path: str = os.defpath
    """PATH of servers that this command itself starts."""
    suite_environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that suites may name."""


def read_settings(environment: Mapping[str, str] | None = None) -> ConsoleSettings:
    """The settings of this process (or of `environment`). Variables that are set but empty count as absent."""
    env = os.environ if environment is None else environment
    return ConsoleSettings(
        state_dir=Path(env.get("MCPF_STATE_DIR") or ".farm"),
        key=env.get("MCPF_KEY", ""),
        farm=env.get("MCPF_FARM", ""),
        no_color=bool(env.get("NO_COLOR")),
        force_color=_forces_color(env),
        ci=_is_set(env.get("CI")),
        github_actions=env.get("GITHUB_ACTIONS") == "true",
        github_step_summary=_path(env.get("GITHUB_STEP_SUMMARY")),
        github_workspace=_path(env.get("GITHUB_WORKSPACE")),
        dumb_terminal=env.get("TERM") == "dumb",
        server_path=env.get("MCPF_SERVER_PATH") or env.get("PATH") or os.defpath,
        suite_environment=allowed_environment(env),
    )


def settings_with_farm(given: argparse.Namespace) -> ConsoleSettings:
    """The settings of this process, with the farm and the key that the command line names before those."""
    settings = read_settings()
    return replace(settings, farm=given.farm or settings.farm, key=given.key or settings.key)


def with_look(settings: ConsoleSettings, given: argparse.Namespace) -> ConsoleSettings:
    """The settings, with what --color and --ascii say."""
    return replace(settings, color=given.color, ascii=given.ascii)


def _path(value: str | None) -> Path | None:
    return Path(value) if value else None


def _forces_color(env: Mapping[str, str]) -> bool:
    return _is_set(env.get("FORCE_COLOR")) or _is_set(env.get("CLICOLOR_FORCE"))


def _is_set(value: str | None) -> bool:
    return value not in (None, "", "0", "false")
