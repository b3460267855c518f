"""A short digest of a JSON value: two values have the same one exactly when they are equal on the given terms.

For comparing many values with many, where pairs would cost the square. Without recursion.
"""

from hashlib import blake2b
from itertools import count
from typing import Any

from harness.checks.budget import Budget
from harness.checks.terms import Terms, scalar_text

DIGEST_BYTES = 16
STEPS_PER_NODE = 4
_unequal = count()


def fingerprint(value: Any, budget: Budget, terms: Terms) -> bytes:
    """The digest of `value`; raises BudgetSpent. NaN never has the same one twice."""
    made: list[bytes] = []
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        node, has_parts = waiting.pop()
        budget.spend(STEPS_PER_NODE)
        if not isinstance(node, list | dict):
            made.append(_digest(_scalar(node, budget, terms)))
        elif has_parts:
            first = len(made) - len(node)
            parts = made[first:]
            made[first:] = [_of_collection(node, parts, budget, terms)]
        else:
            members = node if isinstance(node, list) else node.values()
            waiting.append((node, True))
            waiting.extend((member, False) for member in reversed(list(members)))
    return made[0]


def _of_collection(node: list[Any] | dict[str, Any], parts: list[bytes], budget: Budget, terms: Terms) -> bytes:
    if isinstance(node, list):
        return _digest(b"[", *(sorted(parts) if terms.ignore_order else parts))
    members = []
    for key, part in zip(node, parts, strict=True):
        budget.spend_text(len(key))
        members.append(_digest(key.encode("utf-8", "surrogatepass")) + part)
    return _digest(b"{", *sorted(members))


def _scalar(value: Any, budget: Budget, terms: Terms) -> bytes:
    """What of a scalar counts, told apart by its kind unless types are converted."""
    if isinstance(value, str):
        text = terms.comparable(value, budget)
        return (b"" if terms.convert_types else b"s") + text.encode("utf-8", "surrogatepass")
    if value != value:
        return b"\xff%d" % next(_unequal)  # no text holds this byte
    kind = b"b" if isinstance(value, bool) else b"0" if value is None else b"n"
    if terms.tell_integers and isinstance(value, float):
        kind = b"f"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = scalar_text(value)
    if terms.convert_types:
        return terms.comparable(text, budget).encode()
    return kind + text.encode()


def _digest(*parts: bytes) -> bytes:
    whole = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        whole.update(part)
    return whole.digest()
