"""The HTML report: one file that opens from disk, asks for nothing, and tells the outcome without its script. Pure.

Written as a stream: head, first screen, index, detail blocks, script. The same report gives the same bytes.
"""

from collections.abc import Iterator
from urllib.parse import quote

from harness.models.run import RunReport
from scheduler.reports.html.assets import Assets, read_assets
from scheduler.reports.html.cause_section import cause_section
from scheduler.reports.html.codes import VERDICT_COLOURS
from scheduler.reports.html.columns import Index
from scheduler.reports.html.first_screen import counts, notices, page_head, page_title
from scheduler.reports.html.index import make_index, placed
from scheduler.reports.html.ladder import keep_details
from scheduler.reports.html.markup import Markup, h, joined, void
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.html.order import in_order
from scheduler.reports.html.packing import pack
from scheduler.reports.html.sections import sections
from scheduler.reports.verdict import verdict

BETWEEN_BYTES = 16 * 1024
"""Room for tags and notices between the parts; the blocks' places in the index take a byte a test at most."""


def html_chunks(report: RunReport, options: HtmlOptions = HtmlOptions()) -> Iterator[bytes]:  # noqa: B008  # frozen
    """The file, piece by piece."""
    assets, ordered = read_assets(), in_order(report)
    head = _head(report, assets) + page_head(report, ordered)
    body = joined(counts(report), cause_section(report, ordered), _TESTS, *sections(report, ordered))
    taken = sum(len(part.encode()) for part in (head, body, assets.script, assets.style))
    index = make_index(report, ordered)
    taken += len(_packed(index)) + BETWEEN_BYTES + len(ordered.tests)
    kept = keep_details(ordered, options, options.max_bytes - taken)
    yield head.encode()
    yield h("main", notices(report, kept.lost), body).encode()
    yield _stored("index", _packed(placed(index, kept.packed.places)))
    for place, block in enumerate(kept.packed.blocks):
        yield _stored(f"block-{place}", block)
    yield f"\n<script>{assets.script}</script>\n</body>\n</html>\n".encode()


_TESTS = h(
    "section",
    h("h2", "Tests", id="tests-title"),
    h("noscript", h("p", "The list of all tests, and the detail of each, need JavaScript.")),
    id="tests",
    aria_labelledby="tests-title",
)


def _head(report: RunReport, assets: Assets) -> Markup:
    """Up to the body: the policy comes first, before anything that it could stop."""
    inside = joined(
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=assets.policy),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="referrer", content="no-referrer"),
        h("title", page_title(report)),
        void("link", rel="icon", href=_icon(VERDICT_COLOURS[verdict(report)])),
        Markup(f"<style>{assets.style}</style>"),
    )
    return Markup(f'<!doctype html>\n<html lang="en">\n<head>\n{inside}\n</head>\n<body>\n')


def _icon(colour: str) -> str:
    dot = f'<circle cx="4" cy="4" r="4" fill="#{colour}"/>'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{dot}</svg>'
    return f"data:image/svg+xml,{quote(drawn)}"


def _packed(index: Index) -> bytes:
    return pack(index.model_dump_json().encode())


def _stored(name: str, packed: bytes) -> bytes:
    return b'\n<script type="text/plain" id="%s">%s</script>' % (name.encode(), packed)
