"""Cuts an attempt's record to what may travel, 16 KiB as JSON: decides what goes first, and says that it went."""

from collections.abc import Callable
from typing import Any

from pydantic import JsonValue

from harness.clip import Clipper, Limits
from harness.models.attempt import MAX_RECORD_BYTES, AttemptRecord, Cause, CheckFailure

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
    return Clipper(Limits(budget, MAX_TEXT_CHARS, MAX_MEMBERS, MAX_DEPTH)).clip(value)


def _fits(record: AttemptRecord) -> bool:
    return len(record.model_dump_json().encode()) <= MAX_RECORD_BYTES


def _without_answer(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(update={"answer": None, "notes": (CUT_NOTE, *record.notes)})


def _with_short_stderr(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(update={"stderr_tail": record.stderr_tail[-1_000:]})


def _with_few_failures(record: AttemptRecord) -> AttemptRecord:
    return record.model_copy(
        update={"failures": record.failures[:5], "notes": record.notes[:5], "warnings": record.warnings[:3]}
    )


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
