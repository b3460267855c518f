"""What a package is installed with: files to write, commands to run, where its programs are then. Pure.

Where packages come from is configured on the machine (npm's, pip's configuration and environment), never named here.
Code of packages does not run while they are installed, unless the target allows it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.models.target import PlannedInstall
from harness.targets.locks import npm_lock
from harness.targets.packages import Package, parse_npm, parse_pypi

NPM_QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--omit=dev")
PIP_QUIET = ("--no-input", "--disable-pip-version-check", "--quiet")
LAYOUT = 1
"""Part of every key: raise it when what is made of a package changes."""


@dataclass(frozen=True)
class Machine:
    """What an installed package depends on. `node` is empty where there is none; `has_pip`: of our own interpreter."""

    platform: str
    interpreter: str
    python: str
    node: str = ""
    has_pip: bool = True


@dataclass(frozen=True)
class Recipe:
    """How one package is installed into an empty folder, in which all commands run."""

    package: Package
    key: str
    commands: tuple[tuple[str, ...], ...]
    programs: str
    files: Mapping[str, str] = field(default_factory=dict)


def recipe_of(install: PlannedInstall, lock: bytes, machine: Machine) -> Recipe:
    """The recipe for `install` on `machine`. Raises ValueError for what no target that was read could ask for."""
    if install.npm is not None:
        return _npm(parse_npm(install.npm), install, lock, machine)
    return _pypi(parse_pypi(install.pypi or ""), install, lock, machine)


def _npm(package: Package, install: PlannedInstall, lock: bytes, machine: Machine) -> Recipe:
    scripts = () if install.allow_scripts else ("--ignore-scripts",)
    files = {"package.json": '{"private": true}'}
    command = ("npm", "install", "--save-exact", *scripts, *NPM_QUIET, str(package))
    if install.lock:
        files["package.json"], files["package-lock.json"] = npm_lock(str(package), lock)
        command = ("npm", "ci", *scripts, *NPM_QUIET)
    key = _key(package, install, machine.platform, f"node {machine.node.split('.')[0]}")
    return Recipe(package, key, (command,), "node_modules/.bin", files)


def _pypi(package: Package, install: PlannedInstall, lock: bytes, machine: Machine) -> Recipe:
    """A virtual environment of our own interpreter; its own pip is left out where ours can do the work."""
    wheels = () if install.allow_scripts else ("--only-binary", ":all:")
    what: tuple[str, ...] = (str(package),)
    files = {}
    if install.lock:
        files["requirements.txt"] = lock.decode("utf-8", "replace")
        what = ("--require-hashes", "-r", "requirements.txt")
    make = (machine.python, "-m", "venv", *(("--without-pip",) if machine.has_pip else ()), "venv")
    pip = (machine.python, "-m", "pip", "--python", "venv/bin/python") if machine.has_pip else ("venv/bin/pip",)
    fill = (*pip, "install", *wheels, *PIP_QUIET, *what)
    key = _key(package, install, machine.platform, machine.interpreter)
    return Recipe(package, key, (make, fill), "venv/bin", files)


def _key(package: Package, install: PlannedInstall, platform: str, interpreter: str) -> str:
    """The name of an entry: everything that its content depends on."""
    parts = [LAYOUT, package.registry, str(package), install.allow_scripts, install.lock, platform, interpreter]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"{package.registry}-{digest[:40]}"
