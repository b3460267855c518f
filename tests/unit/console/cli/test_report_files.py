"""Reports as files."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport, RunState, RunView
from scheduler.console.cli.arguments import DEFAULT_FORMATS, FORMATS
from scheduler.console.cli.past_report import find_report
from scheduler.console.cli.report_files import check_files, check_output, write_files, write_reports
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.reports.formats import FORMATS as TABLE
from tests.unit.console.cli.reports import START, finished

REPORT = RunReport(
    run=RunView(
        run_id="8f2c1a",
        project="default",
        state=RunState.CLOSED,
        created_at=START,
        finished_at=START,
        total=1,
        totals={TestOutcome.PASSED: 1},
        exit_code=0,
    ),
    tests=(finished(),),
)


def test_every_format_that_may_be_asked_for_can_be_written() -> None:
    assert tuple(TABLE) == FORMATS
    assert set(DEFAULT_FORMATS) < set(FORMATS)


def test_each_format_has_its_file_and_what_is_read_back_is_equal(tmp_path: Path) -> None:
    written = write_reports(REPORT, tmp_path / "deep" / "out", ("junit", "json", "text"))

    assert [path.name for path in written] == ["junit.xml", "report.json", "report.txt"]
    assert sorted(path.name for path in (tmp_path / "deep" / "out").iterdir()) == sorted(p.name for p in written)
    assert find_report(str(tmp_path / "deep" / "out"), ConsoleSettings()) == REPORT


def test_a_report_is_readable_by_those_who_may_read_the_users_files(tmp_path: Path) -> None:
    (path,) = write_reports(REPORT, tmp_path, ("json",))
    other = tmp_path / "other"
    other.touch()

    assert path.stat().st_mode == other.stat().st_mode


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="Not a directory; name another with --output"):
        check_output(tmp_path / "file" / "out")


@pytest.mark.parametrize("content", ["", "[]", '{"run": 1}', "\udc80"])
def test_a_file_that_is_no_report_is_a_usage_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(UsageError, match="not a report of this program"):
        find_report(str(tmp_path), ConsoleSettings())


def test_a_folder_without_a_report_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no report\.json in this folder"):
        find_report(str(tmp_path), ConsoleSettings())


def test_reports_go_to_the_files_that_are_named_whose_folders_are_made(tmp_path: Path) -> None:
    files = (("markdown", tmp_path / "a" / "b.md"), ("ctrf", tmp_path / "c.json"))
    check_files(files)

    assert list((tmp_path / "a").iterdir()) == []
    assert write_files(REPORT, files) == (tmp_path / "a" / "b.md", tmp_path / "c.json")
    assert files[0][1].read_text().startswith("## ✓ `8f2c1a`: 1 of 1 test passed")


def test_a_report_cannot_go_to_a_folder_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        check_files([("junit", tmp_path)])
