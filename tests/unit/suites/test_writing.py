"""Trees as YAML text: what is written reads back as it was, and remarks stand where they belong."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from harness.models.suite import Suite
from harness.suites.read import read_yaml
from harness.suites.tree import MapNode, Mark, node_of, plain
from harness.suites.writing import yaml_lines

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    ["a\nb\n", "a\n\nb", "a\n\n", " a\nb", "a\n b\n", "a\n \nb\n", "# no comment", "yes", "- x", "1", "\u2028a\nb", ""]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def written(value: dict[str, JsonValue], remarks: dict[int, list[str]] | None = None) -> str:
    root = node_of(value, Mark(1, 1))
    assert isinstance(root, MapNode)
    return "".join(f"{line}\n" for line in yaml_lines(root, Suite, remarks or {}))


def value_of(text: str) -> Any:
    return plain(read_yaml(text.encode(), "s.yaml"))


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_what_is_written_reads_back_as_it_was(value: dict[str, JsonValue]) -> None:
    assert value_of(written(value)) == value


def test_a_program_stands_on_lines_of_its_own_and_short_values_on_one() -> None:
    assert written({"x": "if a:\n    b()\n", "k": [1, 2], "z": [{"a": 1}, {"b": 2}], "w": {"a": True}, "v": {}}) == (
        "x: |\n  if a:\n      b()\nk: [1, 2]\nz:\n  - {a: 1}\n  - {b: 2}\nw: {a: true}\nv: {}\n"
    )


def test_keys_stand_in_the_order_of_the_model_also_under_another_spelling() -> None:
    assert written(
        {"tools": [{"test_cases": [{"tags": ["x"], "name": "a", "matrix": {"m": [1]}}], "name": "t"}], "name": "s"}
    ) == (
        'name: "s"\ntools:\n  - name: "t"\n    test_cases:\n'
        '      - name: "a"\n        matrix: {m: [1]}\n        tags: ["x"]\n'
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (1, "# said\na: 1\nb:\n  - name: 2\n    steps: [[3]]\n"),
        (3, "a: 1\nb:\n  # said\n  - name: 2\n    steps: [[3]]\n"),
        (5, "a: 1\nb:\n  - name: 2\n    # said\n    steps: [[3]]\n"),
        (99, "a: 1\nb:\n  - name: 2\n    # said\n    steps: [[3]]\n"),
    ],
)
def test_a_remark_stands_before_what_is_at_its_line_or_before_it(line: int, expected: str) -> None:
    root = read_yaml(b"a: 1\nb:\n- name: 2\n\n  steps: [[3]]\n", "s.yaml")
    assert isinstance(root, MapNode)

    assert "".join(f"{text}\n" for text in yaml_lines(root, Suite, {line: ["said"]})) == expected
