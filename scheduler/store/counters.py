"""Owns the table of counters: figures for /metrics that only grow, added in the transaction of what they count.

tests             {suite, target, outcome}   tests that ended, groups once they can no longer start again
response_bucket   {suite, target, le}        calls answered within `le` seconds and above the next lower bound
response_sum      {suite, target}            seconds of all those calls
records_stale     {}                         records under a lease that was no longer current
records_poison    {}                         entries of a stream that could not be read
records_duplicate {}                         records that came again
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from scheduler.store.database import insert_into
from scheduler.store.tables import COUNTERS
from scheduler.store.values import storable

TESTS = "tests"
RESPONSE_BUCKET = "response_bucket"
RESPONSE_SUM = "response_sum"
RECORDS_STALE = "records_stale"
RECORDS_POISON = "records_poison"
RECORDS_DUPLICATE = "records_duplicate"

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, float("inf"))
MAX_LABEL = 200

Key = tuple[str, str]
"""A counter's name and its labels as canonical JSON."""

_Labels = tuple[tuple[str, str], ...]
_Labelled = tuple[str, _Labels]
"""The same before it is written: as JSON once for a transaction, not once for a record."""


class Increments:
    """Additions gathered during a transaction and written at its end, in one order for all writers."""

    def __init__(self) -> None:
        self._added: dict[_Labelled, float] = defaultdict(float)

    def test(self, suite: str, target: str, outcome: str, count: int = 1) -> None:
        """`count` tests ended."""
        self._added[TESTS, (("suite", suite), ("target", target), ("outcome", outcome))] += count

    def response(self, suite: str, target: str, seconds: float) -> None:
        """One call was answered."""
        series = ("suite", suite), ("target", target)
        bound = BUCKETS_S[bisect_left(BUCKETS_S, seconds)]
        self._added[RESPONSE_BUCKET, (*series, ("le", str(bound)))] += 1
        self._added[RESPONSE_SUM, series] += seconds

    def plain(self, name: str, count: int) -> None:
        """A counter without labels."""
        self._added[name, ()] += count

    def write(self, session: Session) -> None:
        """Add everything to the table."""
        rows = [{"name": name, "labels": labels, "value": value} for (name, labels), value in self._sorted() if value]
        if not rows:
            return
        statement = insert_into(session, COUNTERS)
        grown = {"value": COUNTERS.c.value + statement.excluded.value}
        connection = session.connection()
        connection.execute(statement.on_conflict_do_update(index_elements=["name", "labels"], set_=grown), rows)

    def _sorted(self) -> Iterable[tuple[Key, float]]:
        stored: dict[Key, float] = defaultdict(float)
        for (name, labels), value in self._added.items():
            stored[_key(name, labels)] += value
        return sorted(stored.items())  # two writers that lock rows in one order cannot wait for each other


@dataclass(frozen=True)
class Histogram:
    """Response times of one target in one suite. `cumulative` goes with `BUCKETS_S`; the last is the count."""

    cumulative: tuple[int, ...]
    sum_s: float

    @property
    def count(self) -> int:
        """How many calls."""
        return self.cumulative[-1]

    def quantile(self, share: float) -> float | None:
        """Seconds within which `share` of the calls were answered, interpolated as PromQL does it; None if empty."""
        if not self.count:
            return None
        rank = share * self.count
        index = next(i for i, total in enumerate(self.cumulative) if total >= rank and total)
        upper = BUCKETS_S[index]
        lower = BUCKETS_S[index - 1] if index else 0.0
        below = self.cumulative[index - 1] if index else 0
        if upper == float("inf"):
            return lower
        return lower + (upper - lower) * max(0.0, rank - below) / (self.cumulative[index] - below)


@dataclass(frozen=True, order=True)
class Series:
    """One suite against one target."""

    suite: str
    target: str


def test_totals(session: Session) -> dict[Series, dict[str, int]]:
    """Tests that ended since the farm began, by series and outcome."""
    totals: dict[Series, dict[str, int]] = defaultdict(dict)
    for labels, value in _read(session, TESTS):
        totals[_series(labels)][labels["outcome"]] = int(value)
    return dict(totals)


test_totals.__test__ = False  # type: ignore[attr-defined]  # pytest would take an imported function for a test


def response_times(session: Session) -> dict[Series, Histogram]:
    """Histograms of answered calls by series."""
    counts: dict[Series, dict[float, int]] = defaultdict(lambda: defaultdict(int))
    for labels, value in _read(session, RESPONSE_BUCKET):
        counts[_series(labels)][float(labels["le"])] += int(value)
    sums = {_series(labels): value for labels, value in _read(session, RESPONSE_SUM)}
    return {series: _histogram(found, sums.get(series, 0.0)) for series, found in counts.items()}


def plain_total(session: Session, name: str) -> int:
    """A counter without labels."""
    return sum(int(value) for _, value in _read(session, name))


def _histogram(counts: Mapping[float, int], sum_s: float) -> Histogram:
    total, cumulative = 0, []
    for bound in BUCKETS_S:
        total += counts.get(bound, 0)
        cumulative.append(total)
    return Histogram(tuple(cumulative), sum_s)


def _read(session: Session, name: str) -> list[tuple[dict[str, str], float]]:
    rows = session.connection().execute(select(COUNTERS.c.labels, COUNTERS.c.value).where(COUNTERS.c.name == name))
    return [(json.loads(labels), value) for labels, value in rows]


def _series(labels: Mapping[str, str]) -> Series:
    return Series(labels["suite"], labels["target"])


def _key(name: str, labels: _Labels) -> Key:
    bounded = {key: storable(value)[:MAX_LABEL] for key, value in labels}
    return name, json.dumps(bounded, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
