"""The truth about a run, as a file: what must become of every test. Written by `truth`, read by the checker."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Planned:
    """One test and what may become of it. `calls` is its name in the servers' call logs; empty: it makes no call."""

    test_id: str
    outcomes: tuple[str, ...]
    calls: str = ""
    max_attempts: int = 1
    idempotent: bool = True

    def or_else(self, *outcomes: str) -> "Planned":
        """The same test where a fault allows further outcomes."""
        return Planned(self.test_id, (*self.outcomes, *outcomes), self.calls, self.max_attempts, self.idempotent)


@dataclass(frozen=True)
class Truth:
    """All tests of a run. `canary` must appear in no output; the run must end within deadline and grace (seconds)."""

    seed: int
    canary: str
    deadline_s: float
    grace_s: float
    tests: tuple[Planned, ...]

    def write(self, file: Path) -> None:
        """As JSON."""
        file.write_text(json.dumps(asdict(self), indent=1))


def read_truth(file: Path) -> Truth:
    """What `write` wrote."""
    body = json.loads(file.read_text())
    tests = tuple(Planned(**{**test, "outcomes": tuple(test["outcomes"])}) for test in body.pop("tests"))
    return Truth(**body, tests=tests)
