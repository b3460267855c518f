"""What somebody sees who opens the report, with script and without."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.integration.reports.conftest import Show, open_url, write_page
from tests.unit.reports.html.nightly import nightly, numbered
from tests.unit.reports.runs import every_outcome

pytestmark = pytest.mark.xdist_group("browser")

CAUSES = (
    "NEW 4 tests on orders range at items[*].price e.g. $.items[3].price expected 0 to 1000 got 1204.5",
    "NEW 2 tests on reports no answer in phase call expected an answer in time got no answer within 30s",
    "STILL 1 test on catalog since run 8e01d4 (2026-11-18) equals at content[0].text"
    ' expected "Found 3 items" got "Found 3 item(s)"',
)
HEAD = "FAILED 7 of 300 tests, 3 causes (2 new)"


def test_the_page_says_nothing_on_the_console_and_asks_for_nothing_but_itself(show: Show) -> None:
    shown = show(nightly())
    for tab in shown.page.locator("[role=tab]").all():
        tab.click()
    shown.page.goto(f"{shown.url}#t=f882540d1df9")
    shown.page.wait_for_selector("#detail .checks")
    assert shown.said == []
    assert {url.partition("#")[0] for url in shown.requests if not url.startswith("data:")} == {shown.url}


def test_ten_thousand_tests_are_in_the_list_and_few_of_them_in_the_page(show: Show) -> None:
    shown = show(nightly(10_000))
    assert shown.found() == "10,000 tests"
    assert shown.count("#list *") < 600
    shown.page.locator("#list").press("End")
    assert shown.page.locator("#list [aria-selected=true]").get_attribute("aria-posinset") == "10000"
    assert shown.count("#list *") < 600


@pytest.mark.parametrize("width", [1280, 390])
def test_without_script_verdict_counts_and_causes_are_there_to_read(show: Show, width: int) -> None:
    shown = show(nightly(), width=width, java_script_enabled=False)
    text = " ".join(shown.page.locator("body").inner_text().split())
    for said in (HEAD, "5 failed", "291 passed", *CAUSES, "Servers (12)", "need JavaScript"):
        assert said in text


def test_counters_and_causes_show_as_many_tests_as_they_say(show: Show) -> None:
    for report in (nightly(), numbered(every_outcome())):
        shown = show(report)
        assert shown.found() == f"{len(report.tests)} tests"
        counters = shown.page.locator(".counts a").all()
        counts = [int(counter.locator("strong").inner_text()) for counter in counters]
        assert sum(counts) == len(report.tests)
        for counter, count in zip(counters, counts, strict=True):
            counter.click()
            assert shown.found() == f"{count} of {len(report.tests)} tests"
        for cause in shown.page.locator("details.cause").all():
            said = cause.locator(".count").inner_text().split()[0]
            cause.locator("summary").click()
            cause.locator("a").last.click()
            assert shown.found() == f"{said} of {len(report.tests)} tests"


@pytest.fixture
def strict_server(tmp_path: Path) -> Iterator[str]:
    """Serves a folder as a CI system does that trusts no report: no script, no style."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", "sandbox; default-src 'none'")
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    write_page(nightly(), tmp_path / "report.html")
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: Handler(*given, directory=str(tmp_path))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/report.html"
        server.shutdown()
        thread.join()


def test_where_a_ci_system_allows_nothing_verdict_and_causes_can_be_read(browser: Browser, strict_server: str) -> None:
    with browser.new_context() as context:
        shown = open_url(context, strict_server, has_script=False)
        text = " ".join(shown.page.locator("body").inner_text().split())
        assert shown.page.locator("html[data-ready]").count() == 0
        for said in (HEAD, *CAUSES):
            assert said in text


@pytest.mark.parametrize("has_script", [True, False])
def test_paper_has_every_cause_open_and_no_list(show: Show, has_script: bool) -> None:
    shown = show(nightly(), java_script_enabled=has_script)
    shown.page.emulate_media(media="print")
    if has_script:
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    text = " ".join(shown.page.locator("body").inner_text().split())
    for said in (
        *CAUSES,
        "c3f9a01bc",
        "c9d20e4f1",
        "c1170aa39",
        "orders/orders/list/list-large 0.41s suites/orders.yaml:42",
    ):
        assert said in text
    assert not shown.page.locator("#tests").is_visible()
    assert shown.page.pdf().startswith(b"%PDF-")


def test_a_script_with_one_other_letter_does_not_run(show: Show, browser: Browser, tmp_path: Path) -> None:
    file = write_page(nightly(), tmp_path / "changed.html")
    file.write_bytes(file.read_bytes().replace(b"const KEPT_BLOCKS = 20;", b"const KEPT_BLOCKS = 21;"))
    with browser.new_context() as context:
        shown = open_url(context, file.as_uri(), has_script=False)
        assert shown.page.locator("html[data-ready]").count() == 0
        assert [said for said in shown.said if "script-src" in said]
        assert HEAD in shown.page.locator("h1").inner_text()


def test_a_file_that_is_damaged_says_so_and_keeps_its_first_screen(browser: Browser, tmp_path: Path) -> None:
    file = write_page(nightly(), tmp_path / "damaged.html")
    file.write_bytes(file.read_bytes().replace(b'id="index">H4s', b'id="index">AAA'))
    with browser.new_context() as context:
        shown = open_url(context, file.as_uri(), has_script=False)
        shown.page.wait_for_selector("text=the file is damaged")
        assert HEAD in shown.page.locator("h1").inner_text()
