"""Flags beside a pattern."""

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.checks.budget import Budget
from harness.checks.pattern import compile_pattern
from harness.checks.pattern_flags import with_flags


@pytest.mark.parametrize(
    ("pattern", "flags", "written"),
    [
        ("a b", "", "a b"),
        ("a b", "i", "(?i)a b"),
        ("a b", "smi", "(?ims)a b"),
        ("a b # c\n d", "x", "abd"),
        (r"a\ b\# c", "x", r"a\ b\#c"),
        ("[ #] x", "x", "[ #]x"),
        ("[] #] x", "x", "[] #]x"),
        ("[^] #] x", "x", "[^] #]x"),
        (r"[\] ] x", "x", r"[\] ]x"),
        ("[[:alpha:] ] x", "x", "[[:alpha:] ]x"),
        ("[[: ] x", "x", "[[: ]x"),
        ("a#\\\nb\nc", "x", "ac"),
        ("a\\", "x", "a\\"),
        ("#", "xi", "(?i)"),
    ],
)
def test_flags_become_part_of_the_pattern(pattern: str, flags: str, written: str) -> None:
    assert with_flags(pattern, flags) == written


@given(st.text("ab \t\n#[]^\\.", max_size=12), st.text("ab #", max_size=8))
def test_free_spacing_means_what_it_means_in_python(pattern: str, text: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):  # of sets within sets, which neither has
            reference = re.compile(pattern, re.VERBOSE)
        found = compile_pattern(with_flags(pattern, "x")).is_found_in(text, Budget())
    except (ValueError, re.error):
        return
    assert found is (reference.search(text) is not None)
