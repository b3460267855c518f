"""The HTML report of a real run, from the command's side; what a browser makes of it is tested elsewhere."""

from pathlib import Path

from tests.acceptance.cli.test_run import WRONG
from tests.acceptance.command import echo_test, run_command, write_suite
from tests.conftest import plain_server
from tests.unit.reports.html.test_page import stored


def test_a_run_leaves_a_report_with_requests_and_answers_which_can_be_written_again(
    tmp_path: Path, state_dir: Path
) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [WRONG, *(echo_test(f"n{n}") for n in range(3))]})
    all_of_it = tmp_path / "all.html"

    done = run_command(["run", str(suite), "--report-detail", "all", "--report", f"html={all_of_it}"], state_dir)
    again = run_command(["report", "last", "--format", "html"], state_dir)

    assert f"report       {all_of_it}" in done.stdout
    assert (state_dir / "out" / "report.html").read_bytes() == all_of_it.read_bytes()
    wrong, *others = stored(all_of_it.read_text(), "block-0")
    (exchange,) = wrong["attempts"][0]["exchanges"]
    assert (exchange["method"], exchange["request"]) == ("tools/call", {"text": "hello"})
    assert exchange["response"]["content"] == [{"type": "text", "text": "hello"}]
    assert len(others) == 3
    assert [test["test_id"] for test in stored(again.stdout, "block-0")] == [wrong["test_id"], others[0]["test_id"]]
