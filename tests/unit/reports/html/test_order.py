"""The order of tests, their causes and their links."""

from harness.models.causes import CauseState, RunCause
from harness.models.outcomes import TestOutcome
from scheduler.reports.causes import find_causes
from scheduler.reports.html.order import in_order
from tests.unit.reports.html.nightly import nightly, numbered
from tests.unit.reports.runs import case, every_outcome, run_of


def test_bad_tests_come_first_by_cause_then_flaky_then_what_did_not_run_then_the_rest() -> None:
    shown = in_order(numbered(every_outcome())).tests
    assert [str(test.outcome) for test in shown] == [
        *("error", "error", "error", "failed", "failed", "failed", "error", "timeout"),
        *("flaky", "skipped", "skipped", "cancelled", "not_run", "None", "passed"),
    ]


def test_a_link_is_the_beginning_of_the_hash_of_the_address_and_so_outlives_the_run() -> None:
    ordered = in_order(nightly())
    assert ordered.addresses[0] == "orders/orders/list/list-large"
    assert ordered.links[0] == "f882540d1df9"
    assert in_order(nightly(20)).links[0] == ordered.links[0]
    assert len(set(ordered.links.values())) == 300


def test_causes_with_one_signature_on_two_servers_are_told_apart_by_the_server() -> None:
    tests = [case(f"a/{n}", TestOutcome.FAILED, number=n, target=f"my server {n}") for n in range(2)]
    causes = tuple(
        RunCause(
            cause_id="c3f9a01bc",
            key="3f9a01bc00000000",
            targets=(test.target,),
            title="x",
            example=n,
            tests=(n,),
            state=CauseState.NEW,
        )
        for n, test in enumerate(tests)
    )
    ordered = in_order(run_of(*tests).model_copy(update={"causes": causes}))
    assert [ordered.filter_of(place) for place in range(2)] == [
        'c:c3f9a01bc t:"my server 0"',
        'c:c3f9a01bc t:"my server 1"',
    ]


def test_causes_without_an_id_are_called_by_their_place() -> None:
    report = every_outcome()
    nameless = tuple(cause.model_copy(update={"cause_id": ""}) for cause in find_causes(report.tests))
    ordered = in_order(report.model_copy(update={"causes": nameless}))
    assert [ordered.filter_of(place) for place in range(len(ordered.causes))] == ["c:1", "c:2", "c:3", "c:4", "c:5"]
