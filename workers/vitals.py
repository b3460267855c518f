"""What is known of this process while it runs: leases held, messages taken, the loop's pulse. No I/O, no decisions.

Written on the loop, read by the lifecycle thread; all of it is safe for one writer and one reader.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.leasing import Deadline
from harness.pulse import Pulse
from workers.health import Consumption
from workers.leases import Held, Lease


class HeldLeases:
    """The leases that this process holds, each with what to do when it loses it."""

    def __init__(self) -> None:
        self._on_loss: dict[Lease, Callable[[Held], None]] = {}
        self._deadlines: dict[Lease, Deadline] = {}

    def add(self, lease: Lease, on_loss: Callable[[Held], None], deadline: Deadline | None = None) -> None:
        """Keep `lease` alive from now on."""
        self._on_loss[lease] = on_loss
        if deadline is not None:
            self._deadlines[lease] = deadline

    def remove(self, lease: Lease) -> None:
        """It was recorded or given back."""
        self._on_loss.pop(lease, None)
        self._deadlines.pop(lease, None)

    def lose(self, lease: Lease, held: Held) -> None:
        """Tell its holder, unless it ended meanwhile."""
        if on_loss := self._on_loss.get(lease):
            on_loss(held)

    def all(self) -> list[Lease]:
        """All of them. Safe from any thread."""
        return list(self._on_loss)

    def overdue_s(self) -> float:
        """By how many seconds the worst call missed its hard limit. Safe from any thread."""
        return max((deadline.overdue_s() for deadline in list(self._deadlines.values())), default=0.0)


@dataclass(frozen=True)
class Vitals:
    """All together. `at_gate` names, as `farm:beats` does, the tests that are here and have not taken their leases."""

    consumption: Consumption
    pulse: Pulse = field(default_factory=Pulse)
    held: HeldLeases = field(default_factory=HeldLeases)
    at_gate: set[str] = field(default_factory=set)
