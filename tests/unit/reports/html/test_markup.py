"""Everything that becomes HTML is escaped, and control characters are seen."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.reports.html.markup import h, joined, search_link
from tests.unit.reports.runs import HOSTILE


def test_texts_and_attributes_are_escaped_and_elements_are_kept() -> None:
    made = h("p", "a < b & \"c\" 'd'", h("b", "</p>"), class_='x"><script>', hidden=True, title=None)
    assert made == (
        '<p class="x&quot;&gt;&lt;script&gt;" hidden>a &lt; b &amp; &quot;c&quot; &#x27;d&#x27;<b>&lt;/p&gt;</b></p>'
    )


def test_control_and_bidirectional_characters_are_visible() -> None:
    assert h("p", HOSTILE) == ("<p>\\x1b[2J&lt;/failure&gt;\n::error::\\u202e\\x00\\ud800\\ufffe]]&gt;&amp;</p>")


@given(st.text())
def test_no_text_opens_an_element(text: str) -> None:
    assert h("p", text).removeprefix("<p>").removesuffix("</p>").count("<") == 0
    assert joined(text, None).count('"') == 0


def test_a_search_becomes_one_part_of_an_address() -> None:
    assert search_link('s:failed t:"a & b" #x') == "#q=s:failed%20t:%22a%20%26%20b%22%20%23x"
