"""One attempt as the page shows it: from its evidence where there is some, else from its record. Pure, bounded."""

from collections.abc import Iterator

from harness.models.attempt import AttemptRecord, CheckFailure, SessionFacts
from harness.models.evidence import Evidence, Exchange, HeldCheck
from harness.models.run import AttemptReport, TestReport
from harness.safe_text import one_line, safe_text
from scheduler.reports.explain import stderr_title
from scheduler.reports.html.bodies import bounded
from scheduler.reports.html.shown import ShownAttempt, ShownCheck, ShownExchange, ShownPhase

MAX_STDERR = 16 * 1024
MAX_ATTEMPT = 64 * 1024  # characters of all bodies of one attempt
MAX_CHECKS, MAX_EXCHANGES, MAX_NOTES, MAX_SCRIPTS = 200, 50, 50, 20
MAX_LINE, MAX_WORD, MAX_DIFF, MAX_SCRIPT = 2_000, 200, 20_000, 4_000


def show_attempt(test: TestReport, attempt: AttemptReport, evidence: Evidence | None, limit: int) -> ShownAttempt:
    """All that is known of it. `limit`: characters of a request, of an answer."""
    record = attempt.record
    return ShownAttempt(
        outcome=str(record.outcome or "passed over"),
        note=_note(attempt),
        cause=one_line(str(record.cause), MAX_LINE) if record.cause else "",
        worker=one_line(record.worker, MAX_WORD),
        started=record.started_at.isoformat(timespec="milliseconds"),
        took_ms=record.duration_s * 1000,
        phases=tuple(_phases(record)),
        checks=tuple(_checks(record, evidence))[:MAX_CHECKS],
        exchanges=tuple(_exchanges(test, record, evidence, limit)),
        exchanges_left_out=_left_out(evidence),
        stderr=_tail((evidence.stderr if evidence else "") or record.stderr_tail),
        stderr_title=stderr_title(record).rstrip(":"),
        scripts=_scripts(evidence),
        notes=tuple(one_line(note, MAX_LINE) for note in record.notes[:MAX_NOTES]),
        usage=record.usage,
        samples=record.samples,
        session=_session(record),
        evidence=one_line(record.evidence, MAX_WORD),
    )


def _note(attempt: AttemptReport) -> str:
    if attempt.stale:
        return "came too late to count"
    return "its group started again" if attempt.superseded else ""


def _phases(record: AttemptRecord) -> Iterator[ShownPhase]:
    """Parts that add up to the attempt: what no stamp names is `other`."""
    timing = record.timing
    waited_s = timing.session_wait_s - timing.start_s - timing.initialize_s
    parts = {
        "wait": waited_s,
        "start": timing.start_s,
        "initialize": timing.initialize_s,
        "call": timing.call_s or 0.0,
        "checks": timing.checks_s,
    }
    parts["other"] = record.duration_s - sum(part for part in parts.values() if part > 0)
    yield from (ShownPhase(name=name, took_ms=round(part * 1000, 3)) for name, part in parts.items() if part > 0.00005)


def _checks(record: AttemptRecord, evidence: Evidence | None) -> Iterator[ShownCheck]:
    """Those that failed, those that only warn, those that held."""
    failures = evidence.failures if evidence and evidence.failures else record.failures
    yield from (_failure(failure, "failed") for failure in failures)
    yield from (_failure(failure, "warned") for failure in record.warnings)
    yield from (_held(check) for check in (evidence.held if evidence else ()))


def _failure(failure: CheckFailure, state: str) -> ShownCheck:
    return ShownCheck(
        state=state,
        check=one_line(failure.check, MAX_WORD),
        path=one_line(failure.path, MAX_LINE),
        expected=one_line(failure.expected, MAX_LINE),
        actual=one_line(failure.actual, MAX_LINE),
        actual_type=one_line(failure.actual_type, MAX_WORD),
        step=one_line(failure.step, MAX_WORD),
        diff=safe_text(failure.diff, MAX_DIFF),
    )


def _held(check: HeldCheck) -> ShownCheck:
    return ShownCheck(
        state="held",
        check=one_line(check.check, MAX_WORD),
        path=one_line(check.path, MAX_LINE),
        expected=one_line(check.expected, MAX_LINE),
        step=one_line(check.step, MAX_WORD),
    )


def _exchanges(
    test: TestReport, record: AttemptRecord, evidence: Evidence | None, limit: int
) -> Iterator[ShownExchange]:
    """As many as there is room for; the test's own call, which is what was asked about, has its share for certain."""
    kept = evidence.exchanges if evidence else ()
    if not kept and record.answer is not None:
        yield _answer(test, record, limit)
    share = max(1_000, min(limit, MAX_ATTEMPT // (2 * max(1, min(len(kept), MAX_EXCHANGES)))))
    for exchange in kept[:MAX_EXCHANGES]:
        yield _exchange(exchange, share if exchange.step else limit)


def _exchange(exchange: Exchange, limit: int) -> ShownExchange:
    request, request_cut = bounded(exchange.request, limit)
    response, response_cut = bounded(exchange.response, limit)
    return ShownExchange(
        step=one_line(exchange.step, MAX_WORD),
        method=one_line(exchange.method, MAX_WORD),
        name=one_line(exchange.name, MAX_WORD),
        request=request,
        response=response,
        request_bytes=exchange.request_bytes,
        response_bytes=exchange.response_bytes,
        is_error=exchange.is_error,
        is_cut=exchange.is_cut or request_cut or response_cut,
        took_ms=None if exchange.took_s is None else exchange.took_s * 1000,
        begins_ms=exchange.begins_s * 1000,
    )


def _answer(test: TestReport, record: AttemptRecord, limit: int) -> ShownExchange:
    """Without evidence: the clipped answer of the record."""
    response, is_cut = bounded(record.answer, limit)
    call_s = record.timing.call_s
    return ShownExchange(
        name=one_line(test.tool, MAX_WORD),
        has_request=False,
        response=response,
        is_cut=is_cut,
        took_ms=None if call_s is None else call_s * 1000,
    )


def _left_out(evidence: Evidence | None) -> int:
    return evidence.exchanges_left_out + max(0, len(evidence.exchanges) - MAX_EXCHANGES) if evidence else 0


def _tail(text: str) -> str:
    return safe_text(text if len(text) <= MAX_STDERR else f"...{text[-MAX_STDERR:]}", MAX_STDERR * 4)


def _scripts(evidence: Evidence | None) -> dict[str, str]:
    written = list(evidence.script_output.items())[:MAX_SCRIPTS] if evidence else []
    return {one_line(name, MAX_WORD): safe_text(text, MAX_SCRIPT) for name, text in written}


def _session(record: AttemptRecord) -> SessionFacts | None:
    session = record.session
    if session is None:
        return None
    words = ("session_id", "server_name", "server_version", "protocol_version")
    return session.model_copy(update={word: one_line(getattr(session, word), MAX_WORD) for word in words})
