"""Regular expressions: where they are found, what is refused, and what they may cost."""

import pytest

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.pattern import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b+", "abbc", True),
        ("^b", "abbc", False),
        ("c$", "abc", True),
        ("c$", "abc\n", False),
        ("(?i)ABC", "xabcx", True),
        ("(?m)^b$", "a\nb\nc", True),
        ("a.c", "a\nc", False),
        ("(?s)a.c", "a\nc", True),
        (r"\pL", "é", True),
        (r"\w", "é", False),
        ("é", "caf\u00e9", True),
        ("^.$", "🚀", True),
        ("^.$", "\ud800", True),
        ("^.$", "\ud83d\ude80", True),
        (r"\?", "\ud800", False),
        ("", "", True),
    ],
)
def test_a_pattern_is_found_anywhere(pattern: str, text: str, found: bool) -> None:
    assert compile_pattern(pattern).is_found_in(text, Budget()) is found


def test_a_whole_match_is_from_start_to_end() -> None:
    assert compile_pattern("a|ab").matches_all_of("ab", Budget())
    assert not compile_pattern("a").matches_all_of("ab", Budget())


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(?=a)", "lookahead (?=…) is not supported"),
        ("(?!a)", "lookahead (?!…) is not supported"),
        ("(?<=a)b", "lookbehind (?<=…) is not supported"),
        ("(?<!a)b", "lookbehind (?<!…) is not supported"),
        (r"(a)\1", r"backreference \1 is not supported"),
        ("(?P<x>a)(?P=x)", "backreference (?P=…) is not supported"),
        ("(?>a)", "atomic group (?>…) is not supported"),
        ("(?(1)a|b)", "conditional (?(…)…) is not supported"),
        ("a++", "possessive or doubled repetition is not supported"),
        ("a{1,1001}", "a repetition may count to 1000 at most, nested ones multiplied"),
        (r"a\Z", r"\Z is not supported: write \z"),
        (r"\u0041", r"\uXXXX is not supported: write \x{XXXX} or the character"),
        (r"\N{DASH}", r"\N{…} is not supported: write \x{XXXX} or the character"),
        ("(?x)a", "flag (?x) is not supported"),
        ("(?#c)a", "comment (?#…) is not supported"),
        ("*.txt", "repetition without anything before it"),
        ("[a", "missing ]: [a"),
        (r"[\pL]{500}", "pattern too large"),
        ("a" * 2_001, "pattern is longer than 2000 characters"),
    ],
)
def test_what_re2_cannot_do_is_refused_by_name(pattern: str, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError) as refusal:
        compile_pattern(pattern)
    assert str(refusal.value) == sentence
    assert capfd.readouterr() == ("", "")


def test_a_pattern_that_makes_other_engines_explode_is_answered() -> None:
    assert not compile_pattern("(a+)+$").is_found_in("a" * 100_000 + "b", Budget())
    assert not compile_pattern("((a?){50}){20}z").is_found_in("a" * 100_000, Budget())


def test_groups_only_group_so_that_they_cost_nothing() -> None:
    assert not compile_pattern("((a?){50}){20}z").is_found_in("a" * 10_000, Budget(100_000))


def test_a_large_pattern_on_a_large_text_is_beyond_the_budget() -> None:
    with pytest.raises(BudgetSpent):
        compile_pattern("(a|b)*a(a|b){300}c").is_found_in("ab" * 1_500_000, Budget())
