"""The page's own script and style: read from the package, named by their hashes in the page's policy."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

SCRIPTS = (
    *("dom.js", "data.js", "query.js", "tree.js", "list.js", "detail.js", "charts.js"),
    *("address.js", "panel.js", "keys.js", "app.js"),
)
"""In the order in which they are joined: each may use what stands before it."""
STYLES = ("app.css",)


@dataclass(frozen=True)
class Assets:
    """Texts as they stand between their tags, to the letter."""

    script: str
    style: str

    @property
    def policy(self) -> str:
        """A Content-Security-Policy that lets exactly these two act, and nothing be loaded."""
        return (
            f"default-src 'none'; script-src '{_digest(self.script)}'; style-src '{_digest(self.style)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )


@cache
def read_assets() -> Assets:
    """The assets of this installation."""
    folder = files("scheduler.reports.html") / "assets"
    code, style = ("\n".join(_lines(folder / name) for name in names) for names in (SCRIPTS, STYLES))
    return Assets(f'"use strict";\n(() => {{\n{code}\n}})();\n', f"\n{style}\n")


def _lines(file: Traversable) -> str:
    """Without their indentation, which is a tenth of the file: no text of ours goes over several lines."""
    return "\n".join(line.strip() for line in file.read_text("utf-8").splitlines())


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
