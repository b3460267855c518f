"""Which items of two sequences belong together, in bounded work: difflib, where it cannot become slow."""

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

MAX_WORK = 1_000_000
CHUNK = 4_096

Opcode = tuple[str, int, int, int, int]
"""As `difflib.SequenceMatcher.get_opcodes` has it."""


def opcodes(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Opcode]:
    """How to turn `left` into `right`; as one replacement where finding that out would cost too much."""
    times = Counter(right)
    pairs_of_equals = sum(times[item] for item in left)
    if pairs_of_equals * min(len(left), len(right)) > MAX_WORK:
        return [("replace", 0, len(left), 0, len(right))]
    return list(SequenceMatcher(None, left, right).get_opcodes())


def common_start(one: Sequence[object], other: Sequence[object]) -> int:
    """How many items both begin with."""
    shorter = min(len(one), len(other))
    for first in range(0, shorter, CHUNK):
        if one[first : first + CHUNK] != other[first : first + CHUNK]:
            end = min(first + CHUNK, shorter)
            return next((at for at in range(first, end) if one[at] != other[at]), end)
    return shorter
