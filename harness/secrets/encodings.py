"""In which other forms the value of a secret may turn up in what a server, a script or we ourselves write. Pure."""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from harness.safe_text import one_line, safe_text

_GROUP = 3
"""Bytes that become four characters of base64: where in a group a value begins decides how it looks."""


def forms_of(value: str) -> frozenset[bytes]:
    """The value itself, and as base64, hex, in URLs, in JSON, and as we make it printable; each form once."""
    raw = value.encode()
    hexadecimal = raw.hex().encode()
    return frozenset((*_raw_forms(value), *_base64_forms(raw), *_url_forms(value), hexadecimal, hexadecimal.upper()))


def _raw_forms(value: str) -> Iterator[bytes]:
    """As text, made printable or not, and within JSON, and JSON within JSON."""
    shown = {value, safe_text(value, 8 * len(value) + 10), one_line(value, 8 * len(value) + 10)}
    for _ in range(3):
        yield from (text.encode() for text in shown)
        shown = {json.dumps(text, ensure_ascii=is_ascii)[1:-1] for text in shown for is_ascii in (True, False)}


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Without the characters at both ends that depend on what stands beside it, in both alphabets."""
    for before in range(_GROUP):
        after = -(before + len(raw)) % _GROUP
        whole = base64.b64encode(bytes(before) + raw + bytes(after))
        own = whole[-(-before * 4 // _GROUP) :]
        own = own[: len(own) - (-(-after * 4 // _GROUP))]
        yield own
        yield own.translate(bytes.maketrans(b"+/", b"-_"))


def _url_forms(value: str) -> Iterator[bytes]:
    for form in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield form.encode()
        yield _lower_escapes(form).encode()


def _lower_escapes(form: str) -> str:
    pieces = form.split("%")
    return "%".join([pieces[0], *(piece[:2].lower() + piece[2:] for piece in pieces[1:])])
