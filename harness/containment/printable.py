"""Makes untrusted text safe to print, and short. Pure."""

_KEPT = frozenset("\n\t")


def printable(text: str | bytes, limit: int = 500) -> str:
    """`text` with control and other unprintable characters escaped, at most `limit` characters, the cut shown."""
    if isinstance(text, bytes):
        text = text[: limit * 4 + 4].decode("utf-8", "backslashreplace")
    cut = text[: limit + 1]
    safe = "".join(char if char.isprintable() or char in _KEPT else _escape(char) for char in cut)
    return safe if len(cut) <= limit and len(safe) <= limit else safe[: max(0, limit - 1)] + "…"


def one_line(text: str | bytes, limit: int = 200) -> str:
    """Like `printable`, and on one line."""
    return printable(text, limit).replace("\n", "\\n").replace("\t", "\\t")[: limit + 20]


def last_lines(text: bytes, *, lines: int, limit: int) -> str:
    """The last `lines` lines of `text`, printable, at most `limit` characters, the newest kept."""
    kept = text[-limit * 4 :].decode("utf-8", "backslashreplace").splitlines()[-lines:]
    safe = printable("\n".join(kept), limit=limit * 10)
    return safe if len(safe) <= limit else "…" + safe[-(limit - 1) :]


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
