"""How times and amounts are written."""

import pytest

from scheduler.reports.wording import amount, clock, short_id


@pytest.mark.parametrize(
    ("duration_s", "text"),
    [
        (-1, "0.00s"), (0, "0.00s"), (0.414, "0.41s"), (9.999, "9.99s"), (10, "10.0s"), (59.99, "59.9s"),
        (60, "1m00s"), (106.9, "1m46s"), (3599.9, "59m59s"), (3600, "1h00m"), (7_380, "2h03m"),
    ],
)  # fmt: skip
def test_times_are_short_and_never_longer_than_they_were(duration_s: float, text: str) -> None:
    assert clock(duration_s) == text


def test_amounts_and_ids() -> None:
    assert (amount(1, "test"), amount(0, "test"), amount(1204, "test")) == ("1 test", "0 tests", "1,204 tests")
    assert (short_id("default/a/b/c"), short_id("shop/a/b/c\x00")) == ("a/b/c", "shop/a/b/c\\x00")
