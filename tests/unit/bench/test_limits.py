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


def test_a_figure_outside_its_range_is_told() -> None:
    limits = {"a": Limit(low=0.2, high=0.3)}
    assert list(broken_limits({"a": 0.35}, limits)) == ["a: expected 0.2 to 0.3, got 0.350"]
    assert not list(broken_limits({"a": 0.25}, limits))


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
    promised = [_bounds(row[-2]) for row in rows if row[-2].strip()[:1].isdigit()]
    assert len(promised) == 19
    assert promised == [tuple(filter(math.isfinite, (limit.low, limit.high))) for limit in LIMITS.values()]


def _bounds(cell: str) -> tuple[float, ...]:
    """`20 B`, or `0.2 to 0.3`."""
    first, *others = cell.replace(",", "").split(" to ")
    return tuple(float(part.split()[0]) for part in (first, *others))
