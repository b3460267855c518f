"""The public suites that the farm was made for: each loads, or is refused at the right lines."""

import os
from pathlib import Path

import pytest

from harness.errors import SuiteErrors
from harness.suites.listing import list_tests
from harness.suites.load import load_suite, load_suites

SUITES = Path(__file__).resolve().parents[4] / "shared" / "suites"

pytestmark = pytest.mark.skipif(
    not SUITES.is_dir() and not os.environ.get("CI"), reason="the public suites are not beside the repository"
)

# file → tests, keys read under another spelling, keys that do not act yet
ACCEPTED = {
    "spec/codeprism-core-navigation.yaml": (25, 0, 0),
    "spec/codeprism-workflow-orchestration.yaml": (21, 0, 0),
    "spec/everything-server-working.yaml": (11, 3, 0),
    "spec/filesystem-server-corrected.yaml": (4, 0, 0),
    "spec/filesystem-server-mcp-compliant.yaml": (6, 0, 0),
    "spec/filesystem-server.yaml": (56, 0, 1),
    "errors/server-connection-failure.yaml": (1, 1, 0),
}
REFUSED = {
    "spec/everything-server.yaml": (
        "1034:5: 'uri_template' is missing in item 2 of 'resources' ('complex_prompt')",
        "1098:5: 'uri_template' is missing in item 3 of 'resources' ('resource_prompt')",
    ),
    "errors/circular-dependencies.yaml": (
        "23:9: these tests depend on each other in a circle: 'test_a' → 'test_b' → 'test_c' → 'test_a';"
        " remove one dependency",
    ),
    "errors/empty-suite.yaml": ("1:1: no tests; give at least one below 'tools'",),
    "errors/invalid-yaml.yaml": (
        "27:23: not YAML: did not find expected key (while parsing a block mapping that starts on line 26);"
        " the quoted text that starts on line 26 ends on line 27: is its closing quote missing?",
    ),
    "errors/missing-dependencies.yaml": (
        "23:24: test 'test_with_missing_dependency' depends on 'non_existent_test', which does not exist",
        "23:45: test 'test_with_missing_dependency' depends on 'another_missing_test', which does not exist",
    ),
}
# file → suites, tests, keys that do not act
OF_V1 = {"v1/database-mcp.yaml": (7, 19, 17)}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_public_suite_is_accepted_with_all_its_tests(name: str) -> None:
    loaded = load_suite((SUITES / name).read_bytes(), name)

    assert (len(list_tests(loaded.suite)), len(loaded.warnings), len(loaded.deferred)) == ACCEPTED[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_public_suite_is_refused_at_the_right_lines(name: str) -> None:
    with pytest.raises(SuiteErrors) as caught:
        load_suite((SUITES / name).read_bytes(), name)

    assert tuple(str(problem).removeprefix(f"{name}:") for problem in caught.value.problems) == REFUSED[name]


@pytest.mark.parametrize("name", OF_V1)
def test_a_public_suite_of_the_v1_format_is_accepted_whole(name: str) -> None:
    loaded = load_suites((SUITES / name).read_bytes(), name)
    tests = sum(len(list_tests(suite.suite)) for suite in loaded)
    deferred = {problem for suite in loaded for problem in suite.deferred}

    assert (len(loaded), tests, len(deferred)) == OF_V1[name]
    assert [problem.message for suite in loaded for problem in suite.warnings] == [
        "'/tmp': as commands make it is read as ${sandbox}/tmp/: a folder of the suite alone"
    ]


def test_the_tables_name_every_public_suite() -> None:
    assert {str(path.relative_to(SUITES)) for path in SUITES.rglob("*.yaml")} == {*ACCEPTED, *REFUSED, *OF_V1}
