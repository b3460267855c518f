"""What makes two failures one: the signature of a test that did not pass. Pure.

Neither values nor server nor worker are part of it, so that a cause keeps its id over days, versions and machines.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from harness.models.attempt import AttemptRecord, CheckFailure
from harness.models.outcomes import CauseKind
from harness.models.run import TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.cause_text import normal_form
from scheduler.reports.found_type import surprising_type

SIGNATURE_VERSION = 1
"""Counts up with every change of what signatures are made of: until then a cause has the id that it had."""
MAX_TITLE, MAX_ITEM = 200, 300
KEY_DIGITS = 16
EVIDENCE = "at last: "
"""What stands before the evidence in the reason of a test that was not tried."""

_WHERE = re.compile(r"( \(on [^()]*\))?$")
_INDEX = re.compile(r"\[\d+\]")
_DOTTED_INDEX = re.compile(r"(?<=\.)\d+(?=[.\[]|$)")

_OF_AN_ITEM = frozenset(
    {
        CauseKind.CHECK,
        CauseKind.UNEXPECTED_ERROR,
        CauseKind.TIME_LIMIT,
        CauseKind.JUDGING,
        CauseKind.NO_SUCH_TOOL,
        CauseKind.POISON,
    }
)
"""Kinds that are about one tool, resource or prompt. The others are about what all of them share."""
_WITHOUT_TEXT = frozenset({CauseKind.TIME_LIMIT, CauseKind.POISON, CauseKind.NO_SUCH_TOOL})
LOSSES = frozenset({CauseKind.INFRASTRUCTURE, CauseKind.WORKER_LOST, CauseKind.HANDED_BACK})
"""Say nothing about the server."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is seen of one test that did not pass: of the attempt that decided, where there was one."""

    number: int
    target: str
    item: str
    kind: CauseKind | None
    reason: str
    worker: str = ""
    failure: CheckFailure | None = None

    @property
    def is_untried(self) -> bool:
        """It ended because others had shown that its server does not start."""
        return self.kind is CauseKind.SERVER_UNREACHABLE


@dataclass(frozen=True, slots=True)
class Signature:
    """`phase` is the step that did not pass, `item` the tool, resource or prompt where the trouble is its own."""

    kind: str
    phase: str
    item: str
    text: str

    @property
    def key(self) -> str:
        """16 hex digits that name it."""
        parts = json.dumps([SIGNATURE_VERSION, self.kind, self.phase, self.item, self.text])
        return hashlib.sha256(parts.encode()).hexdigest()[:KEY_DIGITS]

    @property
    def family(self) -> str:
        """What several signatures have in common that differ in their texts alone."""
        return " · ".join(part for part in (self.kind, self.phase, self.item) if part)

    @property
    def title(self) -> str:
        """What is wrong, on one line, without values."""
        return one_line(_TITLES.get(self.kind, "{text}").format(text=self.text, phase=self.phase or "call"), MAX_TITLE)


def symptom_of(test: TestReport) -> Symptom:
    """What is seen of `test`."""
    record = deciding_record(test)
    return Symptom(
        number=test.number,
        target=test.target,
        item=test.tool,
        kind=test.cause,
        reason=test.reason or (record.reason if record else ""),
        worker=record.worker if record else "",
        failure=_first(record),
    )


def signature_of(symptom: Symptom) -> Signature:
    """The signature of what is seen."""
    kind, failure = _kind(symptom), symptom.failure
    return Signature(
        kind=kind.value if kind else "unknown",
        phase=one_line(failure.step, MAX_ITEM) if failure else "",
        item=one_line(symptom.item, MAX_ITEM) if kind in _OF_AN_ITEM else "",
        text="" if kind in _WITHOUT_TEXT or kind in LOSSES else _text(symptom, kind),
    )


def _first(record: AttemptRecord | None) -> CheckFailure | None:
    return record.failures[0] if record and record.failures else None


def _kind(symptom: Symptom) -> CauseKind | None:
    """A server that was given up is one that did not start, or was not installed; whoever lost a test, it is lost."""
    if symptom.is_untried:
        is_install = _message(symptom).startswith(f"{CauseKind.INSTALL_FAILED}: ")
        return CauseKind.INSTALL_FAILED if is_install else CauseKind.SERVER_UNAVAILABLE
    if symptom.kind in LOSSES:
        return CauseKind.INFRASTRUCTURE
    return symptom.kind or (CauseKind.CHECK if symptom.failure else None)


def _text(symptom: Symptom, kind: CauseKind | None) -> str:
    failure = symptom.failure
    if failure and kind is CauseKind.UNEXPECTED_ERROR:
        return normal_form(failure.actual)
    if failure:
        kind_found = surprising_type(failure)
        found = f", got {kind_found}" if kind_found else ""
        return one_line(f"{_without_indexes(failure.title)}{found}", MAX_TITLE)
    return normal_form(_message(symptom).removeprefix(f"{kind}: "))


def _message(symptom: Symptom) -> str:
    """Of a test that was not tried: what was seen of its server before, without the worker that saw it."""
    if not symptom.is_untried:
        return symptom.reason
    _, known, evidence = symptom.reason.partition(EVIDENCE)
    return _WHERE.sub("", evidence) if known else symptom.reason


def _without_indexes(title: str) -> str:
    return _DOTTED_INDEX.sub("*", _INDEX.sub("[*]", title))


_TITLES = {
    CauseKind.SERVER_UNAVAILABLE.value: "the server did not start",
    CauseKind.TIME_LIMIT.value: "no answer in phase {phase}",
    CauseKind.INFRASTRUCTURE.value: "the tests were lost, not the server's fault",
    CauseKind.POISON.value: "it took down the workers that tried it",
    CauseKind.NO_SUCH_TOOL.value: "the server does not offer it",
    CauseKind.UNEXPECTED_ERROR.value: "unexpected error: {text}",
    CauseKind.SERVER_DIED.value: "the server died: {text}",
    CauseKind.PROTOCOL.value: "protocol fault: {text}",
    CauseKind.HARNESS.value: "a fault of this program: {text}",
}
