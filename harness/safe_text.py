r"""Makes text from servers, suites and networks safe to print: the one place that decides what may reach a screen.

Control characters, bidirectional controls, other invisible marks and lone surrogates become escapes such as `\x1b` and
`\u202e`; everything else stays. Also what XML 1.0 forbids is among them. Does not hide secrets.
"""

import re

MARK = "..."  # stands for what was cut; plain ASCII on purpose

_INVISIBLE = (
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029"  # line separators that are not line ends
    "\ufeff\ufff9-\ufffb\ufffe\uffff"  # marks and non-characters
    "\ud800-\udfff"  # surrogates without a partner
    "\U000e0000-\U000e007f"  # invisible tags
)
_UNSAFE = re.compile(f"[\x00-\x08\x0b-\x1f{_INVISIBLE}]")
_UNSAFE_IN_LINE = re.compile(f"[\x00-\x1f{_INVISIBLE}]")
_NAMED = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}


def safe_text(text: str, limit: int) -> str:
    r"""`text` with unsafe characters escaped, at most `limit` characters long. Line ends `\n` and tabs stay."""
    return _cut(_UNSAFE.sub(_escape, text[: limit + 1]), limit, len(text))


def one_line(text: str, limit: int) -> str:
    r"""Like `safe_text`, on one line: line ends and tabs are escaped too, as `\n` and `\t`."""
    return _cut(_UNSAFE_IN_LINE.sub(_name_or_escape, text[: limit + 1]), limit, len(text))


def _cut(escaped: str, limit: int, original_length: int) -> str:
    if len(escaped) <= limit and original_length <= limit:
        return escaped
    return escaped[: max(0, limit - len(MARK))] + MARK[:limit]


def _name_or_escape(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or _escape(match)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
