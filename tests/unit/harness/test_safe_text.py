"""What text from outside may put on a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.safe_text import one_line, safe_text


@pytest.mark.parametrize(
    ("text", "safe", "line"),
    [
        ("plain ✓ 🚀 é", "plain ✓ 🚀 é", "plain ✓ 🚀 é"),
        ("a\nb\tc", "a\nb\tc", r"a\nb\tc"),
        ("a\r\nb", "a\\x0d\nb", r"a\r\nb"),
        ("\x1b[31mred\x00\x7f\x9b", r"\x1b[31mred\x00\x7f\x9b", r"\x1b[31mred\x00\x7f\x9b"),
        ("\u202eevil\u2066\u200f", r"\u202eevil\u2066\u200f", r"\u202eevil\u2066\u200f"),
        ("\u2028\ufeff\ufffe", r"\u2028\ufeff\ufffe", r"\u2028\ufeff\ufffe"),
        ("\ud800x", r"\ud800x", r"\ud800x"),
        ("a\U000e0041", r"a\U000e0041", r"a\U000e0041"),
    ],
)
def test_unsafe_characters_are_escaped(text: str, safe: str, line: str) -> None:
    assert (safe_text(text, 100), one_line(text, 100)) == (safe, line)


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert safe_text("abcdef", 6) == "abcdef"
    assert safe_text("abcdefg", 6) == "abc..."
    assert one_line("\x00\x00", 6) == r"\x0..."
    assert [one_line("abcdef", limit) for limit in range(5)] == ["", ".", "..", "...", "a..."]


@given(st.text(st.characters(exclude_categories=()), max_size=50), st.integers(0, 60))
def test_the_result_is_within_its_limit_and_can_be_encoded(text: str, limit: int) -> None:
    for safe in (safe_text(text, limit), one_line(text, limit)):
        assert len(safe) <= limit
        safe.encode()
    assert "\n" not in one_line(text, limit)
