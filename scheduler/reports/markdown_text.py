"""How text of others stands in Markdown without acting there: no markup, no mention, no link, no end of a fence. Pure.

https://github.github.com/gfm/ ; in code GitHub makes neither mentions nor references of what it finds.
"""

import re
from collections.abc import Sequence

from harness.safe_text import one_line, safe_text

_BACKTICKS = re.compile("`+")


def code(text: str, limit: int = 200) -> str:
    """`text` on one line as code, in a sentence, a heading, a table's cell or between HTML tags."""
    line = one_line(text, limit)
    if line and line.strip() == line and not set(line) & set("`|<>&"):
        return f"`{line}`"
    return f"<code>{''.join(map(_entity, line))}</code>"


def code_in_html(text: str, limit: int = 200) -> str:
    """The same where Markdown is not read: in the `<summary>` of a block."""
    return f"<code>{''.join(map(_entity, one_line(text, limit)))}</code>"


def fence(text: str, limit: int) -> str:
    """`text` as a block of at most `limit` characters, whatever runs of backticks it has."""
    shown = safe_text(text, limit).rstrip("\n")
    longest = max((len(run) for run in _BACKTICKS.findall(shown)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}text\n{shown}\n{marks}"


def details(title: str, body: str) -> str:
    """A block that is opened by a click. `title` is our own, in HTML."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], align: str) -> str:
    """Rows whose cells are Markdown already. `align`: one letter per column, l or r."""
    marks = ["--:" if letter == "r" else "---" for letter in align]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, tuple(marks), *rows))


def _entity(character: str) -> str:
    """Letters, digits and blanks as they are; everything else as a number, which is no markup anywhere."""
    return character if character.isalnum() or character == " " else f"&#{ord(character)};"
