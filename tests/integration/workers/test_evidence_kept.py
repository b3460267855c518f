"""What a real worker keeps of its tests, and that it can be read back."""

from harness.models.attempt import CheckFailure
from harness.models.evidence import HeldCheck
from harness.models.expected import Expected
from scheduler.reports.stored_evidence import evidence_from
from scheduler.store.blobs import DirectoryBlobs
from tests.integration.workers.farm import Farm, plan_of, tool_test


def test_a_failed_test_is_kept_whole(farm: Farm) -> None:
    farm.start_worker()
    fields = [{"path": "$.structuredContent.total", "value": 4, "field_type": "integer"}]
    test = tool_test(0, "add", {"a": 1, "b": 2}, expected=Expected.model_validate({"fields": fields}))

    farm.publish(plan_of([test]))

    (record,) = farm.wait_for_records(1)
    evidence = evidence_from(DirectoryBlobs(farm.directory / "blobs").get)(record.evidence)
    assert evidence is not None
    (exchange,) = evidence.exchanges
    assert (exchange.method, exchange.name, exchange.request) == ("tools/call", "add", {"a": 1, "b": 2})
    assert exchange.response == {
        "content": [{"type": "text", "text": "3"}],
        "structuredContent": {"total": 3, "parts": [1, 2]},
    }
    assert (exchange.is_cut, exchange.is_error, exchange.took_s) == (False, False, record.timing.call_s)
    path = "$.structuredContent.total"
    wrong = CheckFailure(check="value", path=path, expected="4", actual="3", actual_type="number")
    assert evidence.failures == (wrong,)
    assert evidence.held == (
        HeldCheck(check="error", expected="false"),
        HeldCheck(check="field_type", path=path, expected='"integer"'),
    )


def test_of_tests_that_passed_the_first_of_each_tool_is_kept(farm: Farm) -> None:
    farm.start_worker(slots=1)

    farm.publish(plan_of([tool_test(0), tool_test(1), tool_test(2, "add", {"a": 1, "b": 2}), tool_test(3)]))

    records = farm.wait_for_records(4)
    assert sum(bool(record.evidence) for record in records) == 2
    assert records[2].evidence


def test_a_call_without_an_answer_is_shown_as_such(farm: Farm) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(0, "die")]))

    (record,) = farm.wait_for_records(1)
    evidence = evidence_from(DirectoryBlobs(farm.directory / "blobs").get)(record.evidence)
    assert evidence is not None
    assert [(one.name, one.response, one.took_s) for one in evidence.exchanges] == [("die", None, None)] * 2
    assert "about to die" in evidence.stderr


def test_where_no_evidence_may_be_kept_the_record_says_so(farm: Farm) -> None:
    farm.start_worker(MCPF_EVIDENCE_MB="0")

    farm.publish(plan_of([tool_test(0, "fail")]))

    (record,) = farm.wait_for_records(1)
    assert record.evidence == ""
    assert record.notes == ("no evidence of it was kept: this worker keeps at most 0 MiB of one run",)
