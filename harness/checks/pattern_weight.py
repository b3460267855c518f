"""What compiling a pattern may cost, from its text alone: RE2 is linear in its text, but compiling is not free.

A refused `\\pL{40}` takes 14 ms, and a file can hold 20,000 of them.
"""

import math
import re

_CLASS_WEIGHT = 300  # a Unicode class compiles to hundreds of instructions
_MAX_WEIGHT_OF_ONE = 150_000  # a pattern that is too large is refused after about 0.1 s
_MAX_REPETITION = 1_000  # RE2 refuses more, nested ones multiplied
_CLASS = re.compile(r"\\[pP]")
_REPETITION = re.compile(r"\{(\d{1,4})(?:,(\d{0,4}))?\}")


def weight_of(pattern: str) -> int:
    """An upper estimate of what compiling a pattern costs, from its text alone."""
    counts = (max(1, int(most or least)) for least, most in _REPETITION.findall(pattern))
    repeated = min(_MAX_REPETITION, math.prod(counts))
    classes = len(_CLASS.findall(pattern))
    return min(len(pattern) + repeated * (1 + _CLASS_WEIGHT * classes), _MAX_WEIGHT_OF_ONE)
