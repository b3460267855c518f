"""The layout that the parts of a summary share. Pure."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from harness.safe_text import MARK

LABEL = 13  # columns of the words at the left
NARROW = 40  # columns that a text has at least, however narrow the terminal is


def labelled(label: str, text: str) -> str:
    """`flaky        …`."""
    return f"{label:{LABEL}}{text}"


def section(label: str, entries: Iterable[str], limit: int, width: int) -> Iterator[str]:
    """The label once, then the first `limit` entries below each other, and how many more there are."""
    shown = list(entries)
    if len(shown) > limit:
        shown[limit:] = [f"and {len(shown) - limit:,} more"]
    lines = [line for entry in shown for line in wrapped(entry, width - LABEL)]
    for place, line in enumerate(lines):
        yield labelled("" if place else label, line)


def wrapped(text: str, columns: int) -> list[str]:
    """`text`, which is safe to print, in lines of `columns` where its words allow it; no word is broken."""
    if len(text) <= columns:
        return [text]
    return wrap(text, max(columns, NARROW), break_long_words=False, break_on_hyphens=False, subsequent_indent="  ")


def middle_cut(address: str, columns: int) -> str:
    """An address of at most `columns`, cut in its middle: the beginning, and the name of the test, stay."""
    if len(address) <= columns or columns < len(MARK) + 2:
        return address[: max(columns, 0)]
    tail = min(len(address.rsplit("/", 1)[-1]) + 1, columns - len(MARK) - 1)
    return address[: columns - len(MARK) - tail] + MARK + address[len(address) - tail :]
