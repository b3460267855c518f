"""What targets require and workers offer: `node>=20`, `uvx`, `net=egress`. Pure.

A worker offers words, each alone or with a value: `node=20.11.1 uvx net=egress`. A requirement is a word, alone or
compared with a value. `=` compares text; all others compare versions, as exactly as they are written: 20.9 is `==20`
and `<=20`, and not `>20`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Abilities = Mapping[str, str]
"""Word → its value, empty where it has none."""
Version = tuple[int, ...]
MAX_CHARACTERS = 100
_REQUIREMENT = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)\s*((?P<sign>>=|<=|==|=|>|<)\s*(?P<value>[A-Za-z0-9_.+-]+))?")
_VERSION = re.compile(r"v?([0-9]+(\.[0-9]+)*)")
_COMPARED: Mapping[str, Callable[[Version, Version], bool]] = {
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found[: len(wanted)] <= wanted,
    ">": lambda found, wanted: found[: len(wanted)] > wanted,
    "<": lambda found, wanted: found < wanted,
    "==": lambda found, wanted: found[: len(wanted)] == wanted,
}


@dataclass(frozen=True)
class Requirement:
    """One thing that a worker must offer. `sign` is empty where the word alone is enough."""

    name: str
    sign: str = ""
    value: str = ""

    def __str__(self) -> str:
        """As it is written, without blanks."""
        return f"{self.name}{self.sign}{self.value}"

    def is_met_by(self, abilities: Abilities) -> bool:
        """Whether a worker that offers these has it."""
        found = abilities.get(self.name)
        if found is None or not self.sign:
            return found is not None
        if self.sign == "=":
            return found == self.value
        wanted = _numbers(self.value)
        return _version(found) is not None and _COMPARED[self.sign](_padded(_numbers(found), wanted), wanted)


def parse_requirement(text: str) -> Requirement:
    """Raises ValueError in one sentence."""
    found = _REQUIREMENT.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if found is None:
        raise ValueError("is not something that a worker offers, such as 'node>=20', 'uvx' or 'net=egress'")
    sign, value = found["sign"] or "", found["value"] or ""
    if sign not in ("", "=") and _version(value) is None:
        raise ValueError(f"compares with '{value}', which is not a version; write numbers, such as 20 or 3.11")
    return Requirement(found["name"], sign, value)


def parse_abilities(text: str) -> Abilities:
    """What a worker says of itself: words with blanks between them. What is none is passed over."""
    words = (word.partition("=") for word in text.split())
    return {name: value for name, _, value in words if name}


def missing(requirements: Iterable[str], abilities: Abilities) -> tuple[str, ...]:
    """Those that are not met. One that cannot be read is met by nobody."""
    return tuple(text for text in requirements if not _is_met(text, abilities))


def _is_met(text: str, abilities: Abilities) -> bool:
    try:
        return parse_requirement(text).is_met_by(abilities)
    except ValueError:
        return False


def _version(text: str) -> str | None:
    found = _VERSION.match(text)
    return found[1] if found else None


def _numbers(text: str) -> Version:
    return tuple(int(part[:9]) for part in (_version(text) or "0").split("."))


def _padded(found: Version, wanted: Version) -> Version:
    """Version 20 is 20.0, where that is asked for."""
    return found + (0,) * (len(wanted) - len(found))
