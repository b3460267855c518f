"""The HTML report of a farm: with the evidence that its workers left, from the API and through the command."""

import gzip
import hashlib
from pathlib import Path

from harness.models.evidence import Evidence, Exchange
from harness.models.outcomes import AttemptOutcome
from harness.models.run import RunReport, RunView
from harness.suites.bundle import PackedBundle
from scheduler.console.cli.html_sources import html_sources
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.control.aggregate import aggregate
from scheduler.control.dispatch import dispatch
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.page import html_chunks
from tests.integration.api.conftest import Api
from tests.integration.control.fake_worker import FakeWorker
from tests.unit.reports.html.test_page import stored

EXCHANGE = Exchange(method="tools/call", name="echo", request={"said": "by evidence"}, took_s=0.1)
BLOB = gzip.compress(Evidence(exchanges=(EXCHANGE,)).model_dump_json().encode(), mtime=0)
DIGEST = hashlib.sha256(BLOB).hexdigest()


def failed_run(api: Api, bundle: PackedBundle) -> RunView:
    """Its tests failed, and left evidence."""
    run = api.start(bundle)
    worker = FakeWorker(api.farm)
    worker.announce()
    dispatch(api.farm)
    while lease := worker.take_next():
        worker.record(lease, AttemptOutcome.FAILED, evidence=DIGEST)
    aggregate(api.farm, run.run_id)
    return run


def first_exchanges(page: bytes) -> list[object]:
    """What the page shows as requests of its first test."""
    return [exchange["request"] for exchange in stored(page.decode(), "block-0")[0]["attempts"][0].get("exchanges", [])]


def test_the_report_of_the_api_holds_the_evidence_that_is_there(api: Api, bundle: PackedBundle) -> None:
    run = failed_run(api, bundle)

    without = api.http.get(f"/v1/runs/{run.run_id}/report", params={"format": "html"})
    api.farm.blobs.put(BLOB, DIGEST)
    with_it = api.http.get(f"/v1/runs/{run.run_id}/report", params={"format": "html"})
    assert with_it.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (first_exchanges(without.content), first_exchanges(with_it.content)) == ([], [{"said": "by evidence"}])


def test_the_command_finds_evidence_and_the_past_here_and_on_a_farm(api: Api, bundle: PackedBundle) -> None:
    failed_run(api, bundle)
    run = failed_run(api, bundle)
    api.http.put(f"/v1/blobs/{DIGEST}", content=BLOB).raise_for_status()
    report = RunReport.model_validate_json(api.http.get(f"/v1/runs/{run.run_id}/report").content)
    state_dir = api.farm.settings.state_dir

    for settings in (
        ConsoleSettings(state_dir=state_dir),
        ConsoleSettings(state_dir=Path("nowhere"), farm=api.url, key=api.key),
    ):
        with html_sources(HtmlOptions(), report, settings) as options:
            page = b"".join(html_chunks(report, options))
        assert first_exchanges(page) == [{"said": "by evidence"}]
        assert [past["outcome"] for past in stored(page.decode(), "block-0")[0]["history"]] == ["failed", "failed"]
