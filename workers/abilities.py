"""What this worker offers to targets that require something: programs on the servers' PATH, and what it is told.

Owns what is looked for. A word that is told (`MCPF_ABILITIES`) wins over what is found.
"""

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from importlib.util import find_spec

from harness.targets.abilities import parse_abilities
from workers.install_recipe import Machine

VERSIONED = ("node", "python3")
"""Their `--version` is asked; what has none that can be read is offered without."""
PROGRAMS = ("npm", "npx", "uv", "uvx", "git", "deno", "bun", "docker", "java", "go")
NAMES = {"python3": "python"}
ASK_S = 5.0
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)+")


def find_abilities(path: str, told: str) -> Mapping[str, str]:
    """Look around; word → value, or nothing. Blocks for as long as programs take to tell their version."""
    found = {NAMES.get(name, name): version for name in VERSIONED if (version := _version_of(name, path)) is not None}
    found |= {name: "" for name in PROGRAMS if shutil.which(name, path=path)}
    found |= {"os": platform.system().lower(), "arch": platform.machine().lower()}
    return {**found, **parse_abilities(told)}


def abilities_text(abilities: Mapping[str, str]) -> str:
    """As they are announced: words with blanks between them."""
    return " ".join(f"{name}={value}" if value else name for name, value in sorted(abilities.items()))


def machine_of(abilities: Mapping[str, str]) -> Machine:
    """What packages are installed for: this platform, our own interpreter, the node that servers find."""
    return Machine(
        platform=sysconfig.get_platform(),
        interpreter=f"{platform.python_implementation()} {platform.python_version()} {sys.base_prefix}",
        python=sys.executable,
        node=abilities.get("node", ""),
        has_pip=find_spec("pip") is not None,
    )


def _version_of(name: str, path: str) -> str | None:
    """None when it is not there."""
    program = shutil.which(name, path=path)
    if program is None:
        return None
    try:
        said = subprocess.run([program, "--version"], capture_output=True, timeout=ASK_S, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(said.stdout.decode("utf-8", "replace"))
    return found[0] if found else ""
