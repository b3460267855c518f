"""The checking program reports what is forged, each promise by a case of its own, and nothing where nothing is."""

from pathlib import Path

import pytest

from tests.chaos.checker import main
from tests.chaos.forged import CANARY, RUN, SECOND, TARGET, Forgery, forge


@pytest.fixture
def forgery(tmp_path: Path) -> Forgery:
    return forge(tmp_path)


def said(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the program says about a forged store; it must find something."""
    assert main(forgery.arguments()) == 1
    return capsys.readouterr().out.splitlines()


def test_an_honest_store_is_found_in_order(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(forgery.arguments()) == 0
    assert capsys.readouterr().out == ""


def test_a_run_that_is_not_there_cannot_be_checked(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql("PRAGMA foreign_keys = off", f"DELETE FROM runs WHERE id = '{RUN}'")
    assert main(forgery.arguments()) == 2
    assert RUN in capsys.readouterr().err


def test_a_test_whose_row_is_gone_is_lost(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql(f"DELETE FROM tests WHERE run_id = '{RUN}' AND name = 'plain'")
    assert f"lost: default/suite/{TARGET}/go/plain: planned, and not in the store" in said(forgery, capsys)


@pytest.mark.parametrize("change", ["outcome = NULL", "state = 'published'"])
def test_a_test_that_never_ended_is_lost(forgery: Forgery, capsys: pytest.CaptureFixture[str], change: str) -> None:
    forgery.sql(f"UPDATE tests SET {change} WHERE run_id = '{RUN}' AND name = 'plain'")
    assert any(line.startswith(f"lost: default/suite/{TARGET}/go/plain") for line in said(forgery, capsys))


def test_a_test_that_is_there_twice_is_doubled(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql(f"UPDATE tests SET test_id = replace(test_id, 'plain', 'wrong') WHERE run_id = '{RUN}'")
    assert f"doubled: default/suite/{TARGET}/go/wrong: 2 rows in the store" in said(forgery, capsys)


def test_two_records_accepted_under_one_lease_are_doubled(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql("DROP INDEX attempts_accepted", f"UPDATE attempts SET stale = 0 WHERE run_id = '{RUN}' AND stale")
    expected = f"doubled: default/suite/{TARGET}/go/plain: 2 records accepted under lease 1"
    assert expected in said(forgery, capsys)


def test_a_record_accepted_after_the_test_passed_is_doubled(
    forgery: Forgery, capsys: pytest.CaptureFixture[str]
) -> None:
    forgery.sql(f"UPDATE attempts SET superseded = 0 WHERE run_id = '{RUN}' AND number = {forgery.number('first')}")
    lines = said(forgery, capsys)
    assert f"doubled: default/suite/{TARGET}/go/first: a record was accepted after the test had passed" in lines
    assert f"over policy: default/suite/{TARGET}/go/first: 2 attempts, allowed 1" in lines


def test_a_record_under_a_lease_that_was_never_given_is_doubled(
    forgery: Forgery, capsys: pytest.CaptureFixture[str]
) -> None:
    forgery.sql(f"UPDATE attempts SET lease = 7 WHERE run_id = '{RUN}' AND number = {forgery.number('wrong')}")
    expected = f"doubled: default/suite/{TARGET}/go/wrong: accepted under lease 7, and the newest given is 1"
    assert expected in said(forgery, capsys)


def test_what_is_not_idempotent_may_be_called_once(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.edit("truth.json", '"idempotent": true', '"idempotent": false')
    forgery.edit("server.calls", "call plain 1\n", "call plain 1\ncall plain 2\n")
    expected = f"over policy: default/suite/{TARGET}/go/plain: called 2 times, and is not idempotent"
    assert expected in said(forgery, capsys)


def test_an_outcome_that_cannot_be_is_misclassified(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql(f"UPDATE tests SET outcome = 'passed' WHERE run_id = '{RUN}' AND name = 'wrong'")
    lines = said(forgery, capsys)
    assert f"misclassified: default/suite/{TARGET}/go/wrong: passed (check), where only failed is true" in lines
    assert f"fold differs: default/suite/{TARGET}/go/wrong: stored passed, its attempts fold to failed" in lines


def test_a_pass_without_a_call_is_misclassified(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.edit("server.calls", "call plain 1\n", "")
    assert f"misclassified: default/suite/{TARGET}/go/plain: passed, and its server saw 0 calls" in said(
        forgery, capsys
    )


def test_a_loss_that_became_a_pass_is_misclassified(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql(f"UPDATE attempts SET outcome = 'lost' WHERE run_id = '{RUN}' AND number = {forgery.number('wrong')}")
    expected = f"misclassified: default/suite/{TARGET}/go/wrong: failed (check) from attempts ['lost']"
    assert expected in said(forgery, capsys)


def test_a_result_from_superseded_records_alone_is_reported(
    forgery: Forgery, capsys: pytest.CaptureFixture[str]
) -> None:
    forgery.sql(f"DELETE FROM attempts WHERE run_id = '{RUN}' AND number = {forgery.number('first')} AND lease = 2")
    expected = f"superseded but counted: default/suite/{TARGET}/go/first: passed, and all its records are superseded"
    assert expected in said(forgery, capsys)


def test_a_superseded_record_that_changed_the_outcome_is_reported(
    forgery: Forgery, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f"run_id = '{RUN}' AND number = {forgery.number('second')}"
    forgery.sql(
        f"UPDATE attempts SET outcome = CASE lease WHEN 1 THEN 'failed' ELSE 'passed' END WHERE {where}",
        f"UPDATE attempts SET details = replace(details, '\"failed\"', '\"passed\"') WHERE {where} AND lease = 2",
        f"UPDATE tests SET outcome = 'flaky' WHERE {where}",
    )
    expected = f"superseded but counted: default/suite/{TARGET}/go/second: stored flaky, its attempts fold to passed"
    assert expected in said(forgery, capsys)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("report.json", '"passed": 3', '"passed": 2', "JSON totals"),
        ("report.json", '"outcome": "flaky"', '"outcome": "passed"', "JSON outcome of"),
        ("junit.xml", 'failures="2"', 'failures="1"', "JUnit failures"),
        ("junit.xml", 'name="go/wrong"', 'name="go/right"', "JUnit testcase of"),
        ("metrics.txt", 'outcome="passed"} 6.0', 'outcome="passed"} 5.0', "mcp_test_total"),
        ("metrics.txt", "records_total 2.0", "records_total 3.0", "mcp_farm_stale_records_total"),
    ],
)
def test_reports_that_differ_from_the_store_are_reported(
    forgery: Forgery, capsys: pytest.CaptureFixture[str], file: str, old: str, new: str, what: str
) -> None:
    forgery.edit(file, old, new)
    assert any(line.startswith(f"totals differ: {what}") for line in said(forgery, capsys))


@pytest.mark.parametrize("change", ["totals = '{}'", "total = 8", "stale_records = 0"])
def test_totals_that_differ_from_their_rows_are_reported(
    forgery: Forgery, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    forgery.sql(f"UPDATE runs SET {change} WHERE id = '{RUN}'")
    assert any(line.startswith("totals differ: runs.") for line in said(forgery, capsys))


@pytest.mark.parametrize("change", ["finished_ms = created_ms + 70001", "finished_ms = NULL", "state = 'running'"])
def test_a_run_that_ends_late_or_never_is_reported(
    forgery: Forgery, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    forgery.sql(f"UPDATE runs SET {change} WHERE id = '{RUN}'")
    assert any(line.startswith(f"late end: {RUN}") for line in said(forgery, capsys))


def test_what_is_left_over_is_reported(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.observe(left_over=["key farm:lease:forged1:3"])
    assert said(forgery, capsys) == ["left over: key farm:lease:forged1:3: still there"]


def test_a_secret_in_an_output_is_reported_without_telling_it(
    forgery: Forgery, capsys: pytest.CaptureFixture[str]
) -> None:
    forgery.observe(secrets=["password-of-redis"])
    (forgery.folder / "farm.log").write_text("connecting with password-of-redis")
    forgery.sql(
        f"UPDATE attempts SET details = replace(details, ':\"worker\"', ':\"{CANARY}\"') WHERE run_id = '{RUN}'"
    )
    lines = said(forgery, capsys)
    assert "secret leaked: farm.log: secret number 1 (17 characters)" in lines
    assert f"secret leaked: attempts: secret number 0 ({len(CANARY)} characters)" in lines
    assert not any(CANARY in line for line in lines)


def test_harm_to_the_second_run_is_reported_as_such(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    forgery.sql(f"UPDATE tests SET outcome = NULL WHERE run_id = '{SECOND}' AND name = 'plain'")
    affected = f"second run affected: default/suite/{TARGET}/go/plain: lost: state final, outcome None"
    assert affected in said(forgery, capsys)


def test_a_worker_that_grows_is_reported(forgery: Forgery, capsys: pytest.CaptureFixture[str]) -> None:
    worker = {"rss_before_mb": 80.0, "rss_after_mb": 91.0, "descriptors_before": 20, "descriptors_after": 22}
    forgery.observe(workers=[{"worker": "w1", **worker}])
    assert said(forgery, capsys) == [
        "leak: w1: memory grew by 11.0 MB",
        "leak: w1: 20 descriptors before, 22 after",
    ]


@pytest.mark.parametrize(("at", "word"), [(1, "left"), (0, "nothing")])
def test_a_worker_that_returns_to_what_it_was_is_in_order(forgery: Forgery, at: int, word: str) -> None:
    worker = {"rss_before_mb": 80.0, "rss_after_mb": 90.0 - at, "descriptors_before": 20, "descriptors_after": 21 - at}
    forgery.observe(workers=[{"worker": word, **worker}])
    assert main(forgery.arguments()) == 0
