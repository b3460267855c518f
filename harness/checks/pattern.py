r"""Regular expressions in linear time: RE2, found anywhere in the text as `re.search` would.

Owns the choice of the library and its bounds. Differences from Python's `re` that an author can meet: no lookaround,
no backreferences; `\d`, `\w`, `\s`, `\b` know ASCII only (`\pL` is any letter); `$` is the very end of the text.
Measured worst case: 8 ns for each instruction of the compiled pattern and byte of the text, other threads running.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from harness.checks.budget import Budget

MAX_PATTERN_CHARACTERS = 2_000
MAX_PROGRAM = 10_000  # instructions
MAX_MEMORY_BYTES = 4 * 1024 * 1024  # of one pattern; the library keeps the last 128
REPLACED_PER_STEP = 4  # bytes that replace something: what comes out may be longer than what went in
WORK_PER_STEP = 256  # instructions x bytes, 2 µs at worst

# What RE2 says when it refuses (the start of its message), and what an author should hear.
REFUSALS = (
    ("invalid perl operator: (?=", "lookahead (?=…) is not supported"),
    ("invalid perl operator: (?!", "lookahead (?!…) is not supported"),
    ("invalid perl operator: (?<=", "lookbehind (?<=…) is not supported"),
    ("invalid perl operator: (?<!", "lookbehind (?<!…) is not supported"),
    ("invalid perl operator: (?>", "atomic group (?>…) is not supported"),
    ("invalid perl operator: (?(", "conditional (?(…)…) is not supported"),
    ("invalid perl operator: (?P", "backreference (?P=…) is not supported"),
    ("invalid perl operator: (?x", "flag (?x) is not supported"),
    ("invalid perl operator: (?#", "comment (?#…) is not supported"),
    ("invalid escape sequence: \\Z", r"\Z is not supported: write \z"),
    ("invalid escape sequence: \\u", r"\uXXXX is not supported: write \x{XXXX} or the character"),
    ("invalid escape sequence: \\N", r"\N{…} is not supported: write \x{XXXX} or the character"),
    ("invalid repetition size", "a repetition may count to 1000 at most, nested ones multiplied"),
    ("bad repetition operator", "possessive or doubled repetition is not supported"),
    ("no argument for repetition operator", "repetition without anything before it"),
    ("pattern too large", "pattern too large"),
)


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. Compare and hash by its text."""

    text: str
    _regexp: Any
    _program: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def is_found_in(self, subject: str, budget: Budget) -> bool:
        """True when the pattern matches anywhere in `subject`."""
        return self._regexp.search(self._paid_bytes(subject, budget)) is not None

    def matches_all_of(self, subject: str, budget: Budget) -> bool:
        """True when the pattern matches `subject` from its start to its end."""
        return self._regexp.fullmatch(self._paid_bytes(subject, budget)) is not None

    def replaced_in(self, subject: str, replacement: str, budget: Budget) -> str:
        """`subject` with everything that the pattern matches replaced by that very text."""
        encoded, written = self._paid_bytes(subject, budget), _encode(replacement)
        kept, at = [], 0
        for match in self._regexp.finditer(encoded):
            budget.spend(1 + len(written) // REPLACED_PER_STEP)
            kept += [encoded[at : match.start()], written]
            at = match.end()
        return b"".join((*kept, encoded[at:])).decode("utf-8", "replace")

    def _paid_bytes(self, subject: str, budget: Budget) -> bytes:
        budget.spend_text(len(subject))
        encoded = _encode(subject)
        budget.spend(1 + self._program * len(encoded) // WORK_PER_STEP)
        return encoded


@lru_cache(maxsize=128)
def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression; raises ValueError that names the construct when RE2 refuses it."""
    if len(text) > MAX_PATTERN_CHARACTERS:
        raise ValueError(f"pattern is longer than {MAX_PATTERN_CHARACTERS} characters")
    try:
        regexp = re2.compile(_encode(text), _options())
    except re2.error as error:
        raise ValueError(_refusal(error)) from error
    program = regexp.programsize
    if program > MAX_PROGRAM:
        raise ValueError("pattern too large")
    return Pattern(text, regexp, program)


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False  # RE2 would write to stderr
    options.max_mem = MAX_MEMORY_BYTES
    options.never_capture = True  # groups only group: without this a hostile text costs a thousand times more
    return options


def _refusal(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    message = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    for start, explanation in REFUSALS:
        if message.startswith(start):
            return explanation
    if message.startswith("invalid escape sequence: \\") and message[-1:].isdigit():
        return f"backreference {message[-2:]} is not supported"
    return message


def _encode(text: str) -> bytes:
    """UTF-8; a surrogate without its partner, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
