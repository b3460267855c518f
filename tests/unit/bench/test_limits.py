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


def test_the_limits_are_those_of_the_page() -> None:
    rows = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("|")]
    promised = [float(row[-2].split()[0]) for row in rows[2:] if row[-2].strip()]
    assert promised == [0.1, 2, 0.8, 0.8]
    assert [limit.high if limit.high < math.inf else limit.low for limit in LIMITS.values()] == promised
