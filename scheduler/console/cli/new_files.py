"""Writes files that were not there: what a person has written is never replaced."""

import json
from pathlib import Path

from harness.errors import UsageError

SCHEMA_FILE = "mcp-suite.schema.json"
SCHEMA_REFERENCE = f"./{SCHEMA_FILE}"
"""Beside suites, for editors: the comment `# yaml-language-server: $schema=…` names it."""


def check_new(path: Path) -> None:
    """UsageError when there is such a file already, or no folder for it."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already; name another file, or remove it")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")


def write_new(path: Path, text: str) -> Path:
    """Write a new file. UsageError when there is one, or it cannot be written."""
    check_new(path)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    return path


def write_schema(folder: Path) -> list[Path]:
    """The JSON Schema of suites beside them; nothing where there is one."""
    from harness.suites.schema import suite_schema

    path = folder / SCHEMA_FILE
    return [] if path.exists() else [write_new(path, json.dumps(suite_schema(), indent=2) + "\n")]
