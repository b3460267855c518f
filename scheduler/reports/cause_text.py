r"""What two messages of one cause have in common: without ids, numbers, paths and times; codes and names stay. Pure.

Messages come from servers: they are cut first, and RE2 reads them, in time that grows with their length alone. A
change of these rules changes the ids of causes: count `SIGNATURE_VERSION` in `cause_signature.py` up with it.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

MAX_READ, MAX_TEXT = 4_000, 300
KNOWN_MESSAGES = 4_096

_KEEP_BEHIND = 12
"""So many characters before a number say whether it is a code."""
_NAME = rb"[A-Za-z_$][A-Za-z_$.-]{0,39}\d{0,2}"
_UNIT = rb"(?:ns|us|ms|seconds|second|sec|s|minutes|minute|min|hours|hour|h|[kKMG]i?B|bytes|byte|B|%)"

Replace = Callable[[Any], bytes]


@lru_cache(maxsize=KNOWN_MESSAGES)
def normal_form(message: str) -> str:
    """`message` with what varies from one occurrence to the next replaced by `<…>`; at most 300 characters."""
    text = message[:MAX_READ].encode("utf-8", "replace")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return " ".join(text.decode("utf-8", "replace").split())[:MAX_TEXT]


def _compiled(pattern: bytes) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # bytes as they are: only ASCII is looked for
    return re2.compile(pattern, options)


def _address(match: Any) -> bytes:
    """`db:5432` is an address, `code:503` and `errno: 2` are not."""
    host = bytes(match[1])
    return bytes(match[0]) if _IS_KEYWORD.search(host) else b"<addr>"


def _hex_id(match: Any) -> bytes:
    found = bytes(match[0])
    return b"<id>" if _DIGIT.search(found) and _LETTER.search(found) else found


def _token(match: Any) -> bytes:
    """A long word without a digit is a name."""
    found = bytes(match[0])
    return b"<tok>" if _DIGIT.search(found) else found


def _quoted(match: Any) -> bytes:
    before, quote, inner = bytes(match[1]), bytes(match[2]), bytes(match[3])
    keeps = _IS_NAME.fullmatch(inner) or _IS_PLACEHOLDER.fullmatch(inner)
    return before + quote + (inner if keeps else b"<s>") + quote


def _number(match: Any) -> bytes:
    """A number stays behind a word that says that it is a code, and where it is one of JSON-RPC."""
    found = bytes(match[0])
    before = match.string[max(0, match.start() - _KEEP_BEHIND) : match.start()]
    return found if _IS_CODE_WORD.search(before) or _IS_RPC_CODE.fullmatch(found) else b"<n>"


_DIGIT, _LETTER = _compiled(rb"[0-9]"), _compiled(rb"[A-Za-z]")
_IS_NAME, _IS_PLACEHOLDER = _compiled(_NAME), _compiled(rb"<[a-z]+>")
_IS_KEYWORD = _compiled(rb"(?i)(?:error|code|status|errno|http|exit|signal|rpc)$")
_IS_CODE_WORD = _compiled(rb"(?i)(?:error|code|status|errno|http(?:/[\d.]{1,3})?|exit|signal|rpc)[ \t:=#('\"\[]*[-+]?$")
_IS_RPC_CODE = _compiled(rb"-32\d\d\d")
_QUOTES = tuple(
    (_compiled(rb"(^|[^A-Za-z0-9_])(" + quote + rb")([^" + quote + rb"\n]*)" + quote), _quoted)
    for quote in (rb"'", rb'"', rb"`")
)

_RULES: tuple[tuple[Any, bytes | Replace], ...] = (
    (_compiled(rb"(?:\x1b|\\x1b)\[[0-9;:]*m"), b""),
    (_compiled(rb"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>`)\]]+"), b"<url>"),
    (_compiled(rb"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"), b"<uuid>"),
    (_compiled(rb"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?Z|[+-]\d\d:?\d\d)?)?"), b"<time>"),
    (_compiled(rb"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), b"<time>"),
    (_compiled(rb"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[[0-9a-fA-F:]{2,39}\](?::\d{1,5})?"), b"<addr>"),
    (_compiled(rb"\b([A-Za-z][A-Za-z0-9.-]*):\d{2,5}\b"), _address),
    (_compiled(rb"\b0x[0-9a-fA-F]+\b"), b"<hex>"),
    (_compiled(rb"(^|[\s'\"`(=\[,:])(?:[A-Za-z]:\\|(?:~|\.{1,2})?/)[^\s'\"`,;:)\]]+"), b"\\1<path>"),
    (_compiled(rb"\b[0-9a-fA-F]{7,64}\b"), _hex_id),
    (_compiled(rb"[A-Za-z0-9_+/=-]{32,}"), _token),
    *_QUOTES,
    (_compiled(rb"[-+]?\b\d+(?:[.,]\d+)*(?: ?" + _UNIT + rb")?\b%?"), _number),
)  # fmt: skip
"""What is replaced, and by what, in this order."""
