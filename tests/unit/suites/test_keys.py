"""The table of every key (`keys_table/`): each is in the state that it says, and what acts is proved by a test.

One file a format: a key, its state, and the test that proves an acting one, or what is said of another. The tables are
written from the seed's documents, its suites and the models; here they are compared with what loading does.
"""

import ast
import csv
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import JsonValue

from harness.errors import SuiteErrors
from harness.models.suite import Suite
from harness.models.target import Target
from harness.models.wire import Authored
from harness.suites.findings import Findings
from harness.suites.key_states import KeyState
from harness.suites.keys import UNCOMPARED, Format, keys_of
from harness.suites.load import load_suite
from harness.suites.moving import move_keys
from harness.suites.read import read_yaml
from harness.suites.shape import shape_file
from harness.suites.tree import Entry, MapNode, Mark, node_of
from harness.suites.v1.carry import WITH_CONFIG
from harness.suites.v1.notes import Note, NoteKind
from harness.suites.v1.translate import translate
from scheduler.console.cli.config_file import ACTING

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
TABLES = Path(__file__).with_name("keys_table")
TYPE = ".validation.type="

needs_seed = pytest.mark.skipif(not SHARED.is_dir() and not os.environ.get("CI"), reason="the seed is not here")


class Row(NamedTuple):
    """A line of a table. `told`: the proof of an acting key, or what is said of another."""

    name: str
    state: str
    told: str


