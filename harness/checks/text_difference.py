"""A readable difference of two texts: carets under what differs of one line, a unified diff of several. Bounded.

Only what follows the first difference is compared, up to `WINDOW` lines: nobody reads more, and matching lines costs
their square at worst.
"""

from collections.abc import Iterator

from harness.checks.matching import Opcode, common_start, opcodes
from harness.safe_text import one_line, safe_text

ONE_LINE = 60  # two texts of at most this length stand beside each other without help
CONTEXT = 20  # characters kept of what both texts begin and end with
MIDDLE = 60  # characters shown of what differs in one line
LINES_AROUND = 2
MAX_LINES = 20
LINE = 120
MAX_CHARACTERS = 1024 * 1024
WINDOW = 400
BLANKS = str.maketrans({" ": "·", "\t": "→", "\r": "␍"})


def text_difference(expected: str, actual: str) -> str:
    """Empty for two short lines, and for equal texts."""
    if expected == actual or ("\n" not in expected + actual and max(len(expected), len(actual)) <= ONE_LINE):
        return ""
    if max(len(expected), len(actual)) > MAX_CHARACTERS:
        return _too_large(expected, actual)
    if "\n" in expected or "\n" in actual:
        return _of_lines(expected.split("\n"), actual.split("\n"))
    return _of_one_line(expected, actual)


def _too_large(expected: str, actual: str) -> str:
    at = common_start(expected, actual)
    around = [one_line(text[max(0, at - CONTEXT) : at + CONTEXT], LINE) for text in (expected, actual)]
    return (
        f"{len(expected):,} characters .. {len(actual):,} characters, different from character {at + 1:,} on\n"
        f"- {around[0]}\n+ {around[1]}"
    )


def _of_one_line(expected: str, actual: str) -> str:
    head = common_start(expected, actual)
    left, right = expected[head:], actual[head:]
    tail = common_start(left[::-1], right[::-1])
    before = _cut_head(expected[:head])
    after = _cut_tail(expected[len(expected) - tail :] if tail else "")
    middles = [_middle(text[: len(text) - tail]) for text in (left, right)]
    carets = " " * (2 + len(before)) + "^" * max(1, *map(len, middles))
    return f"- {before}{middles[0]}{after}\n+ {before}{middles[1]}{after}\n{carets}"


def _cut_head(text: str) -> str:
    return one_line(text, CONTEXT) if len(text) <= CONTEXT else "..." + one_line(text[-CONTEXT:], 6 * CONTEXT)


def _cut_tail(text: str) -> str:
    return one_line(text, 6 * CONTEXT) if len(text) <= CONTEXT else one_line(text[:CONTEXT], 6 * CONTEXT) + "..."


def _middle(text: str) -> str:
    shown = one_line(text, MIDDLE)
    return shown.translate(BLANKS) if not text.strip() else shown


def _of_lines(expected: list[str], actual: list[str]) -> str:
    head = max(0, common_start(expected, actual) - LINES_AROUND)
    left, right = expected[head : head + WINDOW], actual[head : head + WINDOW]
    lines = [line for group in _groups(left, right) for line in _written(group, left, right, head)]
    rest = max(len(expected), len(actual)) - head - WINDOW
    more = max(0, len(lines) - MAX_LINES)
    shown = lines[:MAX_LINES]
    if more or rest > 0:
        shown.append(f"and {more} more lines" + (f", and {rest} that were not compared" if rest > 0 else ""))
    return "\n".join(shown)


def _groups(left: list[str], right: list[str]) -> Iterator[list[Opcode]]:
    """What differs, each with up to two equal lines before and after it; what is close stays together."""
    group: list[Opcode] = []
    codes = opcodes(left, right)
    for number, (what, a_from, a_to, b_from, b_to) in enumerate(codes):
        before = 0 if number == 0 else LINES_AROUND
        after = 0 if number == len(codes) - 1 else LINES_AROUND
        if what != "equal" or (before and after and a_to - a_from <= before + after):
            group.append((what, a_from, a_to, b_from, b_to))
            continue
        kept = min(before, a_to - a_from)
        group.append((what, a_from, a_from + kept, b_from, b_from + kept))
        if number:
            yield group
        kept = min(after, a_to - a_from)
        group = [(what, a_to - kept, a_to, b_to - kept, b_to)]
    if any(code[0] != "equal" for code in group):
        yield group


def _written(group: list[Opcode], left: list[str], right: list[str], head: int) -> list[str]:
    first, last = group[0], group[-1]
    lines = [
        f"@@ -{head + first[1] + 1},{last[2] - first[1]} +{head + first[3] + 1},{last[4] - first[3]} @@",
    ]
    for what, a_from, a_to, b_from, b_to in group:
        old, new = left[a_from:a_to], right[b_from:b_to]
        if what == "equal":
            lines += [f"  {safe_text(line, LINE)}" for line in old]
            continue
        mark_blanks = _without_blanks(old) == _without_blanks(new)
        lines += [f"- {_line(line, mark_blanks)}" for line in old]
        lines += [f"+ {_line(line, mark_blanks)}" for line in new]
    return lines


def _line(text: str, mark_blanks: bool) -> str:
    return one_line(text[: LINE + 1].translate(BLANKS) if mark_blanks else text, LINE)


def _without_blanks(lines: list[str]) -> str:
    return "".join("".join(lines).split())
