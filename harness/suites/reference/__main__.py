"""Writes the pages on keys, docs/suites.md and others. Development only.

python -m harness.suites.reference
"""

from pathlib import Path

from harness.suites.reference.documents import read_documents
from harness.suites.reference.pages import pages

DOCS = Path(__file__).resolve().parents[3] / "docs"


def main() -> None:
    """Write each page beside its prose."""
    for name, text in pages(*read_documents(DOCS)).items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
