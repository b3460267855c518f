"""Makes the index of the HTML report from the run. Pure; every text in it is one safe line."""

from dataclasses import dataclass, field
from datetime import datetime

from harness.models.attempt import AttemptRecord
from harness.models.causes import CauseState
from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport, RunView, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import counting_records, deciding_record
from scheduler.reports.html.codes import OUTCOMES, code_of
from scheduler.reports.html.columns import Columns, EarlierAttempts, Index, IndexCause
from scheduler.reports.html.order import NO_CAUSE, Ordered
from scheduler.reports.html.packing import Places
from scheduler.reports.slow import SLOW_S

MAX_WORD, MAX_REASON = 200, 200
NOWHERE = (-1, -1)


@dataclass
class _Words:
    """Each different text once; its place is what a row holds."""

    limit: int = MAX_WORD
    places: dict[str, int] = field(default_factory=dict)

    def place(self, text: str) -> int:
        shown = one_line(text, self.limit)
        return self.places.setdefault(shown, len(self.places))

    def all(self) -> tuple[str, ...]:
        return tuple(self.places)


class _Lists:
    """The lists of words of one index."""

    def __init__(self) -> None:
        self.workers, self.suites, self.targets = _Words(), _Words(), _Words()
        self.tools, self.files, self.tag_sets = _Words(), _Words(), _Words()
        self.reasons = _Words(MAX_REASON)


def make_index(report: RunReport, ordered: Ordered) -> Index:
    """Every test of `ordered` in its order; none is in a block yet."""
    lists, began = _Lists(), report.run.created_at
    deciding = [deciding_record(test) for test in ordered.tests]
    rows = _columns(ordered, deciding, lists, began)
    earlier = _earlier(ordered.tests, deciding, lists, began)
    return Index(
        run_id=one_line(report.run.run_id, MAX_WORD),
        started=began.isoformat(timespec="seconds"),
        run_ms=_run_ms(report.run, rows),
        slow_ms=int(SLOW_S * 1000),
        outcomes=OUTCOMES,
        workers=lists.workers.all(),
        suites=lists.suites.all(),
        targets=lists.targets.all(),
        tools=lists.tools.all(),
        files=lists.files.all(),
        reasons=lists.reasons.all(),
        tag_sets=lists.tag_sets.all(),
        causes=_causes(ordered),
        rows=rows,
        earlier=earlier,
    )


def placed(index: Index, places: Places) -> Index:
    """The index, with the blocks that hold the details of tests."""
    found = [places.get(number, NOWHERE) for number in index.rows.number]
    blocks = {"block": tuple(block for block, _ in found), "place": tuple(place for _, place in found)}
    return index.model_copy(update={"rows": index.rows.model_copy(update=blocks)})


def _columns(ordered: Ordered, deciding: list[AttemptRecord | None], lists: _Lists, began: datetime) -> Columns:
    tests = ordered.tests
    return Columns(
        address=tuple(ordered.addresses[test.number] for test in tests),
        link=tuple(ordered.links[test.number] for test in tests),
        number=tuple(test.number for test in tests),
        outcome=tuple(code_of(test.outcome) for test in tests),
        took_ms=tuple(_ms(test.duration_s) for test in tests),
        start_ms=tuple(_since(began, record) for record in deciding),
        attempts=tuple(len(counting_records(test)) for test in tests),
        cause=tuple(ordered.cause_of.get(test.number, NO_CAUSE) for test in tests),
        worker=tuple(lists.workers.place(record.worker) if record else -1 for record in deciding),
        suite=tuple(lists.suites.place(test.suite) for test in tests),
        target=tuple(lists.targets.place(test.target) for test in tests),
        tool=tuple(lists.tools.place(test.tool) for test in tests),
        tags=tuple(lists.tag_sets.place("\n".join(test.tags)) for test in tests),
        file=tuple(lists.files.place(test.file) for test in tests),
        line=tuple(test.line for test in tests),
        reason=tuple(lists.reasons.place(_reason(test)) for test in tests),
        warned=tuple(int(test.warned) for test in tests),
        block=(-1,) * len(tests),
        place=(-1,) * len(tests),
    )


def _reason(test: TestReport) -> str:
    return "" if test.outcome in (TestOutcome.PASSED, TestOutcome.FLAKY) else test.reason


def _earlier(
    tests: tuple[TestReport, ...], deciding: list[AttemptRecord | None], lists: _Lists, began: datetime
) -> EarlierAttempts:
    found = [
        (row, record)
        for row, test in enumerate(tests)
        if len(test.attempts) > 1
        for record in counting_records(test)
        if record is not deciding[row]
    ]
    return EarlierAttempts(
        row=tuple(row for row, _ in found),
        worker=tuple(lists.workers.place(record.worker) for _, record in found),
        start_ms=tuple(_since(began, record) for _, record in found),
        took_ms=tuple(_ms(record.duration_s) for _, record in found),
    )


def _causes(ordered: Ordered) -> tuple[IndexCause, ...]:
    return tuple(
        IndexCause(
            handle=handle,
            title=one_line(cause.title, MAX_WORD),
            is_new=bool(cause.cause_id) and cause.state is CauseState.NEW,
        )
        for cause, handle in zip(ordered.causes, ordered.handles, strict=True)
    )


def _since(began: datetime, record: AttemptRecord | None) -> int:
    return max(0, _ms((record.started_at - began).total_seconds())) if record else -1


def _run_ms(run: RunView, rows: Columns) -> int:
    if run.finished_at is not None:
        return _ms((run.finished_at - run.created_at).total_seconds())
    return max((start + took for start, took in zip(rows.start_ms, rows.took_ms, strict=True)), default=0)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
