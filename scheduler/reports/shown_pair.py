"""One check that did not hold, as lines for people: expected and got, so that the eye finds the difference.

Short values stand on one line; long ones under each other, without what they have in common, and with carets; values
with a difference of their own (a diff) show that. Pure, bounded, safe to print.
"""

from collections.abc import Iterator

from harness.models.attempt import CheckFailure
from harness.safe_text import MARK, one_line
from scheduler.reports.found_type import surprising_type
from scheduler.reports.style import PLAIN, Style
from scheduler.reports.summary_words import NARROW

SHORT, CONTEXT = 60, 20
MAX_TITLE, MAX_TEXT, MAX_DIFF_LINES, MAX_DIFF_LINE = 500, 300, 20, 200
_DIFF_ROLES = {"-": "expected", "+": "got", "~": "event", "!": "event"}


def pair_lines(failure: CheckFailure, columns: int, style: Style = PLAIN) -> Iterator[str]:
    """The lines of `failure`, of `columns` where its texts allow it."""
    title, expected, actual = title_of(failure), _expected(failure), _actual(failure)
    line = f"{title}   expected {expected}   got {actual}"
    if failure.diff:
        yield title
        yield from (f"  {diff}" for diff in _diff_lines(failure.diff, style))
    elif len(line) <= max(columns, NARROW) and max(len(expected), len(actual)) <= SHORT and not _alike(failure):
        expected_shown, actual_shown = style.paint(expected, "expected"), style.paint(actual, "got")
        yield f"{title}   expected {expected_shown}   got {actual_shown}"
    else:
        yield title
        yield from _under_each_other(expected, actual, columns, style)


def title_of(failure: CheckFailure) -> str:
    """`step 2 (login): value at $.x`."""
    return one_line(f"{failure.step}: {failure.title}" if failure.step else failure.title, MAX_TITLE)


def sentence(failure: CheckFailure) -> str:
    """All of it on one line: for a line of progress, an annotation, a head."""
    found = f"{title_of(failure)}: expected {_expected(failure)}, got {_actual(failure)}"
    return one_line(found, MAX_TITLE + 2 * MAX_TEXT)


def _expected(failure: CheckFailure) -> str:
    return one_line(failure.expected, MAX_TEXT)


def _actual(failure: CheckFailure) -> str:
    """With its type, where that is another than was expected and the text does not say it."""
    actual = one_line(failure.actual, MAX_TEXT)
    kind = surprising_type(failure)
    return f"{actual} ({kind})" if kind and kind not in ("absent", "null") and kind not in actual else actual


def _alike(failure: CheckFailure) -> bool:
    """Two strings of which the eye would have to search the difference."""
    one, other = failure.expected, failure.actual
    if not (one.startswith('"') and other.startswith('"')):
        return False
    return 2 * sum(_common(one, other)) >= min(len(one), len(other)) and len(one) + len(other) > SHORT // 3


def _common(one: str, other: str) -> tuple[int, int]:
    """How many characters both have in common at their beginnings, and at their ends behind those."""
    most = min(len(one), len(other))
    head = next((place for place in range(most) if one[place] != other[place]), most)
    rest = most - head
    tail = next((back for back in range(rest) if one[-1 - back] != other[-1 - back]), rest)
    return head, tail


def _under_each_other(expected: str, actual: str, columns: int, style: Style) -> Iterator[str]:
    head, tail = _common(expected, actual)
    room = max(columns, NARROW) - len("+ got       ")
    if head + tail == 0 or max(len(expected), len(actual)) - head - tail > room:
        yield style.paint(f"  expected  {expected}", "expected")
        yield style.paint(f"  got       {actual}", "got")
        return
    cut = max(0, head - CONTEXT) if max(len(expected), len(actual)) > room else 0
    mark = MARK if cut else ""
    shown = [mark + _without_tail(text, tail, room)[cut:] for text in (expected, actual)]
    yield style.paint(f"- expected  {shown[0]}", "expected")
    yield style.paint(f"+ got       {shown[1]}", "got")
    differing = max(1, max(len(expected), len(actual)) - head - tail)
    yield " " * (len("+ got       ") + len(mark) + head - cut) + "^" * differing


def _without_tail(text: str, tail: int, room: int) -> str:
    """`text` without the end that both have, but for its first characters, where the whole has no room."""
    keep = tail - CONTEXT
    return text[: len(text) - keep] + MARK if keep > 0 and len(text) > room else text


def _diff_lines(diff: str, style: Style) -> Iterator[str]:
    lines = diff.splitlines()
    for line in lines[:MAX_DIFF_LINES]:
        shown = one_line(line, MAX_DIFF_LINE)
        yield style.paint(shown, _DIFF_ROLES.get(line[:1], "dim"))
    if len(lines) > MAX_DIFF_LINES:
        yield f"+{len(lines) - MAX_DIFF_LINES:,} more lines"
