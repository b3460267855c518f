"""Flags beside a pattern, as letters: `i`, `m` and `s` go to RE2 as they are, `x` (free spacing) is read here.

RE2 has no `x`. In a free pattern blanks do not count and `#` begins a comment to the end of its line, but not in a
class and not behind a backslash, as in Perl and Python.
"""

from collections.abc import Iterator

FREE = "x"


def with_flags(pattern: str, flags: str) -> str:
    """The pattern that means the same without flags beside it."""
    written = "".join(_kept(pattern)) if FREE in flags else pattern
    inline = "".join(sorted(set(flags) - {FREE}))
    return f"(?{inline}){written}" if inline else written


def _kept(pattern: str) -> Iterator[str]:
    in_class, in_comment, class_began, at = False, False, -1, 0
    while at < len(pattern):
        character = pattern[at]
        if in_comment:
            in_comment = character != "\n"
            at += character == "\\"  # Python: an escaped line end does not end it
        elif character == "\\":
            yield pattern[at : at + 2]
            at += 1
        elif in_class and pattern.startswith("[:", at):
            named = pattern[at : max(pattern.find(":]", at) + 2, at + 2)]
            yield named
            at += len(named) - 1
        elif in_class:
            # a bracket that comes first in a class stands for itself
            in_class = character != "]" or at == class_began
            yield character
        elif character == "#":
            in_comment = True
        elif not character.isspace():
            in_class = character == "["
            class_began = at + (2 if pattern[at + 1 : at + 2] == "^" else 1)
            yield character
        at += 1
