"""The examples of docs/examples, run against real servers: each test ends as a comment at its name says."""

import re
from pathlib import Path

from harness.models.run import TestReport
from tests.acceptance.cli.test_examples_can_fail import path_with_servers
from tests.acceptance.command import run_command
from tests.acceptance.public.shim import REPOSITORY
from tests.conftest import require

EXAMPLES = REPOSITORY / "docs" / "examples"
ENDS = re.compile(r"# ends: (.+)$")


def test_every_example_ends_as_it_says(state_dir: Path) -> None:
    for folder in ("node", "python"):
        require(REPOSITORY / ".servers" / folder / "installed")

    done = run_command(["run", str(EXAMPLES)], state_dir, PATH=path_with_servers(), CI="true")

    assert done.report is not None, done.stderr
    ends = {(test.file, test.line): ending_of(test) for test in done.report.tests}
    assert {place: ending for place, ending in ends.items() if ending != "passed"} == endings_said()
    assert {test.suite for test in done.report.tests} == {path.stem for path in EXAMPLES.glob("*.yaml")}
    assert done.exit_code == 0


def ending_of(test: TestReport) -> str:
    return f"{test.outcome} with a warning" if test.warned else str(test.outcome)


def endings_said() -> dict[tuple[str, int], str]:
    """File and line of a test → how it ends, where that is said."""
    return {
        (path.name, number): said[1]
        for path in EXAMPLES.glob("*.yaml")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (said := ENDS.search(line))
    }
