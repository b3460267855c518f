"""The map names only what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = sorted(set(re.findall(r"`([\w./-]+(?:/|\.\w+)|Procfile)`", (ROOT / "docs" / "map.md").read_text())))


def test_the_map_says_where_to_add_each_kind_of_thing() -> None:
    rows = (ROOT / "docs" / "map.md").read_text()
    for kind in ("a check", "a report", "a limit", "a metric", "a route"):
        assert f"| {kind}" in rows


@pytest.mark.parametrize("place", [place for place in PLACES if place != ".lua"])
def test_every_path_on_the_map_exists(place: str) -> None:
    assert (ROOT / place).exists()
