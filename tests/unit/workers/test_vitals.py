"""Leases that are held, and who is told when one is lost."""

import time

from harness.leasing import Deadline
from workers.leases import Held, Lease
from workers.vitals import HeldLeases


def test_the_holder_of_a_lost_lease_is_told_as_long_as_it_holds_it() -> None:
    held, told = HeldLeases(), list[Held]()
    lease = Lease("r", 0, 1, "w", "t")
    held.add(lease, told.append)

    held.lose(Lease("r", 0, 1, "w", "t"), Held.LOST)
    held.remove(lease)
    held.lose(lease, Held.CANCELLED)

    assert told == [Held.LOST]
    assert held.all() == []


def test_the_worst_missed_deadline_counts() -> None:
    held = HeldLeases()
    now = time.monotonic()
    for number, at in enumerate((None, now + 60, now - 5, now - 1)):
        held.add(Lease("r", number, 1, "w", "t"), lambda _: None, Deadline(at))

    assert 5 <= held.overdue_s() < 6
    held.remove(Lease("r", 2, 1, "w", "t"))
    assert 1 <= held.overdue_s() < 2
