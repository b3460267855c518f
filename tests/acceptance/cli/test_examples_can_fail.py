"""Every expectation of the examples is able to fail: turned into its contrary, it does, and nothing else does.

Each example is written several times, with one expectation of each test turned; all of them are one run. A turned suite
is one group, in file order and without dependencies, so that a test that fails still leaves its state to the others.
"""

import os
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.command import run_command
from tests.acceptance.public.shim import REPOSITORY
from tests.conftest import require

EXAMPLES = REPOSITORY / "examples"
SERVERS = {"everything": "node", "filesystem": "node", "git": "python", "time": "python"}
"""Example → the folder of `.servers` that holds its server."""
NO_SUCH_TEXT = "no server says this"

Yaml = dict[str, Any]


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_every_expectation_of_an_example_can_fail(tmp_path: Path, state_dir: Path, name: str) -> None:
    require(REPOSITORY / ".servers" / SERVERS[name] / "installed")
    shutil.copytree(EXAMPLES / "files", tmp_path / "suites" / "files")
    example = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())
    expected = {}
    for number, (suite, outcomes) in enumerate(turned_suites(example)):
        (tmp_path / "suites" / f"turned-{number}.yaml").write_text(yaml.safe_dump(suite, sort_keys=False))
        expected |= {(f"turned-{number}", *test): outcome for test, outcome in outcomes.items()}

    done = run_command(["run", str(tmp_path / "suites")], state_dir, PATH=path_with_servers())

    assert done.exit_code == 1, done.stderr
    assert done.report is not None
    assert {(test.suite, test.tool, test.name): test.outcome for test in done.report.tests} == expected


def path_with_servers() -> str:
    """PATH, and before it the servers of the examples."""
    servers = REPOSITORY / ".servers"
    return f"{servers}/python/bin:{servers}/node/node_modules/.bin:{os.environ['PATH']}"


def turned_suites(example: Yaml) -> Iterator[tuple[Yaml, dict[tuple[str, str], str]]]:
    """Copies of a suite that together hold each expectation turned, with the outcome of each test: tool, name."""
    turned = {
        (tool["name"], test["name"]): list(turned_expectations(test["expected"])) for tool, test in each_test(example)
    }
    capabilities = list(example["capabilities"])
    for number in range(max(len(capabilities), *map(len, turned.values()))):
        suite = deepcopy(example) | {"isolation": "suite"}
        outcomes = {("", "capabilities"): "passed"}
        if number < len(capabilities):
            suite["capabilities"][capabilities[number]] ^= True
            outcomes["", "capabilities"] = "failed"
        for tool, test in each_test(suite):
            key = tool["name"], test["name"]
            test.pop("dependencies", None)
            outcomes[key] = "failed" if number < len(turned[key]) else "passed"
            test["expected"] = [*turned[key], *[test["expected"]] * (number + 1)][number]
        yield suite, outcomes


def each_test(suite: Yaml) -> Iterator[tuple[Yaml, Yaml]]:
    """Every test with its tool."""
    return ((tool, test) for tool in suite["tools"] for test in tool["tests"])


def turned_expectations(expected: Yaml) -> Iterator[Yaml]:
    """What the answer is not: for each check of `expected` one expectation with the contrary and nothing else."""
    is_error = expected.get("error", False)
    yield {"error": not is_error}
    if "error_message_contains" in expected:
        yield {"error": True, "error_message_contains": NO_SUCH_TEXT}
    for field in expected.get("fields", ()):
        for key, value in turned_keys(field):
            yield {"error": is_error, "fields": [{"path": field["path"], key: value}]}


def turned_keys(field: Yaml) -> Iterator[tuple[str, Any]]:
    """Each key of a field with a value that does not hold where the given one does."""
    if field.get("required") is False:  # absent in the examples, so that its other keys are not looked at
        yield "required", True
        return
    for key, value in field.items():
        if key != "path":
            yield key, TURNED[key](value)


TURNED = {
    "value": lambda value: not value if isinstance(value, bool) else [value],
    "field_type": lambda name: "string" if name == "boolean" else "boolean",
    "pattern": lambda _: f"^{NO_SUCH_TEXT}$",
    "contains": lambda _: NO_SUCH_TEXT,
    "min": lambda _: 1e12,
    "max": lambda _: -1e12,
    "min_length": lambda _: 10**9,
    "max_length": lambda _: 0,
    "array_length": lambda length: length + 1,
}
"""Key of a field → the contrary of its value."""
