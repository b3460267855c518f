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

from harness.suites.load import load_paths
from tests.acceptance.command import run_command
from tests.acceptance.public.shim import REPOSITORY
from tests.conftest import require

EXAMPLES = REPOSITORY / "examples"
SERVERS = {
    "everything": "node",
    "fetch": "python",
    "filesystem": "node",
    "git": "python",
    "memory": "node",
    "time": "python",
}
"""Example → the folder of `.servers` that holds its server."""
NO_SUCH_TEXT = "no server says this"

Yaml = dict[str, Any]


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_every_expectation_of_an_example_can_fail(tmp_path: Path, state_dir: Path, name: str) -> None:
    require(REPOSITORY / ".servers" / SERVERS[name] / "installed")
    shutil.copytree(EXAMPLES / "files", tmp_path / "suites" / "files")
    example = written_out(EXAMPLES / f"{name}.yaml")
    expected = {}
    for number, (suite, outcomes) in enumerate(turned_suites(example)):
        (tmp_path / "suites" / f"turned-{number}.yaml").write_text(yaml.safe_dump(suite, sort_keys=False))
        expected |= {(f"turned-{number}", test): outcome for test, outcome in outcomes.items()}

    done = run_command(["run", str(tmp_path / "suites")], state_dir, PATH=path_with_servers())

    assert done.exit_code == 1, done.stderr
    assert done.report is not None
    assert {(test.suite, test.name): test.outcome for test in done.report.tests} == expected


def test_every_example_is_turned_but_for_those_that_repeat_another() -> None:
    own = {path.stem for path in EXAMPLES.glob("*.yaml") if "\nextends:" not in path.read_text()}
    assert own == set(SERVERS)


def path_with_servers() -> str:
    """PATH, and before it the servers of the examples."""
    servers = REPOSITORY / ".servers"
    return f"{servers}/python/bin:{servers}/node/node_modules/.bin:{os.environ['PATH']}"


def written_out(path: Path) -> Yaml:
    """An example with every variant of its tests written out."""
    [loaded] = load_paths([path])
    example: Yaml = loaded.suite.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for test in each_test(example):
        test.pop("matrix", None)
        test.pop("variables", None)
    return example


def turned_suites(example: Yaml) -> Iterator[tuple[Yaml, dict[str, str]]]:
    """Copies of a suite that together hold each expectation turned, with the outcome of each test by its name."""
    turned = {test["name"]: list(turned_expectations(judged(test).get("expected", {}))) for test in each_test(example)}
    assert len(turned) == len(list(each_test(example))), "two tests of one name"
    capabilities = list(example["capabilities"])
    for number in range(max(len(capabilities), *map(len, turned.values()))):
        suite = deepcopy(example) | {"isolation": "suite"}
        outcomes = {"capabilities": "passed"} | {f"{name} arguments": "passed" for name in declaring(suite)}
        if number < len(capabilities):
            suite["capabilities"][capabilities[number]] ^= True
            outcomes["capabilities"] = "failed"
        for test in each_test(suite):
            name, place = test["name"], judged(test)
            test.pop("dependencies", None)
            outcomes[name] = "failed" if number < len(turned[name]) else "passed"
            place["expected"] = [*turned[name], *[place.get("expected", {})] * (number + 1)][number]
        yield suite, outcomes


def each_test(suite: Yaml) -> Iterator[Yaml]:
    """Every test, whatever it is of."""
    for section in ("tools", "resources", "prompts", "methods"):
        for owner in suite.get(section, ()):
            yield from owner["tests"]
    yield from suite.get("flows", ())


def declaring(suite: Yaml) -> list[str]:
    """The prompts whose arguments are declared: a test of their own compares them."""
    return [prompt["name"] for prompt in suite.get("prompts", ()) if "arguments" in prompt]


def judged(test: Yaml) -> Yaml:
    """What bears the expectations that are turned: the test, or the last step of a flow."""
    is_flow = "steps" in test and "expected" not in test
    return test["steps"][-1] if is_flow else test


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
