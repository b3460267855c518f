"""The page for everybody: no barriers that axe finds, nothing to scroll sideways, themes."""

from pathlib import Path

import pytest

from tests.conftest import require
from tests.integration.reports.conftest import Show, Shown
from tests.unit.reports.html.nightly import nightly

pytestmark = pytest.mark.xdist_group("browser")

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / ".servers" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
VIEWS = ("", "tab=servers", "tab=flaky", "tab=slow", "tab=timing", "tab=about", "q=s:failed&t=f882540d1df9")


def barriers(shown: Shown) -> list[str]:
    """What axe finds, as `rule: element`."""
    found = shown.page.evaluate(
        "rules => axe.run(document, {runOnly: rules}).then(({violations}) => violations)", RULES
    )
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(show: Show, width: int, scheme: str) -> None:
    require(AXE)
    shown = show(nightly(), width=width, color_scheme=scheme, bypass_csp=True)
    shown.page.add_script_tag(path=str(AXE))
    for view in VIEWS:
        shown.page.evaluate("view => { location.hash = view; }", view)
        if "t=" in view:
            shown.page.wait_for_selector("#detail .checks")
        assert barriers(shown) == []


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_is_to_be_scrolled_sideways(show: Show, width: int) -> None:
    shown = show(nightly(), width=width)
    shown.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for view in VIEWS:
        shown.page.evaluate("view => { location.hash = view; }", view)
        if "t=" in view:
            shown.page.wait_for_selector("#detail .checks")
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_touched_is_large_enough_on_a_phone(show: Show) -> None:
    shown = show(nightly(), width=390)
    boxes = [one.bounding_box() for one in shown.page.locator("main button:visible, .chip, #list .row").all()]
    assert min(box["height"] for box in boxes if box) >= 44


def test_the_theme_can_be_switched_and_is_kept(show: Show) -> None:
    shown = show(nightly(), color_scheme="light")
    shown.page.keyboard.press("t")
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"
    shown.page.reload()
    shown.page.wait_for_selector("html[data-ready]")
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"


def test_the_keys_are_told_on_request(show: Show) -> None:
    shown = show(nightly())
    shown.page.keyboard.press("?")
    assert "next, previous test that did not pass" in shown.page.locator("dialog").inner_text()
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("dialog").is_hidden()
