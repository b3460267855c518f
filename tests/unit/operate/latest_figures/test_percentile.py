"""The percentile behind mcp_test_response_time_p95."""

import pytest

from scheduler.operate.latest_figures import percentile


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([3.0], 3.0), (list(range(1, 101)), 95), ([2.0, 1.0], 2.0), (list(range(1, 21)), 19)],
)
def test_the_percentile_is_a_value_that_occurred(values: list[float], expected: float | None) -> None:
    assert percentile(values, 0.95) == expected
