"""The index of the HTML report: what its page reads when it opens. One row per test, as columns."""

from harness.models.wire import Wire


class IndexCause(Wire):
    """A cause as far as a row needs it."""

    handle: str
    title: str
    is_new: bool


class Columns(Wire):
    """One entry per test in each. `worker`, `suite` and their like point into the lists of the index; -1: none."""

    address: tuple[str, ...]
    link: tuple[str, ...]
    number: tuple[int, ...]
    outcome: tuple[int, ...]
    took_ms: tuple[int, ...]
    start_ms: tuple[int, ...]
    attempts: tuple[int, ...]
    cause: tuple[int, ...]
    worker: tuple[int, ...]
    suite: tuple[int, ...]
    target: tuple[int, ...]
    tool: tuple[int, ...]
    tags: tuple[int, ...]
    file: tuple[int, ...]
    line: tuple[int, ...]
    reason: tuple[int, ...]
    warned: tuple[int, ...]
    block: tuple[int, ...]
    place: tuple[int, ...]


class EarlierAttempts(Wire):
    """Attempts before the deciding ones, for the timeline: columns as well. `row` counts from 0."""

    row: tuple[int, ...]
    worker: tuple[int, ...]
    start_ms: tuple[int, ...]
    took_ms: tuple[int, ...]


class Index(Wire):
    """`run_ms`: how long the run was, or its attempts so far. Of all lists of words the places are what rows name."""

    version: int = 1
    run_id: str
    started: str
    run_ms: int
    slow_ms: int
    outcomes: tuple[str, ...]
    workers: tuple[str, ...]
    suites: tuple[str, ...]
    targets: tuple[str, ...]
    tools: tuple[str, ...]
    files: tuple[str, ...]
    reasons: tuple[str, ...]
    tag_sets: tuple[str, ...]
    causes: tuple[IndexCause, ...]
    rows: Columns
    earlier: EarlierAttempts
