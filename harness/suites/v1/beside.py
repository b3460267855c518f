"""Which files beside a v1 file it means: they travel to the worker when they are there.

The format has no list of files: its servers and commands find what they need in the folder of the file. What looks
like a relative path in them is one.
"""

import re
from collections.abc import Iterator, Sequence

from harness.suites.confined import is_inside

_SEPARATORS = re.compile(r"[\s;|&<>()'\"`=,]+")
_PROGRAM = re.compile(r"[A-Za-z0-9_][\w.-]*\.(?:py|js|mjs|cjs|ts|sh|rb|pl|lua|jar|json|yaml|yml|sql|txt)")


def paths_in(texts: Sequence[str]) -> tuple[str, ...]:
    """The relative paths that are named, each once, in order."""
    return tuple(dict.fromkeys(path for text in texts for path in _paths_in(text)))


def _paths_in(text: str) -> Iterator[str]:
    for word in _SEPARATORS.split(text):
        path = word.removeprefix("./").rstrip("/")
        is_path = "/" in word or _PROGRAM.fullmatch(path)
        if path and is_path and is_relative(word) and is_inside(path):
            yield path


def is_relative(path: str) -> bool:
    """Whether it is a path that starts where the file is, as far as its text tells."""
    return not path.startswith(("/", "~", "$", "-", "@")) and not any(sign in path for sign in ("..", ":", "*", "$"))
