"""Which paths of a suite stay inside their folder. Pure: looks at no disk."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

PLACEHOLDER = "${sandbox}"
_NOT_IN_PATHS = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PARTS = 255, 1024, 64
"""Of a path in a suite: what every file system takes."""


def is_inside(path: str) -> bool:
    """True for a relative path that names something below its folder, or (`.`) the folder itself."""
    parts = PurePosixPath(path).parts
    short = len(parts) <= MAX_PARTS and len(path.encode("utf-8", "replace")) <= MAX_PATH_BYTES
    return bool(path) and short and _can_be_names(parts) and not path.startswith("/") and not _NOT_IN_PATHS.search(path)


def is_in_sandbox(path: str) -> bool:
    """True for the sandbox or a folder in it: relative, or below `${sandbox}`; without `..`, even to come back."""
    relative = path.removeprefix(f"{PLACEHOLDER}/")
    return relative in ("", PLACEHOLDER) or (PLACEHOLDER not in relative and is_inside(relative))


def _can_be_names(parts: Sequence[str]) -> bool:
    return all(part != ".." and len(part.encode("utf-8", "replace")) <= MAX_NAME_BYTES for part in parts)
