"""The command line of `run`, and beneath it the configuration file."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.models.expected import SnapshotMode
from harness.models.job import Bundle, PlannedTest, SuitePlan, TestKind
from harness.models.run import Lane, RunRequest, Selection
from harness.models.server import Server
from harness.models.suite import Retry
from harness.suites.bundle import PackedBundle
from scheduler.console.cli.arguments import LANES
from scheduler.console.cli.options import RunOptions, cut_down, request_of, run_options
from scheduler.console.cli.prepare import PreparedRun
from scheduler.console.cli.run import parser
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.console.cli.telling import Verbosity
from scheduler.console.embedded.launch import Size
from scheduler.console.embedded.settings import BREAKER
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.levels import Level

CONFIG = """
global: {max_global_concurrency: 3, global_timeout_seconds: 60, fail_fast: true}
reporting: {output_dir: from-file, formats: [junit]}
"""


def options(*args: str, settings: ConsoleSettings = ConsoleSettings()) -> RunOptions:  # noqa: B008  # frozen
    return run_options(parser().parse_args(["suite.yaml", *args]), settings)


def planned(count: int, timeout_s: float = 60, *, skip_reason: str = "") -> list[PlannedTest]:
    test = PlannedTest(
        number=0, test_id="p/s/t/x", kind=TestKind.TOOL, name="x", timeout_s=timeout_s, skip_reason=skip_reason
    )
    return [test] * count


def test_without_options_everything_has_its_default() -> None:
    assert options() == RunOptions(
        paths=(Path("suite.yaml"),),
        selection=Selection(),
        lenient=False,
        fail_fast=False,
        timeout_s=None,
        run_limit_s=None,
        deadline_s=None,
        lane=None,
        retry=None,
        breaker=BREAKER,
        size=Size(workers=1, slots=16),
        output=None,
        formats=("json", "junit", "html"),
        files=(),
        html=HtmlOptions(),
        github_summary=True,
        json=False,
        dry_run=False,
        farm="",
        key="",
        verbosity=Verbosity(Level.SLOW),
        show_end=Level.SLOW,
        slow_s=10.0,
        snapshot_mode=SnapshotMode.COMPARE,
    )


@pytest.mark.parametrize(
    ("args", "verbosity", "end"),
    [
        (["-q"], Verbosity(Level.NONE, is_quiet=True), Level.NONE),
        (["-v"], Verbosity(Level.PASS, with_attempts=True), Level.SLOW),
        (["-vv"], Verbosity(Level.PASS, with_attempts=True, with_exchanges=True), Level.SLOW),
        (["--show", "none"], Verbosity(Level.NONE), Level.SLOW),
        (["-v", "--show", "fail"], Verbosity(Level.FAIL, with_attempts=True), Level.SLOW),
        (["-q", "--show-end", "fail"], Verbosity(Level.NONE, is_quiet=True), Level.FAIL),
        (["--show-end", "pass"], Verbosity(Level.SLOW), Level.PASS),
    ],
)
def test_levels_say_what_is_told(args: list[str], verbosity: Verbosity, end: Level) -> None:
    found = options(*args)
    assert (found.verbosity, found.show_end) == (verbosity, end)


def test_the_file_speaks_where_the_command_line_is_silent(tmp_path: Path) -> None:
    config = tmp_path / "farm.yaml"
    config.write_text(CONFIG)
    found = options("--config", str(config), "--workers", "2")

    assert (found.size, found.run_limit_s, found.fail_fast) == (Size(2, 1), 60, True)
    assert (found.output, found.formats) == (Path("from-file"), ("junit",))


def request(options: RunOptions, timeout_s: float = 60) -> RunRequest:
    plan = SuitePlan(
        project="p", suite="s", target="t", file="f", server=Server(command="c"), tests=(planned(1, timeout_s)[0],)
    )
    packed = PackedBundle(Bundle(suites=(), files=()), "digest", {}, ())
    return request_of(PreparedRun("suite.yaml", Path(), packed, (plan,), (), ()), options)


def test_lane_deadline_and_policy_go_with_the_request(tmp_path: Path) -> None:
    config = tmp_path / "farm.yaml"
    config.write_text("global: {retry: {max_retries: 1}}")
    sent = request(options("--lane", "batch", "--deadline", "90.5", "--config", str(config)))

    assert (sent.lane, sent.deadline_s, sent.retry) == (Lane.BATCH, 90.5, Retry(max_retries=1))


def test_the_lanes_of_the_command_line_are_those_of_the_model() -> None:
    assert set(LANES) == set(Lane)


@pytest.mark.parametrize(
    ("args", "timeout_s", "deadline_s"),
    [
        (("--farm", "http://f"), 30, 60),
        (("--farm", "http://f"), 3600, 3613),
        (("--farm", "http://f", "--deadline", "99"), 30, 99),
        ((), 30, None),
    ],
)
def test_the_files_limit_of_the_run_holds_on_a_farm_when_the_command_has_gone(
    tmp_path: Path, args: tuple[str, ...], timeout_s: float, deadline_s: float | None
) -> None:
    config = tmp_path / "farm.yaml"
    config.write_text(CONFIG)

    assert request(options("--config", str(config), *args), timeout_s).deadline_s == deadline_s


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "farm.yaml"
    config.write_text(CONFIG)
    found = options("--config", str(config), "--concurrency", "9", "--output", "here", "--format", "json,json")

    assert (found.size, found.output, found.formats) == (Size(1, 9), Path("here"), ("json",))


def test_farm_and_key_come_from_the_environment_unless_given() -> None:
    settings = ConsoleSettings(farm="http://env", key="env")

    assert (options(settings=settings).farm, options(settings=settings).key) == ("http://env", "env")
    given = options("--farm", "http://arg", "--key", "arg", settings=settings)
    assert (given.farm, given.key) == ("http://arg", "arg")


def test_selection_options_may_be_repeated() -> None:
    assert options("--tag", "a", "--tag", "b", "--test", "x/y", "--filter", "z").selection == Selection(
        filter="z", tags=("a", "b"), test_ids=("x/y",)
    )


@pytest.mark.parametrize(
    ("size", "most", "expected"),
    [
        (Size(1, 16), 8, Size(1, 8)),
        (Size(4, 16), 8, Size(4, 2)),
        (Size(4, 16), 3, Size(3, 1)),
        (Size(2, 4), 99, Size(2, 4)),
    ],
)
def test_a_cap_over_all_workers_is_never_exceeded(size: Size, most: int, expected: Size) -> None:
    assert cut_down(size, most) == expected
    assert expected.workers * expected.slots <= most


def test_there_are_never_more_workers_than_tests_that_run() -> None:
    found = options("--workers", "8")

    assert found.size_for(planned(3)) == Size(3, 16)
    assert found.size_for(planned(3, skip_reason="not yet supported")) == Size(1, 16)


def test_options_may_not_be_shortened() -> None:
    with pytest.raises(UsageError, match="unrecognized arguments: --work"):
        options("--work", "2")


def test_reports_are_asked_for_as_files() -> None:
    assert options("--report", "junit=a/b.xml", "--report", "markdown=c=d.md").files == (
        ("junit", Path("a/b.xml")),
        ("markdown", Path("c=d.md")),
    )
    for wrong in ("junit", "junit=", "pdf=a.pdf", "=a"):
        with pytest.raises(UsageError, match="expected FORMAT=PATH with one of json,junit"):
            options("--report", wrong)
