"""Names of runs beside ids."""

import pytest

from scheduler.run_names import runs_back


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("last", 0),
        ("last~0", 0),
        ("last~12", 12),
        ("last~", None),
        ("last~x", None),
        ("last~-1", None),
        ("8f2c1a", None),
        ("", None),
    ],
)
def test_last_counts_back_from_the_newest_run(name: str, back: int | None) -> None:
    assert runs_back(name) == back
