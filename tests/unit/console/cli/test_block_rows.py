"""The live block, as it is drawn: wide and narrow, with and without glyphs."""

import re
from pathlib import Path

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import RunningTest, RunningTests
from scheduler.console.cli.block_rows import Standing, block_height, block_rows
from scheduler.reports.style import Style

GOLDEN = Path(__file__).parent / "golden"
NAMES = (
    ("reports/export/full-dump", 52.3, "w07"),
    ("catalog/index/rebuild", 9.8, "w03"),
    ("orders/refund/partial-refund-of-an-order-that-was-shipped-in-three-parcels", 3.1, "w11"),
    ("catalog/search/unicode", 1.2, "w19"),
    ("catalog/search/plural", 0.4, "w20"),
)
RUNNING = RunningTests(
    total=24,
    tests=tuple(
        RunningTest(number=n, test_id=f"default/{name}", for_s=seconds, worker=worker)
        for n, (name, seconds, worker) in enumerate(NAMES)
    ),
)
STANDING = Standing(
    total=300,
    totals={TestOutcome.PASSED: 144, TestOutcome.FLAKY: 1, TestOutcome.FAILED: 1, TestOutcome.ERROR: 41},
    elapsed_s=64.2,
    left="about 40s left",
    causes=2,
    running=RUNNING,
)
STYLES = {
    f"block-{width}-{name}.txt": Style(width, unicode=name == "utf8")
    for width in (80, 120)
    for name in ("utf8", "ascii")
}
EVERY = dict.fromkeys(TestOutcome, 12345)


def drawn(style: Style) -> str:
    height = block_height(style.width, 40 if style.width > 100 else 24)
    return "\n".join(block_rows(STANDING, style, height)) + "\n"


@pytest.mark.parametrize("file", STYLES)
def test_the_block_is_drawn(file: str) -> None:
    assert drawn(STYLES[file]) == (GOLDEN / file).read_text()


@pytest.mark.parametrize("file", STYLES)
def test_the_counts_of_the_block_sum_to_the_tests(file: str) -> None:
    counts = drawn(STYLES[file]).splitlines()[1].replace("2 causes", "")
    assert sum(map(int, re.findall(r"\d+", counts))) == 300


@pytest.mark.parametrize(
    ("columns", "lines", "height"), [(80, 24, 8), (120, 40, 11), (120, 30, 10), (59, 40, 1), (120, 11, 1), (60, 12, 4)]
)
def test_the_block_takes_at_most_a_third_of_the_screen(columns: int, lines: int, height: int) -> None:
    assert block_height(columns, lines) == height


@pytest.mark.parametrize("width", [1, 20, 40, 60, 80, 99, 100, 120, 240])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 11])
def test_no_row_reaches_the_last_column_and_there_are_always_as_many(width: int, height: int) -> None:
    for standing in (STANDING, Standing(10**6, EVERY, 360_000.0, "longer than usual (usual 1m45s)", 999, RUNNING)):
        rows = block_rows(standing, Style(width, unicode=True), height)
        assert len(rows) == height
        assert [row for row in rows if len(row) >= max(width, 2)] == []


def test_tests_that_do_not_fit_are_counted() -> None:
    rows = block_rows(STANDING, Style(80), 5)
    assert [row.strip()[:24] for row in rows[2:]] == [
        "52.3s  reports/export/fu",
        "9.80s  catalog/index/reb",
        "and 22 more",
    ]


def test_a_test_that_takes_too_long_is_marked() -> None:
    rows = block_rows(STANDING, Style(120, colour=True), 11)
    assert [row.endswith("\x1b[33mslow\x1b[0m") for row in rows[2:4]] == [True, False]


def test_names_of_others_are_safe_to_print() -> None:
    nasty = RunningTest(number=1, test_id="\x1b[2J\n::error::", worker="\r\x07", for_s=3.0)
    rows = block_rows(Standing(1, {}, 1.0, running=RunningTests(total=1, tests=(nasty,))), Style(120), 4)
    assert all(row.isprintable() or not row for row in rows)
