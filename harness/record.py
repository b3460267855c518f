"""Cuts an attempt's record to what may travel, 16 KiB as JSON: decides what goes first, and says that it went."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from pydantic import JsonValue

from harness.models.attempt import MAX_RECORD_BYTES, AttemptRecord, Cause, CheckFailure
from harness.safe_text import one_line, safe_text

MAX_ANSWER_CHARS = 4_000
MAX_TEXT_CHARS = 1_000
MAX_MEMBERS = 20
MAX_DEPTH = 6
CUT_NOTE = "this record was cut to 16 KiB"


def record_json(record: AttemptRecord) -> bytes:
    """`record` as JSON of at most 16 KiB, cut where it must be."""
    content = record.model_dump_json().encode()
    return content if len(content) <= MAX_RECORD_BYTES else bound_record(record).model_dump_json().encode()


def bound_record(record: AttemptRecord) -> AttemptRecord:
    """`record` itself when it fits in 16 KiB; else without its answer, then with less stderr, failures, and texts."""
    if _fits(record):
        return record
    for cut in _CUTS:
        record = cut(record)
        if _fits(record):
            break
    return record


def clip_json(value: Any, budget: int = MAX_ANSWER_CHARS) -> JsonValue:
    """A printable likeness of `value` with about `budget` characters: long texts, lists and objects are cut."""
    return _clip(value, [budget], MAX_DEPTH)


def _clip(value: Any, left: list[int], depth: int) -> JsonValue:
    if isinstance(value, str):
        text = safe_text(value, max(0, min(MAX_TEXT_CHARS, left[0])))
        left[0] -= len(text)
        return text
    if isinstance(value, dict):
        return dict(_members(value, left, depth)) if depth else "{...}"
    if isinstance(value, list):
        return list(_elements(value, left, depth)) if depth else "[...]"
    left[0] -= 8
    return _scalar(value)


def _members(value: dict[str, Any], left: list[int], depth: int) -> Iterator[tuple[str, JsonValue]]:
    for name, member in islice(value.items(), MAX_MEMBERS):
        if left[0] <= 0:
            return
        left[0] -= min(len(name), 100)
        yield one_line(name, 100), _clip(member, left, depth - 1)


def _elements(value: list[Any], left: list[int], depth: int) -> Iterator[JsonValue]:
    for element in islice(value, MAX_MEMBERS):
        if left[0] <= 0:
            return
        yield _clip(element, left, depth - 1)


def _scalar(value: Any) -> JsonValue:
    """A huge integer is named, not written: Python refuses to write it, and databases to store it."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    return value if value is None or isinstance(value, bool | int | float) else str(type(value).__name__)


def _fits(record: AttemptRecord) -> bool:
    return len(record.model_dump_json().encode()) <= MAX_RECORD_BYTES


def _without_answer(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(update={"answer": None, "notes": (CUT_NOTE, *record.notes)})


def _with_short_stderr(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(update={"stderr_tail": record.stderr_tail[-1_000:]})


def _with_few_failures(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(update={"failures": record.failures[:5], "notes": record.notes[:5]})


def _with_short_texts(record: AttemptRecord) -> AttemptRecord:
    failures = tuple(_shorten(failure) for failure in record.failures[:3])
    cause = record.cause and Cause(kind=record.cause.kind, message=record.cause.message[:200])
    notes = tuple(note[:200] for note in record.notes[:3])
    short_stderr = record.stderr_tail[-200:]
    changes = {"failures": failures, "cause": cause, "notes": notes, "stderr_tail": short_stderr}
    return record.model_copy(update={**changes, "sessions_started": record.sessions_started[:5]})


def _shorten(failure: CheckFailure) -> CheckFailure:
    return CheckFailure(
        check=failure.check[:50], path=failure.path[:100], expected=failure.expected[:100], actual=failure.actual[:100]
    )


_CUTS: tuple[Callable[[AttemptRecord], AttemptRecord], ...] = (
    _without_answer,
    _with_short_stderr,
    _with_few_failures,
    _with_short_texts,
)
