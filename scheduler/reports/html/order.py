"""In which order tests stand in the HTML report, to which cause each belongs, and what its link is called. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.models.causes import RunCause
from harness.models.outcomes import BAD, EXECUTED, TestOutcome
from harness.models.run import RunReport, TestReport
from scheduler.reports.causes import causes_of
from scheduler.reports.slow import SlowTerms
from scheduler.reports.wording import short_id

SLOW = SlowTerms()
NO_CAUSE = -1
SHORTEST_LINK = 12  # hex digits


@dataclass(frozen=True)
class Ordered:
    """The tests of a run, what did not pass first. `cause_of`: number of a test → place of its cause in `causes`.

    `handles`: what a search calls each cause: its id, or its place (from 1) where it has none.
    """

    tests: tuple[TestReport, ...]
    causes: tuple[RunCause, ...]
    handles: tuple[str, ...]
    cause_of: Mapping[int, int]
    links: Mapping[int, str]
    addresses: Mapping[int, str]

    def filter_of(self, place: int) -> str:
        """The search that finds the tests of the cause at `place`; one signature on many servers names those."""
        handle = self.handles[place]
        shared = self.handles.count(handle) > 1
        servers = "".join(f" t:{quoted(target)}" for target in self.causes[place].targets) if shared else ""
        return f"c:{handle}{servers}"


def in_order(report: RunReport) -> Ordered:
    """Bad tests by cause, then flaky and warned ones, then those without a result, then the rest as planned."""
    causes = causes_of(report)
    cause_of: dict[int, int] = {}
    for place, cause in enumerate(causes):
        for number in cause.tests:
            cause_of.setdefault(number, place)
    tests = tuple(sorted(report.tests, key=lambda test: _rank(test, cause_of)))
    addresses = {test.number: short_id(test.test_id) for test in tests}
    handles = tuple(cause.cause_id or str(place) for place, cause in enumerate(causes, 1))
    return Ordered(tests, causes, handles, cause_of, _links(addresses), addresses)


def is_slow(test: TestReport) -> bool:
    """It was carried out and took ten seconds or more."""
    return SLOW.is_slow(test)


def quoted(text: str) -> str:
    """A value of a search token: in quotes where it would fall apart without."""
    return f'"{text}"' if any(character.isspace() or character == '"' for character in text) else text


def _rank(test: TestReport, cause_of: Mapping[int, int]) -> tuple[int, int, int]:
    if test.outcome in BAD:
        return (0, cause_of.get(test.number, len(cause_of)), test.number)
    if test.outcome is TestOutcome.FLAKY:
        return (1, 0, test.number)
    if test.warned:
        return (2, 0, test.number)
    return (4 if test.outcome in EXECUTED else 3, 0, test.number)


def _links(addresses: Mapping[int, str]) -> dict[int, str]:
    """The shortest beginnings of the hashes of all addresses that are all different, so that links outlive a run."""
    hashes = {number: hashlib.sha256(address.encode()).hexdigest() for number, address in addresses.items()}
    length = SHORTEST_LINK
    while length < 64 and _clash(tuple(hashes.values()), length):
        length += 4
    return {number: digest[:length] for number, digest in hashes.items()}


def _clash(digests: Sequence[str], length: int) -> bool:
    return len({digest[:length] for digest in digests}) < len(set(digests))
