"""Figures against the limits that the page of figures promises."""

import math
from pathlib import Path

import pytest

from bench.limits import LIMITS, Limit, broken_limits

PAGE = Path(__file__).resolve().parents[3] / "docs" / "performance.md"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.8, []),
        (2.0, []),
        (0.79, ["figure: expected at least 0.8, got 0.790"]),
        (math.nan, ["figure: expected at least 0.8, got nan"]),
    ],
)
def test_a_figure_below_its_limit_is_told(value: float, told: list[str]) -> None:
    assert list(broken_limits({"figure": value, "free": 99.0}, {"figure": Limit(low=0.8)})) == told


def test_a_figure_above_its_limit_is_told() -> None:
    assert list(broken_limits({"a": 2.01, "b": 2.0}, {"a": Limit(high=2), "b": Limit(high=2)})) == [
        "a: expected at most 2, got 2.010"
    ]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_limit_holds_on_both_databases(database: str) -> None:
    assert list(broken_limits({f"slope_{database}": 20.5}, {"slope": Limit(high=20)})) == [
        f"slope_{database}: expected at most 20, got 20.500"
    ]


def test_the_limits_are_those_of_the_page() -> None:
    rows = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("|")]
    promised = [float(row[-2].split()[0].replace(",", "")) for row in rows if row[-2].strip()[:1].isdigit()]
    assert promised == [0.1, 2, 0.8, 0.8, 20, 16, 1, 0.08, 2000, 1000, 3000, 20]
    assert [limit.high if limit.high < math.inf else limit.low for limit in LIMITS.values()] == promised
