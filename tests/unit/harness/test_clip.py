"""Likenesses of JSON values: printable, within their budget, and honest about what is missing."""

import pytest
from pydantic import JsonValue

from harness.clip import Clipper, Limits

WIDE = Limits(1_000, 500, 10, 4)


@pytest.mark.parametrize(
    ("value", "likeness", "is_cut"),
    [
        ({"a": [1, "two", None, True, 1.5]}, {"a": [1, "two", None, True, 1.5]}, False),
        ("\x1b[31m", "\\x1b[31m", False),
        ("x" * 501, "x" * 497 + "...", True),
        (list(range(11)), list(range(10)), True),
        ({str(n): n for n in range(11)}, {str(n): n for n in range(10)}, True),
        ([[[[[1]]]]], [[[["[...]"]]]], True),
        (["x" * 500, "y" * 499, "z", "z"], ["x" * 500, "y" * 499, "z"], True),
        (2**70, "an integer of 71 bits", False),
    ],
)
def test_a_value_is_clipped(value: JsonValue, likeness: JsonValue, is_cut: bool) -> None:
    clipper = Clipper(WIDE)
    assert (clipper.clip(value), clipper.is_cut) == (likeness, is_cut)
