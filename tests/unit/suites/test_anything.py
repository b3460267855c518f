"""Whatever the text, loading either accepts it or raises SuiteErrors with places."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import SuiteErrors
from harness.models.expected import FieldExpectation
from harness.models.suite import Suite, TestCase
from harness.safe_text import one_line
from harness.suites.load import load_suite
from harness.suites.shape import known_keys

KEYS = sorted({key for model in (Suite, TestCase, FieldExpectation) for key in known_keys(model)})
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner),
    max_leaves=15,
)
LINES = ["name: s\n", "server: ", "{command: c}", "tools:\n", "- ", "  ", "\n", "%YAML 1.2\n", "---\n", "...\n", "|\n"]
MARKS = [": ", "&a ", "*a", "[", "]", "{", "}", ",", "'", '"', "? ", "!!str ", "<<: ", "#", "\t", "\x00"]
YAML_PIECES = st.sampled_from([*LINES, *MARKS, "é", "0x1", ".nan", "1e9"])


def load_anything(text: bytes) -> None:
    try:
        load_suite(text, "s.yaml")
    except SuiteErrors as errors:
        assert errors.problems
        assert all(problem.line >= 1 and problem.column >= 1 for problem in errors.problems)
        assert all(one_line(str(problem), 10_000) == str(problem) for problem in errors.problems)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    load_anything(content)


@settings(deadline=None)
@given(st.lists(YAML_PIECES, max_size=40))
def test_any_pieces_of_yaml(pieces: list[str]) -> None:
    load_anything("".join(pieces).encode())


@settings(deadline=None)
@given(VALUES)
def test_any_values_at_any_known_key(value: object) -> None:
    load_anything(json.dumps(value).encode())


@settings(deadline=None)
@given(VALUES, VALUES, VALUES)
def test_any_values_within_a_suite_that_is_otherwise_right(first: object, second: object, third: object) -> None:
    test = {"name": "a", "expected": {"fields": [first]}}
    load_anything(
        json.dumps({"name": "s", "server": second, "tools": [{"name": "t", "tests": [test, third]}]}).encode()
    )
