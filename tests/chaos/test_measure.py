"""Recovery times are those of leases that were lost, and a row is clean when nothing was found."""

from tests.chaos.evidence import StoredAttempt
from tests.chaos.measure import Figures, recoveries
from tests.chaos.report import render
from tests.chaos.scene import Mark


def attempt(lease: int, outcome: str, started_ms: int, *, stale: bool = False, worker: str = "w1") -> StoredAttempt:
    return StoredAttempt(0, lease, outcome, worker, started_ms, started_ms + 1, stale, False, {})


def test_a_lost_lease_recovers_when_the_next_one_starts() -> None:
    attempts = {0: [attempt(1, "lost", 900), attempt(2, "passed", 3_500)]}
    assert list(recoveries([Mark("r", 0, 1, 1_000)], attempts, set())) == [2.5]


def test_the_next_lease_counts_also_when_it_is_lost_itself() -> None:
    attempts = {0: [attempt(2, "lost", 3_000), attempt(3, "passed", 9_000)]}
    assert list(recoveries([Mark("r", 0, 1, 1_000)], attempts, set())) == [2.0]


def test_a_lease_that_was_recorded_needs_no_recovery() -> None:
    attempts = {0: [attempt(1, "failed", 900), attempt(2, "passed", 3_500)]}
    assert list(recoveries([Mark("r", 0, 1, 1_000)], attempts, set())) == []


def test_stale_records_and_wrong_clocks_do_not_count() -> None:
    attempts = {0: [attempt(2, "passed", 2_000, stale=True), attempt(2, "passed", 3_000, worker="w2")]}
    assert list(recoveries([Mark("r", 0, 1, 1_000)], attempts, {"w2"})) == []


def test_the_page_shows_what_rounds_add_up_to() -> None:
    rows = Figures("fall", 1, 500, 0, 0, 2, (1.0, 2.0)).plus(Figures("fall", 2, 600, 1, 0, 0, (9.0,), ("lost: it",)))
    assert not rows.is_clean
    page = render([rows], "make chaos", "2 cores", 4)
    assert "| fall | 3 | 1100 | 1 | 0 | 2 | 2.0 s | 9.0 s | 9.0 s | 1 |" in page
    assert "- fall: lost: it" in page
