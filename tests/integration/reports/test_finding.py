"""Search, keys, links, one test: how somebody gets from the verdict to the answer of a server."""

import re

import pytest

from tests.integration.reports.conftest import Show, Shown
from tests.unit.reports.html.nightly import nightly

pytestmark = pytest.mark.xdist_group("browser")

LARGE = "f882540d1df9"  # of orders/orders/list/list-large


def focused(shown: Shown) -> str:
    """The id of what has the focus."""
    return str(shown.page.evaluate("document.activeElement.id"))


SEARCHES = {
    "s:failed": 5,
    "s:failed s:timeout": 7,
    "is:bad": 7,
    "is:new": 6,
    "is:flaky": 2,
    "is:slow": 3,
    "is:retried": 4,
    "t:orders s:failed": 4,
    "is:bad -t:orders": 3,
    "c:3f9a01bc": 4,
    "c:c1170aa39": 1,
    "item:export is:bad": 2,
    "suite:catalog is:bad": 1,
    ">40s": 1,
    ">29s": 3,
    "is:bad <100ms": 1,
    "list-page": 2,
    '"no answer" within': 2,
    "FULL-DUMP[FORMAT=CSV]": 1,
    "w:w01 tag:smoke is:bad": 1,
    "s:nonsense": 0,
    "nonsense:x": 0,
    "": 300,
}
"""What is searched for → how many of the 300 tests are found."""


def test_searches_find_as_many_tests_as_there_are_and_show_the_first(show: Show) -> None:
    shown = show(nightly())
    found = {}
    for search in SEARCHES:
        shown.page.locator("#search").fill(search)
        found[search] = int(shown.found().split()[0])
        assert min(found[search], 5) <= shown.count("#list .row") <= found[search]
    assert found == SEARCHES


def test_keys_lead_from_the_search_to_a_test_and_back_again(show: Show) -> None:
    shown = show(nightly())
    keys = shown.page.keyboard
    keys.press("/")
    keys.type("s:failed")
    assert (focused(shown), shown.found()) == ("search", "5 of 300 tests")
    keys.press("Escape")
    assert focused(shown) == "list"
    keys.press("j")
    keys.press("j")
    assert shown.page.locator("#list").get_attribute("aria-activedescendant") == "row-1"
    keys.press("Enter")
    shown.page.wait_for_selector("#detail .checks")
    assert focused(shown) == "detail-title"
    assert shown.page.locator("#detail-title").inner_text() == "orders/orders/list/list-page-2"
    shown.page.go_back()
    assert shown.page.locator("#detail").is_hidden()
    assert (focused(shown), shown.found()) == ("list", "5 of 300 tests")


def test_escape_closes_a_test_and_n_goes_to_the_next_that_did_not_pass(show: Show) -> None:
    shown = show(nightly(), at=f"t={LARGE}")
    shown.page.wait_for_selector("#detail .checks")
    shown.page.keyboard.press("n")
    shown.page.wait_for_selector("text=orders/orders/list/list-page-2 >> visible=true")
    shown.page.keyboard.press("p")
    assert shown.page.locator("#detail-title").inner_text() == "orders/orders/list/list-large"
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("#detail").is_hidden()
    assert "t=" not in shown.page.url


def test_the_address_of_a_view_shows_the_same_view_elsewhere(show: Show) -> None:
    first = show(nightly())
    first.page.locator("#search").fill("t:reports -s:passed")
    first.page.locator("#sort").select_option("time")
    first.page.locator("#list .row").first.click()
    first.page.wait_for_selector("#detail .strip")
    first.page.locator("#detail .strip button").first.click()
    there = show(nightly(), at=first.page.url.partition("#")[2])
    there.page.wait_for_selector("#detail .strip")
    assert there.found() == first.found() == "2 of 300 tests"
    assert there.page.locator("#detail h3").first.inner_text() == "Attempt 1 of 3"
    assert there.page.locator("#detail").inner_text() == first.page.locator("#detail").inner_text()


def test_an_unknown_test_is_named(show: Show) -> None:
    shown = show(nightly(), at="t=000000000000")
    assert "This file has no test 000000000000." in shown.page.locator("#detail").inner_text()


@pytest.mark.parametrize(
    "at", ["t=%E0%A4%A", "q=%", "&&==&q", "sort=constructor&tab=__proto__", "a=-5&t=" + LARGE, 'q="-:']
)
def test_any_address_is_borne(show: Show, at: str) -> None:
    shown = show(nightly(), at=at)
    assert shown.said == []
    assert re.fullmatch(r"(\d+ of )?300 tests", shown.found())


