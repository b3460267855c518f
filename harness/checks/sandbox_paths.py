"""Absolute paths in a text, and which of them lead out of a folder. Pure: no file is looked at."""

import posixpath
import re
from collections.abc import Iterator

from harness.checks.budget import Budget

MAX_PATH = 4_096
_TOPS = "etc|home|root|usr|var|tmp|proc|sys|dev|opt|mnt|srv|bin|sbin|lib|lib64|boot|run|media|Users|private"
_PATH = re.compile(rf"(?<![A-Za-z0-9._~:/-])/(?:{_TOPS})(?:/[^\s\"'<>|:;,()\[\]{{}}\\]*)?(?![A-Za-z0-9])")
"""What begins with a folder that systems have; not the path of a URL, nor part of a longer word."""


def paths_outside(text: str, folder: str, budget: Budget) -> Iterator[str]:
    """The absolute paths in `text` that do not lead to `folder` or below; raises BudgetSpent."""
    budget.spend_text(len(text) * 20)
    root = posixpath.normpath(folder)
    for match in _PATH.finditer(text):
        budget.spend()
        path = match[0][:MAX_PATH].rstrip(".")
        inside = posixpath.normpath(path)
        if inside != root and not inside.startswith(root.rstrip("/") + "/"):
            yield path
