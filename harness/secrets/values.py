"""Where the values of secrets come from: variables `MCPF_SECRET_NAME`, and one file of `NAME=value` lines or YAML.

Bounded, and refused whole with the reason when something is wrong. Never shows a value.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from harness.errors import UsageError

PREFIX = "MCPF_SECRET_"
SHORTEST = 6
"""Shorter values cannot be told from other text: to remove them would spoil every report, not to would show them."""
LONGEST = 16 * 1024
MOST = 500
MAX_FILE_BYTES = 1024 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def secrets_in_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The secrets among the variables of a process, by name. Raises UsageError."""
    found = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
    return _checked(found, "the environment")


def secrets_in_file(path: Path) -> dict[str, str]:
    """The secrets in a file that nobody but its owner may read. Raises UsageError."""
    try:
        return _checked(_read(_content(path)), str(path))
    except OSError as problem:
        raise UsageError(f"MCPF_SECRETS_FILE: {path}: {problem.strerror}") from problem
    except ValueError:
        raise UsageError(f"MCPF_SECRETS_FILE: {path} is neither lines of NAME=value nor a YAML mapping") from None


def _content(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"MCPF_SECRETS_FILE: {path} is not a file")
        if status.st_mode & _FOR_OTHERS:
            raise UsageError(f"MCPF_SECRETS_FILE: others may read {path}; run `chmod 600 {path}`")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"MCPF_SECRETS_FILE: {path} is larger than {MAX_FILE_BYTES} bytes")
    return content.decode()


def _read(content: str) -> dict[str, str]:
    lines = [line for line in content.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    pairs = [line.partition("=") for line in lines]
    if all(separator and _NAME.fullmatch(name.strip()) for name, separator, _ in pairs):
        return {name.strip(): value.strip() for name, _, value in pairs}
    found = _yaml(content)
    if isinstance(found, dict) and all(isinstance(text, str) for pair in found.items() for text in pair):
        return found
    raise ValueError("no mapping of texts")


def _yaml(content: str) -> object:
    """All scalars are texts. Raises ValueError."""
    import yaml  # noqa: PLC0415  # most workers have no such file, and start faster without it

    try:
        return yaml.load(content, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as problem:
        raise ValueError("no YAML") from problem


def _checked(found: dict[str, str], where: str) -> dict[str, str]:
    if len(found) > MOST:
        raise UsageError(f"more than {MOST} secrets in {where}")
    for name, value in found.items():
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name[:80]!r} in {where} cannot be the name of a secret: letters, digits and _ only")
        if len(value) < SHORTEST:
            raise UsageError(
                f"secret {name} in {where} is shorter than {SHORTEST} characters: it could not be told from other text"
            )
        if len(value.encode("utf-8", "surrogateescape")) > LONGEST or "\0" in value or not _is_text(value):
            raise UsageError(f"secret {name} in {where} is longer than {LONGEST} bytes, or no text")
    return found


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
