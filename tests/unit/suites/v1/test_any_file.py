"""Whatever stands in a file of the v1 format: it is accepted or refused with places, quickly; migrate likewise."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from harness.errors import SuiteErrors
from harness.suites.files import FolderFiles
from harness.suites.keys import Format, keys_of
from harness.suites.load import load_suites
from harness.suites.v1.migrate import migrate

OF_FILES = {"extends", "_merge_mode"}
KEYS = sorted({part.removesuffix("[]") for key in keys_of(Format.V1) for part in key.name.split(".")} - OF_FILES)
LEAVES = (
    st.none() | st.booleans() | st.integers(-9, 99) | st.sampled_from(["x", "${x}", "tools/list", "a b", "/tmp/x", "1"])
)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def load_anything(value: JsonValue) -> None:
    text = json.dumps(value).encode()
    try:
        load_suites(text, "s.yaml")
    except SuiteErrors as errors:
        assert errors.problems
        assert all(problem.line == 1 for problem in errors.problems)
    for suite in migrate(text, "s.yaml", FolderFiles(Path("/nowhere"))).suites:
        try:
            load_suites(suite.text.encode(), "m.yaml")
        except SuiteErrors as errors:
            assert not any("not YAML" in str(problem) for problem in errors.problems)


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), VALUES)
def test_any_values_beside_suites_and_in_their_place(beside: dict[str, JsonValue], suites: JsonValue) -> None:
    load_anything({**beside, "test_suites": suites})


@settings(deadline=None, max_examples=200)
@given(VALUES, VALUES, VALUES, VALUES)
def test_any_values_in_a_case_that_is_otherwise_right(
    expected: JsonValue, pattern: JsonValue, case: JsonValue, steps: JsonValue
) -> None:
    first = {"id": "a", "tool_name": "t", "steps": steps, "expected": expected}
    second = {"id": "b", "tool_name": "t", "expected": {"patterns": [pattern]}}
    suite = {"name": "s", "test_cases": [first, second, case]}
    load_anything({"server": {"start_command": "c"}, "test_suites": [suite]})


CASE = {"id": "a", "tool_name": "t"}
HOSTILE: dict[str, JsonValue] = {
    "thousands of suites": {"test_suites": [{"name": f"s{n}", "test_cases": [CASE]} for n in range(5_000)]},
    "much beside many suites": {
        "variables": {f"v{n}": "x" * 100 for n in range(5_000)},
        "test_suites": [{"name": f"s{n}", "test_cases": [CASE]} for n in range(400)],
    },
    "thousands of stored results": {
        "test_suites": [
            {
                "name": "s",
                "test_cases": [
                    {
                        **CASE,
                        "steps": [{"tool": "t", "store_result_as": f"r{n}"} for n in range(10_000)],
                        "input_params": {"x": "${" + "r1 " * 80_000 + "}"},
                    }
                ],
            }
        ]
    },
    "thousands of files of commands": {
        "setup_commands": [" ".join(f"/tmp/{n} a/{n}" for n in range(12_000))],
        "test_suites": [{"name": "s", "test_cases": [CASE]}],
    },
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(name: str) -> None:
    text = json.dumps(HOSTILE[name]).encode()
    assert len(text) <= 1024 * 1024
    begun = time.process_time()

    with suppress(SuiteErrors):
        load_suites(text, "s.yaml")

    assert time.process_time() - begun < 3
