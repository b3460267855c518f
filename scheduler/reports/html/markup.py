"""The one way from a text to HTML: everything is escaped here, nothing elsewhere. Pure."""

import html
from urllib.parse import quote

from harness.safe_text import safe_text

MAX_TEXT = 100_000


class Markup(str):
    """HTML that `h` made. Any other text is escaped before it becomes a part of it."""

    __slots__ = ()


def h(tag: str, *children: str | None, **attributes: str | bool | None) -> Markup:
    """An element. `class_` is written class, `data_q` data-q; an attribute that is True has no value, one that is
    None or False is left out; so is a child that is None. Control and bidirectional characters are made visible.
    """
    opened = "".join(_attribute(name, value) for name, value in attributes.items())
    return Markup(f"<{tag}{opened}>{joined(*children)}</{tag}>")


def void(tag: str, **attributes: str | bool | None) -> Markup:
    """An element that has no content, such as `meta`."""
    return Markup(f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>")


def joined(*children: str | None) -> Markup:
    """Elements and texts after each other."""
    return Markup("".join(child if isinstance(child, Markup) else escaped(child) for child in children if child))


def escaped(text: str) -> Markup:
    """`text` as HTML that shows it."""
    return Markup(html.escape(safe_text(text, MAX_TEXT), quote=True))


def search_link(text: str) -> str:
    """The address of the page that shows what a search finds."""
    return f"#q={quote(text, safe=':/,~.-_')}"


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{escaped(value)}"'