def test_a_copied_link_names_the_test_alone(show: Show) -> None:
    shown = show(nightly(), permissions=["clipboard-read", "clipboard-write"])
    shown.page.locator("#search").fill("s:failed")
    shown.page.locator("#list .row").first.click()
    shown.page.wait_for_selector("#detail .checks")
    shown.page.keyboard.press("c")
    shown.page.wait_for_selector("text=copied")
    copied = shown.page.evaluate("navigator.clipboard.readText()")
    assert copied.partition("#")[2] == f"t={LARGE}"
    shown.page.get_by_role("button", name="copy rerun command").click()
    shown.page.wait_for_function("navigator.clipboard.readText().then((text) => !text.includes('#t='))")
    assert shown.page.evaluate("navigator.clipboard.readText()") == (
        "mcp-test-harness run suites/orders.yaml --test default/orders/orders/list/list-large"
    )


def test_a_test_shows_its_checks_requests_answers_and_stderr(show: Show) -> None:
    shown = show(nightly(), at=f"t={LARGE}")
    shown.page.wait_for_selector("#detail .checks")
    text = " ".join(shown.page.locator("#detail").inner_text().split())
    for said in (
        "✗ FAILED 0.41s NEW range at items[*].price suites/orders.yaml:42",
        "Checks: 2 of 3 did not hold",
        "✗ failed $.items[3].price range 0 to 1000 1204.5",
        "1 check held",
        "setup 1: tools/call login",
        "request 61 B",
        "answer 1.3 MiB",
        "shown in part",
        "02:10:01 INFO list 50",
        "server used: memory 40.0 MiB, CPU 0.10s (sampled)",
        "orders-mcp 2.1.0",
    ):
        assert said in text


def test_the_path_of_a_check_leads_to_the_place_in_the_answer(show: Show) -> None:
    shown = show(nightly(), at=f"t={LARGE}")
    shown.page.get_by_role("button", name="$.items[3].price").click()
    line = shown.page.locator(":focus")
    assert line.inner_text() == '"price": 1204.5'
    assert shown.page.locator(".tree .hit").count() == 2


def test_raw_and_tree_tell_the_same(show: Show) -> None:
    shown = show(nightly(), at=f"t={LARGE}")
    shown.page.wait_for_selector("#detail .body")
    request = shown.page.locator("#detail .body").nth(2)
    request.get_by_role("button", name="raw").click()
    assert request.locator("pre").inner_text() == (
        '{\n  "name": "list",\n  "arguments": {\n    "limit": 50,\n    "cursor": null\n  }\n}'
    )


def test_a_test_of_which_only_the_row_is_kept_says_how_to_see_more(show: Show) -> None:
    shown = show(nightly())
    shown.page.locator("#search").fill("case-290")
    shown.page.locator("#list .row").first.click()
    shown.page.wait_for_selector("text=This file holds no more of this test than its row.")
    assert "mcp-test-harness attempts 8f2c1a " in shown.page.locator("#detail pre").inner_text()


def test_times_of_workers_and_tools_are_there_as_text(show: Show) -> None:
    shown = show(nightly(), at="tab=timing")
    text = shown.page.locator("#timing").inner_text()
    assert re.search(r"w01 \d+ attempts, busy \d+ % of 1m52s, longest \d", text)
    assert re.search(r"\d+ tests p50 .* p95 .* p99 ", text)
    assert 24 <= shown.count("#timing .timeline rect") <= 2_000


def test_a_search_shows_what_it_is_and_how_it_ends(show: Show) -> None:
    shown = show(nightly(), width=390)
    failed = shown.page.locator("a.chip.o-failed")
    failed.click()
    assert (shown.found(), failed.get_attribute("aria-current")) == ("5 of 300 tests", "true")
    assert shown.page.locator("#clear").inner_text() == "s:failed ✕"
    assert shown.page.locator("#list").bounding_box()["height"] == 5 * 44 + 2  # type: ignore[index]
    failed.click()
    assert (shown.found(), shown.page.locator("#clear").is_hidden()) == ("300 tests", True)

    shown.page.locator("#search").fill("zzzz")
    assert shown.page.locator("#hits").inner_text() == "0"
    assert shown.page.locator(".nothing").is_visible()
    shown.page.locator("#clear").click()
    assert (shown.found(), shown.page.locator(".nothing").is_visible()) == ("300 tests", False)
