"""The file as it is written: whole, the same every time, as large as it may be."""

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport
from scheduler.reports.html.assets import read_assets
from scheduler.reports.html.options import Detail, HtmlOptions
from scheduler.reports.html.page import html_chunks
from tests.unit.reports.html.nightly import evidence_of, nightly, numbered
from tests.unit.reports.runs import HOSTILE, case, every_outcome, run_of

WITH_EVIDENCE = HtmlOptions(evidence=evidence_of)
MIB = 1024 * 1024


def page_of(report: RunReport, options: HtmlOptions = WITH_EVIDENCE) -> str:
    return b"".join(html_chunks(report, options)).decode()


class Elements(HTMLParser):
    """The elements and attributes of a page, and the characters of its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[tuple[str, ...]] = set()
        self.texts: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts |= set(data)


def stored(page: str, name: str) -> Any:
    (packed,) = re.findall(f'<script type="text/plain" id="{name}">([A-Za-z0-9+/=]+)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_the_same_run_gives_the_same_bytes() -> None:
    assert page_of(nightly()) == page_of(nightly())


def test_the_policy_comes_first_and_names_the_script_and_the_style_by_their_hashes() -> None:
    page = page_of(nightly())
    policy = re.search(
        r'<head>\n<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="([^"]+)">', page
    )
    script, style = (
        page.rpartition("<script>")[2].partition("</script>")[0],
        page.partition("<style>")[2].partition("</style>")[0],
    )
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy is not None
    assert policy[1].replace("&#x27;", "'") == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_the_first_screen_says_verdict_counts_and_every_cause_with_what_was_expected_and_what_came() -> None:
    text = re.sub(r"<[^>]+>", "", page_of(nightly()).partition("<body>")[2].partition("<script")[0])
    for said in (
        "FAILED 7 of 300 tests, 3 causes (2 new)",
        "since run 8e9c02: 2 new causes · 1 fixed · catalog 2.3.1 → 2.4.0 · 4 tests added",
        "NEW 4 tests on orders range at items[*].price e.g. $.items[3].price expected 0 to 1000 got 1204.5",
        "NEW 2 tests on reports no answer in phase call expected an answer in time got no answer within 30s",
        "STILL 1 test on catalog since run 8e01d4 (2026-11-18) equals at content[0].text",
        "expected &quot;Found 3 items&quot; got &quot;Found 3 item(s)&quot;",
        "FIXED 3 tests on search: server died",
    ):
        assert said in text


def test_counters_add_up_to_all_tests() -> None:
    for report in (nightly(), numbered(every_outcome())):
        counters = page_of(report).partition('class="counts"')[2].partition("</nav>")[0]
        assert sum(int(count) for count in re.findall(r"<strong>([\d,]+)</strong>", counters)) == len(report.tests)


def test_a_run_without_stored_causes_is_told_by_server_and_reason() -> None:
    text = re.sub(r"<[^>]+>", "", page_of(numbered(every_outcome())))
    assert "3 tests on billing the server did not start expected a server that starts got" in text
    assert "Incomplete: 3 tests without a result." in text


@pytest.mark.parametrize("bad", [HOSTILE, "</script><img src=x onerror=alert(1)>", "<!--<script>", '"><svg onload=1>'])
def test_no_text_of_others_becomes_an_element(bad: str) -> None:
    test = case(f"a/{bad}", TestOutcome.FAILED, suite=bad, target=bad, file=bad, reason=bad, tags=(bad,), tool=bad)
    found = Elements(page_of(run_of(test, name=bad, warnings=(bad,))))
    plain = Elements(page_of(run_of(case("a/b", TestOutcome.FAILED, tags=("c",), tool="d"), name="n", warnings=("w",))))
    assert found.seen == plain.seen
    assert not found.texts & {"\u202e", "\x1b"}


def test_details_of_what_did_not_pass_are_there_and_of_one_of_each_tool_that_did() -> None:
    page = page_of(nightly())
    rows = stored(page, "index")["rows"]
    held = [place for place, block in enumerate(rows["block"]) if block >= 0]
    assert held[:9] == list(range(9))
    assert len(held) < 9 + 65
    first = stored(page, f"block-{rows['block'][0]}")[rows["place"][0]]
    assert [check["state"] for check in first["attempts"][0]["checks"]] == ["failed", "failed", "held"]
    assert [exchange["name"] for exchange in first["attempts"][0]["exchanges"]] == ["login", "list"]


def test_without_evidence_the_record_says_what_it_has() -> None:
    page = page_of(nightly(), HtmlOptions())
    rows = stored(page, "index")["rows"]
    (attempt,) = stored(page, f"block-{rows['block'][0]}")[rows["place"][0]]["attempts"]
    assert [check["state"] for check in attempt["checks"]] == ["failed", "failed"]
    assert [exchange["has_request"] for exchange in attempt["exchanges"]] == [False]


@pytest.mark.parametrize(("detail", "count"), [(Detail.ALL, 300), (Detail.ROWS, 0)])
def test_how_many_tests_are_held_in_full_can_be_chosen(detail: Detail, count: int) -> None:
    rows = stored(page_of(nightly(), HtmlOptions(evidence_of, detail=detail)), "index")["rows"]
    assert sum(block >= 0 for block in rows["block"]) == count


def test_a_file_that_would_be_too_large_leaves_out_details_and_says_so() -> None:
    bulky = HtmlOptions(evidence_of, detail=Detail.ALL)
    whole = page_of(nightly(3_000), bulky)
    smaller = page_of(nightly(3_000), HtmlOptions(evidence_of, detail=Detail.ALL, max_bytes=len(whole) - 20_000))
    rows_only = page_of(nightly(3_000), HtmlOptions(evidence_of, detail=Detail.ALL, max_bytes=1))
    assert len(smaller) < len(whole) - 20_000
    assert "To keep this file small, only the first 20 tests of each cause are here in full" in smaller
    assert "report 8f2c1a --format html --report-max-size MIB" in smaller
    assert "no test is here in full, only its row" in rows_only
    assert 'id="block-0"' not in rows_only


def test_a_run_of_ten_thousand_tests_takes_five_mebibytes_at_most() -> None:
    assert sum(len(chunk) for chunk in html_chunks(nightly(10_000), WITH_EVIDENCE)) <= 5 * MIB


def test_script_and_style_are_small_and_the_first_screen_is_too() -> None:
    assets = read_assets()
    assert len((assets.script + assets.style).encode()) <= 60 * 1024
    assert len(page_of(nightly()).partition('<script type="text/plain"')[0]) - len(assets.style) < 150 * 1024
