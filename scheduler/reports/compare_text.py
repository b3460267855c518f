"""The difference of two runs as text for people. Pure; bounded; text of others never begins a line."""

from collections.abc import Iterable, Iterator

from harness.models.causes import FixedCause, RunCause, VersionChange
from harness.models.looking_back import DurationChange, OutcomeChange, RunDifference
from harness.models.outcomes import TestOutcome
from harness.models.run import RunView
from harness.safe_text import one_line
from scheduler.reports.wording import MAX_TEXT, amount, clock, outcome_words, short_id

LABEL = 10
MAX_CAUSES, MAX_TESTS, MAX_NAMES, MAX_NAME = 20, 20, 5, 200


def difference_lines(difference: RunDifference) -> Iterator[str]:
    """What is worse first, and at last which tests came and went."""
    word = "WORSE" if difference.is_worse else "NOT WORSE"
    yield f"{word}: run {_run(difference.after)} against run {_run(difference.before)}"
    yield from _section("new", map(_cause, difference.new), len(difference.new), MAX_CAUSES)
    yield from _section("still", map(_cause, difference.still), len(difference.still), MAX_CAUSES)
    yield from _section("fixed", map(_fixed, difference.fixed), len(difference.fixed), MAX_CAUSES)
    outcomes, durations = difference.outcomes, difference.durations
    yield from _section("outcomes", map(_outcome, outcomes), len(outcomes) + difference.outcomes_left_out, MAX_TESTS)
    yield from _section("durations", map(_took, durations), len(durations) + difference.durations_left_out, MAX_TESTS)
    yield from _section("versions", map(_version, difference.versions), len(difference.versions), MAX_TESTS)
    came, gone = difference.added, difference.removed
    yield from _section("added", map(short_id, came), len(came) + difference.added_left_out, MAX_NAMES)
    yield from _section("removed", map(short_id, gone), len(gone) + difference.removed_left_out, MAX_NAMES)


def _section(label: str, entries: Iterable[str], count: int, most: int) -> Iterator[str]:
    for position, entry in enumerate(entries):
        if position == most:
            break
        yield f"{label:{LABEL}}{entry}"
    if count > most:
        yield f"{label:{LABEL}}and {count - most:,} more"


def _run(run: RunView) -> str:
    name = f" ({_name(run.name)})" if run.name else ""
    return f"{_name(run.run_id)}{name} of {run.created_at:%Y-%m-%d %H:%M}"


def _cause(cause: RunCause) -> str:
    shown = [
        f"{amount(len(cause.tests), 'test')} on {_names(cause.targets)}",
        _line(cause.title),
        _name(cause.cause_id),
    ]
    return "   ".join(part for part in shown if part)


def _fixed(cause: FixedCause) -> str:
    shown = [f"{amount(cause.tests, 'test')} on {_names(cause.targets)}", _line(cause.title), _name(cause.cause_id)]
    return "   ".join(part for part in shown if part)


def _outcome(change: OutcomeChange) -> str:
    parts = (f"{_word(change.before)} -> {_word(change.after)}", short_id(change.test_id), _line(change.reason))
    return "   ".join(part for part in parts if part)


def _took(change: DurationChange) -> str:
    return f"{clock(change.before_s)} -> {clock(change.after_s)}   {short_id(change.test_id)}"


def _version(change: VersionChange) -> str:
    return f"{_name(change.target)} {_name(change.before)} -> {_name(change.after)}"


def _names(targets: tuple[str, ...]) -> str:
    more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
    return ", ".join(_name(target) for target in targets[:3]) + more


def _word(outcome: TestOutcome | None) -> str:
    return outcome_words(outcome) if outcome else "open"


def _name(text: str) -> str:
    return one_line(text, MAX_NAME)


def _line(text: str) -> str:
    return one_line(text, MAX_TEXT)
