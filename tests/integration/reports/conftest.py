"""The HTML report in a real browser. A missing browser skips on a laptop and fails in CI."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from harness.models.run import RunReport
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.page import html_chunks
from tests.conftest import require
from tests.unit.reports.html.nightly import evidence_of

CHROMIUM = Path("/usr/bin/chromium")


@dataclass
class Shown:
    """A page, and all that it said and asked for."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return self.page.locator(selector).count()

    def found(self) -> str:
        """What stands above the list: how many tests it shows."""
        return self.page.locator("#status").inner_text()


Show = Callable[..., Shown]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the tests of a file: while it is open, nothing else in this thread can run an event loop."""
    require(CHROMIUM)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Opens the report of a run from disk; `at` is what follows the `#`, the rest is how the browser is."""
    contexts: list[BrowserContext] = []

    def open_report(report: RunReport, at: str = "", width: int = 1280, **how: Any) -> Shown:
        file = write_page(report, tmp_path / "report.html")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **how))
        return open_url(contexts[-1], file.as_uri() + (f"#{at}" if at else ""), how.get("java_script_enabled", True))

    yield open_report
    for context in contexts:
        context.close()


def write_page(report: RunReport, file: Path) -> Path:
    """The report as a file, with the evidence of the sample run."""
    file.write_bytes(b"".join(html_chunks(report, HtmlOptions(evidence=evidence_of))))
    return file


def open_url(context: BrowserContext, url: str, has_script: bool) -> Shown:
    """The page at `url`, ready."""
    shown = Shown(context.new_page(), url)
    shown.page.on("console", lambda message: shown.said.append(message.text))
    shown.page.on("pageerror", lambda error: shown.said.append(str(error)))
    shown.page.on("dialog", lambda dialog: shown.said.append(f"dialog: {dialog.message}"))
    shown.page.on("request", lambda request: shown.requests.append(request.url))
    shown.page.goto(url)
    if has_script:
        shown.page.wait_for_selector("html[data-ready]")
    return shown
