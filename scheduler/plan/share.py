"""Whose turn it is to have a test published. Pure: weighted fair queueing over projects, then runs, then suites.

Each project has a virtual time, the seconds of test time it was given divided by its weight; the one that is furthest
behind is next (start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996). Because nothing runs that was not
published, shares of what is published are shares of the slots, whatever order workers take messages in. A project that
had nothing to do does not save up: it starts where the others are.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Room:
    """How many units may be published now: of interactive runs before all others, and altogether."""

    first: int
    total: int


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

    Interactive runs get up to `room.first`, then the others, then whoever still wants.
    """
    turn = _Turn(claims, busy, books)
    fast = [claim for claim in claims if claim.lane is Lane.INTERACTIVE]
    slow = [claim for claim in claims if claim.lane is not Lane.INTERACTIVE]
    left = room.total - turn.give(fast, min(room.first, room.total))
    left -= turn.give(slow, left)
    turn.give(fast, left)
    return Shares({key: count for key, count in turn.counts.items() if count}, turn.times)


class _Turn:
    """One round of giving out."""

    def __init__(self, claims: Iterable[Claim], busy: Mapping[str, int], books: Books) -> None:
        self._busy = defaultdict(int, busy)
        self._books = books
        self.counts: dict[SuiteKey, int] = defaultdict(int)
        active = sorted({claim.project for claim in claims})
        self.times = _times(active, books)

    def give(self, claims: Sequence[Claim], free: int) -> int:
        """Give up to `free` units to these claims; tells how many."""
        projects: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            projects[claim.project].append(claim)
        waiting = [(self.times[project], project) for project in projects]
        heapq.heapify(waiting)
        given = 0
        while waiting and given < free:
            _, project = heapq.heappop(waiting)
            chosen = self._next_of(projects[project])
            if chosen is None:
                continue
            self._take(chosen)
            given += 1
            heapq.heappush(waiting, (self.times[project], project))
        return given

    def _next_of(self, claims: Sequence[Claim]) -> Claim | None:
        """Of the run that has the fewest units in flight, the suite that has the fewest; the oldest of equals."""
        wanting = [claim for claim in claims if self._wants(claim)]
        if not wanting:
            return None
        of_run: dict[str, int] = defaultdict(int)
        for claim in claims:
            of_run[claim.key[0]] += self._in_flight(claim)
        return min(wanting, key=lambda claim: (of_run[claim.key[0]], self._in_flight(claim)))

    def _wants(self, claim: Claim) -> bool:
        return self.counts[claim.key] < claim.ready and self._busy[claim.target] < claim.cap

    def _in_flight(self, claim: Claim) -> int:
        return claim.in_flight + self.counts[claim.key]

    def _take(self, claim: Claim) -> None:
        self.counts[claim.key] += 1
        self._busy[claim.target] += 1
        self.times[claim.project] += _step(claim.project, self._books)


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
