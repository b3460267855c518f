"""An attempt's record without the values of secrets: its texts are cleared, what identifies it is ours and stays."""

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.secrets.scrubber import Scrubber


def scrub_record(record: AttemptRecord, scrubber: Scrubber) -> AttemptRecord:
    """The record itself when there is nothing to look for."""
    if scrubber.is_idle:
        return record
    cause, session = record.cause, record.session
    return record.model_copy(
        update={
            "cause": cause and cause.model_copy(update={"message": scrubber.text(cause.message)}),
            "failures": _scrub_failures(record.failures, scrubber),
            "warnings": _scrub_failures(record.warnings, scrubber),
            "session": session
            and session.model_copy(
                update={
                    name: scrubber.text(getattr(session, name))
                    for name in ("server_name", "server_version", "protocol_version")
                }
            ),
            "stderr_tail": scrubber.tail(record.stderr_tail),
            "notes": tuple(scrubber.text(note) for note in record.notes),
            "answer": scrubber.value(record.answer),
        }
    )


def _scrub_failures(failures: tuple[CheckFailure, ...], scrubber: Scrubber) -> tuple[CheckFailure, ...]:
    return tuple(
        failure.model_copy(
            update={
                name: scrubber.text(getattr(failure, name)) for name in ("path", "expected", "actual", "step", "diff")
            }
        )
        for failure in failures
    )
