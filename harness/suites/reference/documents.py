"""The files that the pages on keys are made of: their prose, and the examples. Reads; writes nothing."""

import os
from pathlib import Path
from typing import NamedTuple

SOURCE = ".in.md"
EXAMPLES = ("examples/*.yaml", "examples/targets/*.yaml", "../examples/targets/targets/*.yaml")


class Documents(NamedTuple):
    """What `pages` takes: prose by the name of its page, examples by path. Both are relative to the folder."""

    sources: dict[str, str]
    examples: dict[str, str]


def read_documents(folder: Path) -> Documents:
    """All of `docs/`."""
    sources = {page_of(path): path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"*{SOURCE}"))}
    files = [path for pattern in EXAMPLES for path in sorted(folder.glob(pattern))]
    examples = {os.path.relpath(path, folder): path.read_text(encoding="utf-8") for path in files}
    return Documents(sources, examples)


def page_of(source: Path) -> str:
    """The name of the page that is made of a file of prose."""
    return source.name.replace(SOURCE, ".md")
