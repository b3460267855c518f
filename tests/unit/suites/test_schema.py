"""The JSON Schema of the format: committed as generated, and of one mind with the loader."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from harness.errors import SuiteErrors
from harness.suites.deferred import DEFERRED
from harness.suites.load import STRICT, load_paths, load_suite
from harness.suites.schema import schema_text, suite_schema, target_schema
from harness.targets.read import load_target

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
EXAMPLES = sorted((*(ROOT / "examples").glob("*.yaml"), *(DOCS / "examples").glob("*.yaml")))

TARGETS = sorted((*(ROOT / "examples").glob("**/targets/*/*.yaml"), *(DOCS / "examples" / "targets").glob("*.yaml")))
INCLUDE = re.compile(r"!include \S+")
VALIDATOR = jsonschema.Draft202012Validator(suite_schema())
HEAD = "name: s\nserver: {command: c}\n"
TESTS = "tools: [{name: t, tests: [{name: a}]}]\n"


@pytest.mark.parametrize(("what", "schema"), [("suite", suite_schema()), ("target", target_schema())])
def test_a_committed_schema_is_the_generated_one_and_a_schema(what: str, schema: dict[str, Any]) -> None:
    name = f"{what}.schema.json"
    assert (DOCS / name).read_text() == schema_text(schema), f"run: mcp-test-harness schema {what} > docs/{name}"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", TARGETS, ids=lambda path: path.name)
def test_an_example_of_a_target_is_valid_by_the_schema_and_loads(path: Path) -> None:
    jsonschema.Draft202012Validator(target_schema()).validate(yaml.safe_load(path.read_text()))
    load_target(path.read_bytes(), path.name, STRICT)


@pytest.mark.parametrize(
    ("addition", "is_accepted"),
    [
        ("", True),
        ("labels: {a: b}\ninstall: {npm: a@1.0.0, allow_scripts: true}", True),
        ("working_directory: data\nrequires: [node]\nsecrets: null", True),
        ("install: {npm: a@1.0.0, from: there}", False),
        ("labels: [a]", False),
        ("tools: []", False),
    ],
)
def test_schema_and_loader_agree_on_targets(addition: str, is_accepted: bool) -> None:
    text = f"name: t\ncommand: c\n{addition}\n"
    assert jsonschema.Draft202012Validator(target_schema()).is_valid(yaml.safe_load(text)) == is_accepted
    if is_accepted:
        load_target(text.encode(), "t.yaml", STRICT)
    else:
        with pytest.raises(SuiteErrors):
            load_target(text.encode(), "t.yaml", STRICT)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_suite_is_valid_by_the_schema_and_loads(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(INCLUDE.sub("{}", path.read_text())))
    load_paths([path])


@pytest.mark.parametrize(
    ("addition", "is_accepted"),
    [
        ("", True),
        ("toolz: []", False),
        ("version: 1.5", False),
        ("isolation: suite", True),
        ("isolation: null", True),
        ("isolation: warm", False),
        ("_merge_mode: append", True),
        ("_merge_mode: join", False),
        ("capabilities: {tools: true, experimental: {x: [1]}}", True),
        ("capabilities: {tools: 'true'}", False),
        ("test_config: {timeout_seconds: 0}", False),
        ("test_config: {timeout_seconds: 3600, retry: {max_retries: 1}}", True),
        ("test_config: {retry: {max_retris: 1}}", False),
        ("script_config: 5", True),
        ("files: [{source: a}]", True),
        ("files: [{target: a}]", False),
        ("prompts: [{name: p, arguments: [{name: a}], test_cases: [{name: x, input: {y: 5}}]}]", True),
        ("resources: [{name: p}]", False),
        ("metadata: {any: [thing, {at: all}]}", True),
    ],
)
def test_schema_and_loader_agree(addition: str, is_accepted: bool) -> None:
    text = f"{HEAD}{TESTS}{addition}\n"

    assert VALIDATOR.is_valid(yaml.safe_load(text)) == is_accepted
    assert loads(text) == is_accepted


@pytest.mark.parametrize(
    ("test", "is_accepted"),
    [
        ("{name: a, depends_on: [], parameters: {x: null}}", True),
        ("{name: a, expected: null}", False),
        ("{name: a, expected: {error: true, error_code: -32602}}", True),
        ("{name: a, expected: {error_code: null}}", False),
        ("{name: a, expected: {fields: [{path: $.x, value: null, contains: null}]}}", True),
        ("{name: a, expected: {fields: [{type: integer, min: 1.5, required: false}]}}", True),
        ("{name: a, expected: {fields: [{type: int}]}}", False),
        ("{name: a, expected: {fields: [{pattern: null}]}}", False),
        ("{name: a, expected: {schema: {type: object}, allow_extra_fields: false}}", True),
        ("{name: a, performance: {max_duration_ms: 1}}", True),
        ("{name: a, performance: {max_duration: 1}}", False),
        ("{name: a, timeout_seconds: 3601}", False),
        ("{name: ''}", False),
        ("{}", False),
    ],
)
def test_schema_and_loader_agree_on_tests(test: str, is_accepted: bool) -> None:
    text = f"{HEAD}tools: [{{name: t, tests: [{test}]}}]\n"

    assert VALIDATOR.is_valid(yaml.safe_load(text)) == is_accepted
    assert loads(text) == is_accepted


def test_the_documentation_names_every_key_that_does_not_act_yet() -> None:
    page = (DOCS / "suites.md").read_text()

    keys = [key for below in DEFERRED.values() for key in below]
    assert [key for key in keys if f"`{key}`" not in page] == []


def loads(text: str) -> bool:
    try:
        load_suite(text.encode(), "s.yaml")
    except SuiteErrors:
        return False
    return True
