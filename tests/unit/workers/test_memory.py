"""When a worker has outgrown its memory."""

from typing import Any

import pytest

from workers.memory import MemoryCeiling, own_rss_bytes

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("rss_mb", "tests_taken", "retires"), [(99, 5, False), (100, 5, False), (101, 5, True), (101, 0, False)]
)
def test_it_retires_above_the_ceiling_once_it_has_taken_a_test(rss_mb: int, tests_taken: int, retires: bool) -> None:
    said: list[Any] = []
    ceiling = MemoryCeiling(100 * MB, lambda reason, **facts: said.append(facts), lambda: rss_mb * MB)

    ceiling.look(tests_taken)

    assert said == ([{"rss_mb": rss_mb, "ceiling_mb": 100}] if retires else [])


def test_this_process_knows_its_size() -> None:
    assert 5 * MB < own_rss_bytes() < 5000 * MB
