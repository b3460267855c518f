"""The causes of a run: tests that did not pass, put together by what is wrong, whatever their number. Pure.

Every test that did not pass belongs to exactly one cause. A server that cannot be started is one, and so is a trouble
that three servers or more have in the same words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.models.causes import CauseState, RunCause
from harness.models.outcomes import BAD, CauseKind
from harness.models.run import RunReport, TestReport
from harness.safe_text import one_line
from scheduler.reports.attempts import deciding_record
from scheduler.reports.cause_signature import LOSSES, Signature, Symptom, signature_of, symptom_of
from scheduler.reports.cause_text import normal_form
from scheduler.reports.wording import MAX_TEXT

MAX_CAUSES = 1_000
"""Of one run. The smallest beyond are put together by kind alone."""
SHARED_SERVERS, SHARED_LETTERS = 3, 12

Place = tuple[Signature, str]
"""A signature, and the server that has it; of what was lost, the worker."""


@dataclass
class Group:
    """Tests of one signature on one server (or lost by one worker), by number. The first one is shown."""

    signature: Signature
    example: Symptom
    targets: dict[str, None] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def add(self, symptom: Symptom) -> None:
        """One more test."""
        self.targets[symptom.target] = None
        self.numbers.append(symptom.number)


def find_causes(tests: Iterable[TestReport]) -> tuple[RunCause, ...]:
    """The causes of what did not pass among `tests`, all of them as new. The largest first, servers before checks."""
    bad = {test.number: test for test in tests if test.outcome in BAD}
    groups = group_symptoms(symptom_of(test) for test in bad.values())
    causes = [_cause(together, bad) for together in _shared(groups, bad)]
    return in_order(_bounded(causes))


def causes_of(report: RunReport) -> tuple[RunCause, ...]:
    """The causes that `report` tells; one of an older program told none, and has them found."""
    return report.causes or find_causes(report.tests)


def by_number(report: RunReport) -> Mapping[int, TestReport]:
    """The tests by their numbers, to be made once: a run may have 100,000."""
    return {test.number: test for test in report.tests}


def tests_of(cause: RunCause, tests: Mapping[int, TestReport]) -> tuple[TestReport, ...]:
    """The tests of a cause, the example first; numbers that the report does not have are passed over."""
    numbers = dict.fromkeys((cause.example, *cause.tests))
    return tuple(tests[number] for number in numbers if number in tests)


def group_symptoms(symptoms: Iterable[Symptom]) -> tuple[Group, ...]:
    """One group per signature and server. Tests that were not tried follow the start of their server that failed."""
    groups: dict[Place, Group] = {}
    starts: dict[str, Group] = {}
    untried: list[Symptom] = []
    for symptom in symptoms:
        if symptom.is_untried:
            untried.append(symptom)
            continue
        group = _group(groups, symptom)
        if symptom.kind in (CauseKind.SERVER_UNAVAILABLE, CauseKind.INSTALL_FAILED):
            known = starts.setdefault(symptom.target, group)
            starts[symptom.target] = max(known, group, key=lambda one: len(one.numbers))
    for symptom in untried:
        (starts.get(symptom.target) or _group(groups, symptom, add=False)).add(symptom)
    return tuple(groups.values())


def in_order(causes: Iterable[RunCause]) -> tuple[RunCause, ...]:
    """New ones first; of these what took down servers or workers, then the largest."""
    return tuple(
        sorted(
            causes,
            key=lambda cause: (
                cause.state is not CauseState.NEW,
                not (cause.is_server_down or cause.family in LOSSES),
                -len(cause.tests),
                cause.targets,
                cause.title,
                cause.example,
            ),
        )
    )


def _group(groups: dict[Place, Group], symptom: Symptom, *, add: bool = True) -> Group:
    signature = signature_of(symptom)
    where = symptom.worker if symptom.kind in LOSSES else symptom.target
    group = groups.setdefault((signature, where), Group(signature, symptom))
    if add:
        group.add(symptom)
    return group


def _shared(groups: Sequence[Group], tests: dict[int, TestReport]) -> Iterable[Sequence[Group]]:
    """Groups that are one cause: each for itself, or those of many servers that have the same trouble."""
    alike: dict[tuple[Signature, str], list[Group]] = defaultdict(list)
    for group in groups:
        alike[group.signature, _evidence(group, tests)].append(group)
    for (signature, _), members in alike.items():
        letters = sum(character.isalpha() for character in signature.text)
        if len(members) >= SHARED_SERVERS and letters >= SHARED_LETTERS:
            yield members
        else:
            yield from ([member] for member in members)


def _evidence(group: Group, tests: dict[int, TestReport]) -> str:
    """Servers that do not start say why in their last line: `exit code 1` alone makes them no common cause."""
    if group.signature.kind != CauseKind.SERVER_UNAVAILABLE:
        return ""
    record = deciding_record(tests[group.example.number])
    lines = [line for line in record.stderr_tail.splitlines() if line.strip()] if record else []
    return normal_form(lines[-1]) if lines else ""


def _cause(groups: Sequence[Group], tests: dict[int, TestReport]) -> RunCause:
    largest = max(groups, key=lambda group: len(group.numbers))
    signature, example = largest.signature, largest.example
    others = sorted({number for group in groups for number in group.numbers} - {example.number})
    targets = sorted({target for group in groups for target in group.targets})
    record = deciding_record(tests[example.number])
    said = str(example.failure) if example.failure else example.reason or str(tests[example.number].outcome)
    return RunCause(
        cause_id=f"c{signature.key[:8]}",
        key=signature.key,
        targets=tuple(targets),
        title=_title(signature, record.worker if record else ""),
        family=signature.family,
        example=example.number,
        example_text=one_line(said, MAX_TEXT),
        tests=(example.number, *others),
        is_server_down=signature.kind == CauseKind.SERVER_UNAVAILABLE,
    )


def _title(signature: Signature, worker: str) -> str:
    if signature.kind == CauseKind.INFRASTRUCTURE and worker:
        return one_line(f"lost with worker {worker}", MAX_TEXT)
    return signature.title


def _bounded(causes: Sequence[RunCause]) -> list[RunCause]:
    """At most about MAX_CAUSES: a server that words each failure anew does not make a report of a million lines."""
    ordered = sorted(causes, key=lambda cause: -len(cause.tests))
    rest: dict[str, list[RunCause]] = defaultdict(list)
    for cause in ordered[MAX_CAUSES:]:
        rest[cause.family.split(" · ")[0]].append(cause)
    return [*ordered[:MAX_CAUSES], *(_folded(kind, members) for kind, members in rest.items())]


def _folded(kind: str, causes: Sequence[RunCause]) -> RunCause:
    first = causes[0]
    signature = Signature(kind, "", "", "many")
    return first.model_copy(
        update={
            "cause_id": f"c{signature.key[:8]}",
            "key": signature.key,
            "family": kind,
            "title": f"{len(causes):,} more causes of the kind '{kind}'",
            "targets": tuple(sorted({target for cause in causes for target in cause.targets})),
            "tests": (first.example, *sorted({n for cause in causes for n in cause.tests} - {first.example})),
        }
    )
