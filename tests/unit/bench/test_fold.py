"""What is said of memory, from samples of it."""

import pytest

from bench.fold import slope


def test_flat_memory_has_no_slope_whatever_the_first_records_cost() -> None:
    samples = [{"stored": stored, "rss_bytes": min(stored, 10_000) * 100} for stored in range(1_000, 100_000, 1_000)]
    assert slope(samples) == pytest.approx(0)


def test_what_every_record_leaves_behind_is_the_slope() -> None:
    noise = [500_000, -500_000]
    samples = [
        {"stored": stored, "rss_bytes": 90_000_000 + 25 * stored + noise[stored // 1_000 % 2]}
        for stored in range(10_000, 100_001, 1_000)
    ]
    assert slope(samples) == pytest.approx(25, abs=0.5)