@lru_cache
def table(of: Format) -> tuple[Row, ...]:
    with (TABLES / f"{of}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(Row(*row) for row in rows[1:])


def rows_in(*formats: Format, state: KeyState) -> list[Row]:
    return [row for of in formats for row in table(of) if row.state == state]


@pytest.mark.parametrize("of", Format)
def test_the_table_lists_what_the_command_lists(of: Format) -> None:
    listed = [Row(key.name, key.state, key.proof if key.state is KeyState.ACTS else key.said) for key in keys_of(of)]

    assert sorted(listed) == sorted(table(of))
    assert len({row.name for row in table(of)}) == len(table(of))


@pytest.mark.parametrize("of", Format)
def test_every_acting_key_is_proved_by_a_test_that_speaks_of_it(of: Format) -> None:
    unproved = [row.name for row in rows_in(of, state=KeyState.ACTS) if not _proves(row.told, _last(row.name))]

    assert unproved == []


def _last(name: str) -> str:
    return re.split(r"[.=]", name)[-1].removesuffix("[]")


def _proves(node: str, key: str) -> bool:
    file, _, function = node.partition("::")
    return function in _tests_in(file) and key in _text_of(file)


@lru_cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@lru_cache
def _text_of(file: str) -> str:
    """The text of a test file, with the modules of tests that it takes its cases from."""
    text = (ROOT / file).read_text(encoding="utf-8")
    imported = re.findall(r"^from (tests\.unit[\w.]+) import", text, re.M)
    return "".join((text, *((ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in imported)))


def document(name: str) -> dict[str, JsonValue]:
    """The shortest document with a key at its place."""
    value: JsonValue = 1
    for part in reversed(name.split(".")):
        value = {part.removesuffix("[]"): [value] if part.endswith("[]") else value}
    assert isinstance(value, dict)
    return value


def found(name: str, model: type[Authored]) -> tuple[list[str], list[str]]:
    """What loading says of a key: errors, and keys that do not act."""
    findings = Findings("f.yaml")
    root = move_keys(node_of(document(name), Mark(1, 1)), findings)
    shape_file(root, model, findings, lenient=False)
    deferred = [problem.message for problem in findings.deferred]
    try:
        findings.raise_errors()
    except SuiteErrors as errors:
        return [str(problem) for problem in errors.problems], deferred
    return [], deferred


KEYS = [
    pytest.param(row, model, id=f"{of}-{row.name}")
    for of, model in ((Format.SPEC, Suite), (Format.TARGET, Target))
    for row in table(of)
    if row.name not in UNCOMPARED and row.name != "_merge_mode"
]


@pytest.mark.parametrize(("row", "model"), KEYS)
def test_a_key_is_in_the_state_that_the_table_says(row: Row, model: type[Authored]) -> None:
    errors, deferred = found(row.name, model)

    match row.state:
        case KeyState.ACTS:
            assert (errors, deferred) == ([], [])
        case KeyState.DEFERRED:
            assert errors == []
            assert [message.endswith(f"{_last(row.name)} does not act yet") for message in deferred] == [True]
        case _:
            assert [f"{_last(row.name)}' is refused: {row.told}" in error for error in errors] == [True]


def test_capabilities_that_nothing_is_compared_with_are_said_to_be_so_when_they_say_anything() -> None:
    head = "name: s\nserver: {command: c}\ntools: [{name: t, tests: [{name: a}]}]\n"
    loud = load_suite(f"{head}capabilities: {{sampling: true, experimental: {{x: 1}}}}\n".encode(), "s.yaml")
    quiet = load_suite(f"{head}capabilities: {{sampling: false, experimental: {{}}}}\n".encode(), "s.yaml")

    assert {problem.message for problem in loud.deferred} == {f"{name} does not act yet" for name in UNCOMPARED}
    assert quiet.deferred == ()


def notes_of(name: str) -> list[Note]:
    """What the translation says of a key of the v1 format."""
    name, _, kind = name.partition(TYPE)
    given = document(name if not kind else f"{name}.validation")
    if kind:
        given = _with_type(given, kind)
    suite: dict[str, JsonValue] = {"name": "s", "test_cases": []}
    root = node_of({"test_suites": [suite], **given}, Mark(1, 1))
    assert isinstance(root, MapNode)
    return [note for note in translate(root).notes if note.kind not in (NoteKind.TRANSLATED, NoteKind.READING)]


def _with_type(given: JsonValue, kind: str) -> dict[str, JsonValue]:
    """The same with a validation of a type."""
    if isinstance(given, list):
        return [_with_type(item, kind) for item in given]  # type: ignore[return-value]  # the first level is a mapping
    assert isinstance(given, dict)
    if "validation" in given:
        return {"key": "x", "validation": {"type": kind}}
    return {key: _with_type(value, kind) for key, value in given.items()}


V1_KEYS = [pytest.param(row, id=row.name) for row in table(Format.V1) if row.name not in ("extends", "_merge_mode")]


@pytest.mark.parametrize("row", V1_KEYS)
def test_a_key_of_the_v1_format_is_in_the_state_that_the_table_says(row: Row) -> None:
    notes = notes_of(row.name)
    told = [(note.kind, note.said) for note in notes if note.key.endswith(_last(row.name))]

    match row.state:
        case KeyState.ACTS:
            wrong = (NoteKind.UNKNOWN, NoteKind.REFUSED, NoteKind.DEFERRED)
            assert [note for note in notes if note.kind in wrong] == []
        case KeyState.DEFERRED:
            assert (NoteKind.DEFERRED, row.told) in told
        case _:
            assert (NoteKind.REFUSED, row.told) in told


def test_keys_that_act_as_configuration_are_those_that_the_console_understands() -> None:
    said = {row.name for row in table(Format.V1) if row.told == WITH_CONFIG}
    both = {"global.max_global_concurrency", "global.fail_fast", "global.retry"}  # act in suites, too
    checks = {f"server.health_check.{key}" for key in ("enabled", "interval_seconds", "failure_threshold")}

    assert said | both == set(ACTING) - {"server.health_check"} | checks | {
        "server.health_check.recovery_timeout_seconds"
    }


@needs_seed
def test_no_key_of_the_seeds_configuration_is_unknown() -> None:
    root = read_yaml((SHARED / "seed" / "production.yaml").read_bytes(), "production.yaml")
    assert isinstance(root, MapNode)
    suites = node_of([{"name": "s", "test_cases": []}], Mark(1, 1))
    root.entries["test_suites"] = Entry(Mark(1, 1), suites)

    assert {note.kind for note in translate(root).notes} <= {NoteKind.TRANSLATED, NoteKind.DEFERRED}


VALUES = frozenset(
    re.findall(
        r"\w+",
        """
    append http initialize list stdio sse websocket options values level message msg context request response result
    score success test_case test_name duration_ms init_result length expr quals ange ontains egex rray eys xpression
    ength str dot default true false moth run log include merge_mode deny_unknown_fields
    critical error_distribution failed failure forbidden info light min_ png refused report reports response_time
    success_rate text tmp unauthorized unavailable warning cert custom harness hash ignore pdf tcp x400
    """,
    )
)
"""Words among the keys of the seed's documents that are no keys: values, and what scripts are told."""


@needs_seed
def test_every_key_that_the_facts_name_is_in_a_table() -> None:
    facts = (SHARED / "facts" / "v1-format.md").read_text(encoding="utf-8")
    known = {part for of in Format for row in table(of) for part in re.split(r"[.\[\]=]+", row.name)}

    assert sorted(word for word in _words(facts) if word not in known | VALUES) == []


def _words(facts: str) -> Iterator[str]:
    """The words that stand where keys do: marked as code, or in the first column of the reference."""
    for start, end in (("### 2.1", "### 3.1"), ("### 3.3", "### 3.5")):
        for code in re.findall(r"`([^`]+)`", facts[facts.index(start) : facts.index(end)]):
            yield from re.findall(r"[a-z][a-z0-9_]{2,}", code)
    reference = facts[facts.index("## 4. Configuration") : facts.index("**Names the seed fixes")]
    for cell in re.findall(r"^\| [a-z][^|]*\|(.*)\|$", reference, re.M):
        yield from re.findall(r"[a-z_][a-z0-9_]{2,}(?==|\*|;|,|\{|\}|$|/)", cell.strip())
