"""The public suites give, today and over the whole farm, what docs/public-suites.md says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.command import run_command
from tests.acceptance.public.recorded import Recorded, read_page


@pytest.mark.xdist_group("public")
@pytest.mark.parametrize("recorded", read_page(), ids=lambda r: f"{r.suite}@{r.server.replace(' ', '-')}")
def test_each_test_ends_as_the_page_says(
    recorded: Recorded,
    shared_suites: Path,
    state_dir: Path,
    path_with_npx: Callable[[str], str],
    populated: None,
) -> None:
    suite = shared_suites / "spec" / recorded.suite

    done = run_command(["run", "--workers", "1", str(suite)], state_dir, PATH=path_with_npx(recorded.installed))

    assert done.report is not None, done.stderr
    assert {test.test_id.split("/", 3)[3]: test.outcome for test in done.report.tests} == recorded.outcomes


@pytest.mark.parametrize("recorded", read_page(), ids=lambda r: f"{r.suite}@{r.server.replace(' ', '-')}")
def test_each_test_that_fails_has_a_reason_on_the_page(recorded: Recorded) -> None:
    assert recorded.outcomes
    assert recorded.unexplained == ()


def test_the_suite_without_its_prompts_header_is_refused_at_both_lines(shared_suites: Path, state_dir: Path) -> None:
    done = run_command(["validate", str(shared_suites / "spec" / "everything-server.yaml")], state_dir)

    assert done.exit_code == 2
    lines = [line for line in done.stderr.splitlines() if "uri_template" in line]
    assert [line.split("everything-server.yaml:")[1].split(":")[0] for line in lines] == ["1034", "1098"]
