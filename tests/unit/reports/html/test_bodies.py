"""JSON of servers: bounded, printable, its numbers as they were."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.reports.html.bodies import CUT, MAX_DEPTH, NUMBER, bounded


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (1.0, {NUMBER: "1.0"}),
        (2**53, {NUMBER: "9007199254740992"}),
        (-(2**60), {NUMBER: "-1152921504606846976"}),
        (10**400, {NUMBER: "an integer of 1329 bits"}),
        (math.nan, {NUMBER: "nan"}),
        (math.inf, {NUMBER: "inf"}),
        ("a\u202eb\x1b", "a\\u202eb\\x1b"),
        ({CUT: 1, "k\x00": "v"}, {"\\x01cut": 1, "k\\x00": "v"}),
        ([], []),
    ],
)
def test_a_value_is_shown_as_it_was_written(value: Any, shown: Any) -> None:
    assert bounded(value, 1_000) == (shown, False)


def test_what_finds_no_room_is_cut_and_counted() -> None:
    assert bounded(["abcdefgh", "b", "c"], 12) == (["abcdefgh", {CUT: "and 2 more"}], True)
    assert bounded({"a": "0123456789", "b": 1}, 12) == ({"a": "0123..."[:7], CUT: "and 1 more"}, True)


def test_what_is_too_deep_is_cut() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH + 5):
        value = [value]
    shown, is_cut = bounded(value, 10_000)
    assert is_cut
    assert json.dumps(shown).count("[") == MAX_DEPTH


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.integers(min_value=10, max_value=300))
def test_whatever_comes_it_is_strict_json_of_bounded_length(value: Any, limit: int) -> None:
    shown, _ = bounded(value, limit)
    assert len(json.dumps(shown, allow_nan=False, ensure_ascii=False)) < 8 * limit + 2_000
