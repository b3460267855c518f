"""The history of one test as text for people: a strip of outcomes, and one line per run. Pure; safe to print."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from harness.models.looking_back import PastTest, TestHistory
from harness.models.outcomes import EXECUTED, TestOutcome
from harness.safe_text import one_line
from scheduler.reports.wording import amount, clock, outcome_words, short_id

SYMBOLS = {
    TestOutcome.PASSED: ".",
    TestOutcome.FLAKY: "~",
    TestOutcome.FAILED: "x",
    TestOutcome.ERROR: "E",
    TestOutcome.TIMEOUT: "T",
}
NOTHING = "-"
HEAD = ("run", "submitted (UTC)", "outcome", "seconds", "attempts", "server", "cause", "why")
MAX_SERVER, MAX_REASON = 60, 200


def head_lines(history: TestHistory) -> Iterator[str]:
    """The test, its strip with what the signs mean, its flaky rate, its durations and its versions."""
    yield f"{short_id(history.test_id)}   {amount(len(history.entries), 'run')}"
    if not history.entries:
        return
    yield f"outcomes  {strip(history.entries)}   oldest to newest: {_legend(history.entries)}"
    if history.flaky_rate is not None:
        yield f"flaky     {history.flaky_rate:.0%} of those with a verdict"
    seconds = sorted(_seconds(entry) for entry in history.entries if entry.outcome in EXECUTED)
    if seconds:
        yield f"seconds   median {clock(statistics.median(seconds))}, {clock(seconds[0])} to {clock(seconds[-1])}"
    yield from _versions(history.entries)


def strip(entries: Sequence[PastTest]) -> str:
    """One sign per run, the oldest first."""
    return "".join(_sign(entry.outcome) for entry in reversed(entries))


def cells(entry: PastTest) -> tuple[str, ...]:
    """One run as the cells of a table; `HEAD` names them."""
    return (
        one_line(entry.run_id, MAX_SERVER),
        f"{entry.at:%Y-%m-%d %H:%M}",
        outcome_words(entry.outcome) if entry.outcome else "open",
        clock(_seconds(entry)),
        str(entry.attempts),
        one_line(entry.server, MAX_SERVER) or "-",
        one_line(entry.cause_id, MAX_SERVER) or "-",
        one_line(entry.reason, MAX_REASON),
    )


def _seconds(entry: PastTest) -> float:
    return entry.duration_s if entry.call_s is None else entry.call_s


def _sign(outcome: TestOutcome | None) -> str:
    return NOTHING if outcome is None else SYMBOLS.get(outcome, NOTHING)


def _legend(entries: Sequence[PastTest]) -> str:
    counts = Counter(_sign(entry.outcome) for entry in entries)
    words = {sign: outcome_words(outcome) for outcome, sign in SYMBOLS.items()} | {NOTHING: "no verdict"}
    return ", ".join(f"{sign} {words[sign]} {counts[sign]}" for sign in words if counts[sign])


def _versions(entries: Sequence[PastTest]) -> Iterator[str]:
    """Each version with the first run that saw it, the oldest first."""
    seen: dict[str, str] = {}
    for entry in reversed(entries):
        if entry.server:
            seen.setdefault(entry.server, entry.run_id)
    if seen:
        shown = [f"{one_line(server, MAX_SERVER)} since {one_line(run, MAX_SERVER)}" for server, run in seen.items()]
        yield f"versions  {', '.join(shown[-5:])}"
