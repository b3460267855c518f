"""The HTML report of large runs: how long it takes to write, how large it is, how soon Chromium can use it."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from harness.models.evidence import Evidence, Exchange
from harness.models.outcomes import BAD
from harness.models.run import AttemptReport, RunReport, TestReport
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.page import html_chunks
from tests.unit.reports.html.nightly import nightly

CHROMIUM = "/usr/bin/chromium"
SIZES = (10_000, 100_000)
OPENINGS = 5
BAD_ONE_OF = 67  # about 1.5 %
READY = "html[data-ready]"
SEARCH = """text => {
    const search = document.getElementById("search");
    const began = performance.now();
    search.value = text;
    search.dispatchEvent(new Event("input"));
    return performance.now() - began;
}"""


def measure_html_report() -> dict[str, float]:
    """Both sizes; medians of some openings, each in a browser context of its own."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for tests in SIZES:
            figures |= _measure(browser, Path(folder) / "report.html", tests)
    return figures


def with_failures(report: RunReport, count: int) -> RunReport:
    """`count` more tests that are bad as the bad ones of `report` are, with ids of their own."""
    bad = [test for test in report.tests if test.outcome in BAD]
    more = [_copy(bad[place % len(bad)], len(report.tests) + place) for place in range(count)]
    causes = tuple(
        cause.model_copy(update={"tests": (*cause.tests, *(t.number for t in more if t.target in cause.targets))})
        for cause in report.causes
    )
    return report.model_copy(update={"tests": (*report.tests, *more), "causes": causes})


def _copy(test: TestReport, number: int) -> TestReport:
    records = [attempt.record.model_copy(update={"evidence": str(number)}) for attempt in test.attempts]
    return test.model_copy(
        update={
            "number": number,
            "test_id": f"{test.test_id}-{number}",
            "attempts": tuple(AttemptReport(record=record) for record in records),
        }
    )


def some_evidence(digest: str) -> Evidence:
    """About 3 KB that are different for every attempt, as answers of servers are."""
    words = random.Random(digest)
    answer = {"items": [{"id": words.getrandbits(64), "name": f"{words.getrandbits(96):x}"} for _ in range(40)]}
    exchange = Exchange(method="tools/call", name="list", request={"limit": 40}, response=answer, took_s=0.1)
    return Evidence(exchanges=(exchange,), stderr=f"INFO {words.getrandbits(512):x}\n")


def _measure(browser: Browser, file: Path, tests: int) -> dict[str, float]:
    report = with_failures(nightly(tests - tests // BAD_ONE_OF), tests // BAD_ONE_OF)
    began = time.monotonic()
    file.write_bytes(b"".join(html_chunks(report, HtmlOptions(evidence=some_evidence))))
    written_s = time.monotonic() - began
    opened = [_open(browser, file) for _ in range(OPENINGS)]
    return {
        f"html_write_s_{tests}": written_s,
        f"html_mib_{tests}": file.stat().st_size / 1024**2,
        f"html_usable_s_{tests}": statistics.median(ready_s for ready_s, _ in opened),
        f"html_search_ms_{tests}": statistics.median(search_ms for _, search_ms in opened),
    }


def _open(browser: Browser, file: Path) -> tuple[float, float]:
    """Seconds from the beginning of the navigation until the list can be searched, and what one search takes."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_selector(READY)
        ready_s = float(page.evaluate("performance.getEntriesByName('ready')[0].startTime")) / 1000
        return ready_s, _search_ms(page)


def _search_ms(page: Page) -> float:
    page.evaluate(SEARCH, "s:failed")  # the first one makes what all others use
    return float(page.evaluate(SEARCH, "orders case-1"))
