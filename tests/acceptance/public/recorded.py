"""What docs/public-suites.md says: each suite, the server it ran on, and the outcome of each of its tests."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "public-suites.md"

INSTALLED = {
    "server-everything 2025.12.18": "node-2025",
    "server-everything 2026.8.31": "node",
    "server-filesystem 2026.8.31": "node",
}
"""Where under `.servers` each release is."""


@dataclass(frozen=True)
class Recorded:
    """One section of the page. `outcomes` by the test's path; `unexplained` are rows that fail without a reason."""

    suite: str
    server: str
    outcomes: dict[str, str]
    unexplained: tuple[str, ...]

    @property
    def installed(self) -> str:
        """The folder of the server's release."""
        return INSTALLED[self.server]


def read_page() -> list[Recorded]:
    """All sections, in order."""
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return [_read(section) for section in sections]


def _read(section: str) -> Recorded:
    title = re.match(r"(\S+\.yaml) on (.+)", section)
    assert title, section[:80]
    rows = re.findall(r"^\| `(.+?)` \| (\w+) \| (\w*) \| (.*) \|$", section, flags=re.MULTILINE)
    bad = [path for path, outcome, blame, why in rows if outcome in ("failed", "error") and not (blame and why.strip())]
    return Recorded(title[1], title[2], {path: outcome for path, outcome, _, _ in rows}, tuple(bad))
