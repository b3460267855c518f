"""Lock files that pin all that a package needs: a package-lock.json of npm, requirements with hashes of pip. Pure.

A lock says what, never from where: addresses in it are refused, or left out, because where packages come from is the
business of the machine that installs them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.models.target import Install, PlannedInstall
from harness.suites.findings import quoted
from harness.targets.packages import parse_npm, parse_pypi

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])?")
_VERSION = re.compile(r"[A-Za-z0-9.+!_-]+")
ROOT = ""
HASH = "--hash="
HOW_TO_PIN = "write it with `pip-compile --generate-hashes`, or `uv pip compile --generate-hashes`"


def check_lock(install: Install | PlannedInstall, lock: bytes) -> None:
    """Raises ValueError in one sentence for a lock that does not hold the package, or says where it comes from."""
    if install.npm is not None:
        npm_lock(install.npm, lock)
    elif install.pypi is not None:
        _check_pypi(install.pypi, lock)


def npm_lock(package: str, lock: bytes) -> tuple[str, str]:
    """`package.json` and `package-lock.json` for `npm ci`, without addresses. Raises ValueError in one sentence."""
    wanted = parse_npm(package)
    packages = _packages_of(lock)
    found = packages.get(f"node_modules/{wanted.name}", {}).get("version")
    if found != wanted.version:
        raise ValueError(f"holds {wanted.name} at {quoted(str(found))}, not at '{wanted.version}'")
    own = {"name": "installed", "version": "1.0.0", "private": True}
    own["dependencies"] = packages.get(ROOT, {}).get("dependencies", {})
    kept = {path: _without_address(path, entry) for path, entry in packages.items() if path != ROOT}
    whole = {"name": "installed", "version": "1.0.0", "lockfileVersion": 3, "requires": True}
    return json.dumps(own), json.dumps({**whole, "packages": {ROOT: own, **kept}})


def _packages_of(lock: bytes) -> Mapping[str, Mapping[str, Any]]:
    try:
        packages = json.loads(lock)["packages"]
        if all(isinstance(entry, dict) for entry in packages.values()):
            return {str(path): entry for path, entry in packages.items()}
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        pass
    raise ValueError("is not a package-lock.json of version 2 or 3")


def _without_address(path: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    parts = path.split("/")
    if parts[0] != "node_modules" or ".." in parts or entry.get("link"):
        raise ValueError(f"holds {quoted(path)}, which is no package of npm")
    if not isinstance(entry.get("integrity"), str):
        raise ValueError(f"holds {quoted(path)} without 'integrity'")
    return {key: value for key, value in entry.items() if key != "resolved"}


def _check_pypi(package: str, lock: bytes) -> None:
    wanted = parse_pypi(package)
    pins = {}
    for requirement in _requirements(lock.decode("utf-8", "replace")):
        pinned, *hashes = re.split(r"\s+(?=--)", requirement)
        for option in hashes:
            if not option.startswith(HASH):
                raise ValueError(f"has the option {quoted(option)}; it may hold requirements and their hashes only")
        name, _, version = pinned.partition(";")[0].partition("==")
        if not _NAME.fullmatch(name.strip()) or not _VERSION.fullmatch(version.strip()):
            raise ValueError(f"holds {quoted(pinned)}, which is no package of PyPI at one version; {HOW_TO_PIN}")
        if not hashes:
            raise ValueError(f"holds {quoted(pinned)} without a hash; {HOW_TO_PIN}")
        pins[_normal(name)] = version.strip()
    if pins.get(_normal(wanted.name)) != wanted.version:
        raise ValueError(f"does not hold {wanted.name}=={wanted.version}; {HOW_TO_PIN}")


def _requirements(text: str) -> Iterator[str]:
    """Each requirement on one line, without comments."""
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in text.replace("\\\n", " ").splitlines())
    yield from (line.strip() for line in lines if line.strip())


def _normal(name: str) -> str:
    """A name of PyPI as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()
