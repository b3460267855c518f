"""Packages of npm and PyPI at exact versions: what may stand in `install:`, and on a command line of ours. Pure.

Nothing but a name and a version passes: no range, no address, no path, no option.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_CHARACTERS = 200
_NPM = re.compile(
    r"(?P<name>(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*)"
    r"@(?P<version>[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?)"
)
_PYPI = re.compile(
    r"(?P<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(?P<extras>\[[A-Za-z0-9,._-]+\])?"
    r"==(?P<version>[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?(\.dev[0-9]+)?)"
)


class Registry(StrEnum):
    """Where a package comes from. Which address that means is configured on the machine, never here."""

    NPM = "npm"
    PYPI = "pypi"


@dataclass(frozen=True)
class Package:
    """One package at one version. `extras` as written, with brackets."""

    registry: Registry
    name: str
    version: str
    extras: str = ""

    def __str__(self) -> str:
        """As an installer takes it."""
        between = "@" if self.registry is Registry.NPM else "=="
        return f"{self.name}{self.extras}{between}{self.version}"


def parse_npm(text: str) -> Package:
    """The package that `NAME@1.2.3` means. Raises ValueError in one sentence."""
    found = _NPM.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise ValueError("is not a package of npm at an exact version, such as '@scope/name@1.2.3'")
    return Package(Registry.NPM, found["name"], found["version"])


def parse_pypi(text: str) -> Package:
    """The package that `NAME==1.2.3` means. Raises ValueError in one sentence."""
    found = _PYPI.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise ValueError("is not a package of PyPI at an exact version, such as 'name==1.2.3'")
    return Package(Registry.PYPI, found["name"], found["version"], found["extras"] or "")
