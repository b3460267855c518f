"""Lists that come in pages: all of them as one result. Owns the page cap and the watch over cursors."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

MAX_PAGES = 100
NEXT = "nextCursor"


class EndlessList(Exception):
    """Raised when a list has no end that could be trusted; the text says why."""


Page = Mapping[str, Any]


async def all_pages(fetch: Callable[[str | None], Awaitable[Page | None]], member: str) -> Page | None:
    """The first page with the items of all others in its `member`. None when a page is None: it was no result.

    Raises EndlessList for a cursor that comes again or is no text, and after 100 pages.
    """
    cursors: set[str] = set()
    items: list[Any] = []
    first: Page = {}
    cursor: str | None = None
    for number in range(MAX_PAGES):
        page = await fetch(cursor)
        if page is None:
            return None
        first = page if number == 0 else first
        listed = page.get(member)
        if not isinstance(listed, list):
            return page
        items += listed
        cursor = page.get(NEXT)
        if not cursor:
            return {**{key: value for key, value in first.items() if key != NEXT}, member: items}
        if not isinstance(cursor, str) or cursor in cursors:
            raise EndlessList("it repeats a cursor, or gives one that is no text")
        cursors.add(cursor)
    raise EndlessList(f"it has more than {MAX_PAGES} pages")
