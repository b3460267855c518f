"""Whose turn it is to have a test published. Pure: weighted fair queueing over projects, then runs, then suites.

Each project has a virtual time, the seconds of test time it was given divided by its weight; the one that is furthest
behind is next (start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996). Because nothing runs that was not
published, shares of what is published are shares of the slots, whatever order workers take messages in. A project that
had nothing to do does not save up: it starts where the others are.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from harness.models.run import Lane

DEFAULT_COST_S = 1.0
"""What a test costs while nothing is known of any; later, of a new project, what it costs the others."""

MAX_CREDIT = 4
"""Tests that a project may be behind, and catch up at once."""

SuiteKey = tuple[str, int]
"""Run and number of the plan."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A suite of a run that has ready units. `cap` is for its target, over all runs; `in_flight` its own units."""

    key: SuiteKey
    project: str
    target: str
    cap: int
    ready: int
    in_flight: int = 0
    lane: Lane = Lane.BATCH


_Place = tuple[int, int, Claim]
"""Units in flight, age, and whose they are: what orders the suites of a run."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many units may be published now: `first` of interactive runs and `kept` of others in any case,
    `total` of all."""

    first: int
    total: int
    kept: int = 0


@dataclass(frozen=True)
class Books:
    """What is known of projects: weight (1 where nothing is said), seconds of a test, virtual time.

    `times` holds those that had something in flight or waiting last time.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    costs_s: Mapping[str, float] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Shares:
    """How many units of each suite are published now, and the virtual times afterwards."""

    counts: dict[SuiteKey, int]
    times: dict[str, float]


def share_out(room: Room, claims: Sequence[Claim], busy: Mapping[str, int], books: Books) -> Shares:
    """Give out `room` unit by unit. `busy`: units in flight of each target. Claims stand in order of age.

    Interactive runs get up to `room.first`, even beyond the total, then the others, then whoever still wants.
    """
    turn = _Turn(claims, busy, books)
    fast = [claim for claim in claims if claim.lane is Lane.INTERACTIVE]
    slow = [claim for claim in claims if claim.lane is not Lane.INTERACTIVE]
    left = max(0, room.total - turn.give(fast, room.first))
    left -= turn.give(slow, max(left, room.kept))
    turn.give(fast, max(0, left))
    return Shares({key: count for key, count in turn.counts.items() if count}, turn.times)


class _Turn:
    """One round of giving out."""

    def __init__(self, claims: Sequence[Claim], busy: Mapping[str, int], books: Books) -> None:
        self._busy = defaultdict(int, busy)
        self._books = books
        self.counts = {claim.key: 0 for claim in claims}
        active = sorted({claim.project for claim in claims})
        self.times = _times(active, books)

    def give(self, claims: Sequence[Claim], free: int) -> int:
        """Give up to `free` units to these claims; tells how many."""
        lines = self._lines(claims)
        waiting = [(self.times[project], project) for project in lines]
        heapq.heapify(waiting)
        given = 0
        while waiting and given < free:
            _, project = heapq.heappop(waiting)
            chosen = lines[project].next(self._wants)
            if chosen is None:
                continue
            self._take(chosen)
            given += 1
            heapq.heappush(waiting, (self.times[project], project))
        return given

    def _lines(self, claims: Sequence[Claim]) -> dict[str, "_Line"]:
        projects: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            projects[claim.project].append(claim)
        return {project: _Line(own, self.counts) for project, own in projects.items()}

    def _wants(self, claim: Claim) -> bool:
        return self.counts[claim.key] < claim.ready and self._busy[claim.target] < claim.cap

    def _take(self, claim: Claim) -> None:
        self.counts[claim.key] += 1
        self._busy[claim.target] += 1
        self.times[claim.project] += _step(claim.project, self._books)


class _Line:
    """The claims of one project in the order of their turns: of the run that has the fewest units in flight, the suite
    that has the fewest; the oldest of equals.

    Heaps whose keys may be too small, never too large: a claim that wants no more is found when its turn comes.
    """

    def __init__(self, claims: Sequence[Claim], counts: Mapping[SuiteKey, int]) -> None:
        self._suites: dict[str, list[_Place]] = defaultdict(list)
        self._busy: dict[str, int] = defaultdict(int)
        for age, claim in enumerate(claims):
            in_flight = claim.in_flight + counts[claim.key]
            self._suites[claim.key[0]].append((in_flight, age, claim))
            self._busy[claim.key[0]] += in_flight
        for suites in self._suites.values():
            heapq.heapify(suites)
        self._runs = [self._key(run) for run in self._suites]
        heapq.heapify(self._runs)

    def next(self, wants: Callable[[Claim], bool]) -> Claim | None:
        """Whose turn it is, and count one more unit of it; None when no claim `wants` any."""
        while self._runs:
            run = self._runs[0][-1]
            suites = self._suites[run]
            while suites and not wants(suites[0][-1]):
                heapq.heappop(suites)
            if not suites:
                heapq.heappop(self._runs)
            elif self._runs[0] == self._key(run):
                return self._take(run)
            else:
                heapq.heapreplace(self._runs, self._key(run))
        return None

    def _take(self, run: str) -> Claim:
        in_flight, age, claim = self._suites[run][0]
        heapq.heapreplace(self._suites[run], (in_flight + 1, age, claim))
        self._busy[run] += 1
        heapq.heapreplace(self._runs, self._key(run))
        return claim

    def _key(self, run: str) -> tuple[int, int, int, str]:
        in_flight, age, _ = self._suites[run][0]
        return self._busy[run], in_flight, age, run


def _times(active: Sequence[str], books: Books) -> dict[str, float]:
    """Virtual times to begin with: who is new starts with the one that is furthest behind, and nobody, held back by a
    cap of its own, is more than a few tests behind the first."""
    known = [books.times[project] for project in active if project in books.times]
    first, last = max(known, default=0.0), min(known, default=0.0)
    behind = MAX_CREDIT * max((_step(project, books) for project in active), default=0.0)
    floor = max(last, first - behind)
    return {project: max(books.times.get(project, floor), floor) for project in active}


def _step(project: str, books: Books) -> float:
    """By how much one test moves a project on."""
    known = books.costs_s
    usual_s = fmean(known.values()) if known else DEFAULT_COST_S
    return known.get(project, usual_s) / books.weights.get(project, 1.0)
