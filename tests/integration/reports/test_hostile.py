"""Texts of servers are shown to the letter and do nothing."""

from typing import Any

import pytest

from harness.models.attempt import CheckFailure
from harness.models.outcomes import AttemptOutcome, CauseKind, TestOutcome
from harness.models.run import RunReport
from tests.integration.reports.conftest import Show
from tests.unit.reports.runs import case, cause, record, run_of

pytestmark = pytest.mark.xdist_group("browser")

CORPUS = {
    "</script><img src=x onerror=window.__x=1>": "",
    "<svg onload=window.__x=1>": "",
    "<!--<script>window.__x=1</script>": "",
    "javascript:window.__x=1": "",
    "\u202egnp.exe": "\\u202egnp.exe",
    "\x1b[31mred\x1b[0m": "\\x1b[31mred\\x1b[0m",
    "{{7*7}}${7*7}": "",
    "\"'><b>": "",
    "__proto__": "",
}
"""What is put in → what is to be seen; empty: the same."""


def hostile_run() -> RunReport:
    """One failure per text, which stands wherever a text of others can."""
    return run_of(
        *(_case(number, text) for number, text in enumerate(CORPUS)), name="<i>night</i>", warnings=tuple(CORPUS)
    )


def _case(number: int, text: str) -> Any:
    failed = record(
        AttemptOutcome.FAILED,
        worker=text,
        cause=cause(CauseKind.CHECK, text),
        failures=(CheckFailure(check=text, path=text, expected=text, actual=text, diff=f"- {text}\n+ {text}"),),
        answer={text: [text, {"constructor": text}]},
        stderr_tail=text,
        notes=(text,),
    )
    return case(
        f"tool/{text}",
        TestOutcome.FAILED,
        failed,
        number=number,
        suite=text,
        target=text,
        tool=text,
        file=text,
        tags=(text,),
        reason=text,
    )


def test_hostile_texts_are_shown_and_do_nothing(show: Show) -> None:
    shown = show(hostile_run(), at="sort=plan")
    for number, text in enumerate(CORPUS):
        shown.page.locator("#list .row").nth(number).click()
        shown.page.wait_for_selector("#detail .checks")
        seen = CORPUS[text] or text
        assert seen in shown.page.locator("#detail-title").inner_text()
        assert shown.page.locator("#detail .checks tbody tr").first.locator("code").all_inner_texts() == [seen, seen]
        assert shown.page.locator("#detail pre.text").inner_text() == seen
        assert seen.replace("\\", "\\\\").replace('"', '\\"') in shown.page.locator("#detail .tree").inner_text()
        shown.page.keyboard.press("Escape")
    for tab in shown.page.locator("[role=tab]").all():
        tab.click()
    assert shown.page.evaluate("window.__x") is None
    assert shown.said == []
    assert shown.count("img, iframe, object, embed, main script, #detail script, i, svg[onload]") == 0
    assert shown.count("a[href]:not([href^='#'])") == 0
