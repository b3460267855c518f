"""Suites of known truth, from a seed: what every test must become is decided here, before any farm sees it."""

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tests.chaos.planned import Planned, Truth
from tests.conftest import SERVERS

PROJECT = "default"
TARGETS = ("alpha", "beta", "gamma")
"""Their suites bear the same names behind the run's name."""
RETRIED = "delta"
"""The target whose suite has a retry policy; where retries are off it has none, and no flaky test."""
RETRIES = 2
RETRIES_ON = True
"""Puts a suite with flaky tests into every run; off for products that know no retry policy."""
LONG, LONG_MS = "long", 3000
"""One test of each suite takes so long that something can be done to it meanwhile."""
CHAIN = 4
"""Tests in a group, each depending on the one before."""
SHARES = {
    "wrong": 0.05,
    "is_error": 0.03,
    "refuse": 0.02,
    "no_tool": 0.02,
    "slow": 0.01,
    "skip": 0.02,
    "once": 0.04,
    "chain": 0.16,
}
"""Of the tests of a suite; the rest passes. A chain counts with all its members. What may be called once (`idempotent:
false`) ends as an error where a fault came between its call and its record."""
TIME_LIMIT_S = 1
DEADLINE_S, GRACE_S = 240.0, 60.0


@dataclass(frozen=True)
class Size:
    """How large a run is: tests in all, milliseconds that one takes on average, and whether retries are on."""

    tests: int = 560
    sleep_ms: int = 60
    retries: bool = RETRIES_ON
    max_concurrency: int = 8


@dataclass(frozen=True)
class Place:
    """Where a run's files are: suites, and what its servers write (call log, counts, the file that closes a target)."""

    folder: Path

    @property
    def suites(self) -> Path:
        """The folder to submit."""
        return self.folder / "suites"

    @property
    def calls(self) -> Path:
        """Call logs, one per target."""
        return self.folder / "calls"

    @property
    def counts(self) -> Path:
        """One file per flaky test, a byte per call."""
        return self.folder / "counts"

    @property
    def truth(self) -> Path:
        """The truth as a file."""
        return self.folder / "truth.json"

    def closed(self, target: str) -> Path:
        """While this file exists the target does not start."""
        return self.folder / f"{target}.closed"


def generate(place: Place, name: str, seed: int, size: Size) -> Truth:
    """Write suites and truth below `place`; `name` tells this run's suites from those of others."""
    chance = random.Random(f"{seed} {name}")
    for folder in (place.suites, place.calls, place.counts):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (place.folder, place.calls, place.counts):
        folder.chmod(0o777)  # servers may run as another user
    targets = (*TARGETS, RETRIED) if size.retries else TARGETS
    canary = f"canary-{chance.getrandbits(64):x}"
    planned: list[Planned] = []
    for target, count in zip(targets, _split(size.tests, len(targets)), strict=True):
        suite = _Suite(name, target, size, chance)
        tests = suite.retried(count) if target == RETRIED else suite.plain(count)
        _write(place, suite, canary, [body for body, _ in tests])
        planned += [test for _, test in tests]
    truth = Truth(seed, canary, DEADLINE_S, GRACE_S, tuple(planned))
    truth.write(place.truth)
    return truth


def _split(total: int, parts: int) -> list[int]:
    return [total // parts + (part < total % parts) for part in range(parts)]


Made = tuple[dict[str, Any], Planned]
"""A test as the suite has it, and its truth."""


@dataclass(frozen=True)
class _Suite:
    """Makes the tests of one suite."""

    run: str
    target: str
    size: Size
    chance: random.Random

    @property
    def name(self) -> str:
        return f"{self.run}-{self.target}"

    def plain(self, count: int) -> list[Made]:
        """Tests without retries; a failure fails."""
        kinds = [
            kind
            for kind, share in SHARES.items()
            for _ in range(int(count * share) // (CHAIN if kind == "chain" else 1))
        ]
        tests = [made for number, kind in enumerate(kinds) for made in self._of_kind(kind, number)]
        tests += [self._test(f"ok-{number}", "passed") for number in range(count - len(tests) - 1)]
        body, planned = self._test(LONG, "passed")
        return [*tests, ({**body, "input": {**body["input"], "sleep_ms": LONG_MS}}, planned)]

    def retried(self, count: int) -> list[Made]:
        """Tests under a retry policy: an eighth is flaky, two never pass."""
        flaky = [self._flaky(number, 1 + number % RETRIES) for number in range(count // 8)]
        hopeless = [
            self._test(f"never-{number}", "failed", attempts=1 + RETRIES, behave="wrong") for number in range(2)
        ]
        rest = range(count - len(flaky) - len(hopeless))
        return [*flaky, *hopeless, *(self._test(f"ok-{number}", "passed") for number in rest)]

    def _of_kind(self, kind: str, number: int) -> Iterator[Made]:
        if kind == "chain":
            yield from self._chain(number)
        elif kind == "no_tool":
            body, planned = self._test(f"no-tool-{number}", "error")
            yield {**body, "tool": "absent"}, Planned(planned.test_id.replace("/go/", "/absent/"), ("error",))
        elif kind == "slow":
            body, planned = self._test(f"slow-{number}", "timeout")
            slow_input = {**body["input"], "sleep_ms": 20_000}
            yield {**body, "input": slow_input, "timeout_seconds": TIME_LIMIT_S}, planned
        elif kind == "once":
            body, planned = self._test(f"once-{number}", "passed")
            yield {**body, "idempotent": False}, replace(planned, outcomes=("passed", "error"), idempotent=False)
        elif kind == "skip":
            body, planned = self._test(f"skip-{number}", "skipped")
            yield {**body, "skip": True}, Planned(planned.test_id, planned.outcomes)
        else:
            yield self._test(f"{kind.replace('_', '-')}-{number}", "failed", behave=kind)

    def _chain(self, number: int) -> Iterator[Made]:
        """Steps that count in their sandbox. In every third chain the second fails, so that the others are skipped."""
        breaks = number % 3 == 1
        for step in range(1, CHAIN + 1):
            outcome = "passed" if not breaks or step == 1 else "failed" if step == 2 else "skipped"
            more = {"behave": "wrong"} if outcome == "failed" else {}
            name = f"chain-{number}-{step}"
            body, planned = self._test(name, outcome, chain=f"chain-{number}", **more)
            expected = {"fields": [{"path": "$.content[0].text", "value": f"step {step}"}]}
            before = [f"chain-{number}-{step - 1}"] if step > 1 else []
            calls = planned.calls if outcome != "skipped" else ""
            yield {**body, "expected": expected, "dependencies": before}, Planned(planned.test_id, (outcome,), calls)

    def _flaky(self, number: int, fails: int) -> Made:
        return self._test(f"flaky-{number}", "flaky", attempts=1 + RETRIES, fail_first=fails)

    def _test(self, name: str, outcome: str, *, attempts: int = 1, **arguments: object) -> Made:
        calls = f"{self.name}.{name}"
        sleep_ms = self.chance.randint(self.size.sleep_ms // 2, self.size.sleep_ms * 3 // 2)
        body = {
            "name": name,
            "input": {"test": calls, "sleep_ms": sleep_ms, **arguments},
            "expected": {"fields": [{"path": "$.content[0].text", "value": f"ok {calls}"}]},
        }
        return body, Planned(f"{PROJECT}/{self.name}/{self.name}/go/{name}", (outcome,), calls, attempts)


def _write(place: Place, suite: _Suite, canary: str, tests: Sequence[dict[str, Any]]) -> None:
    environment = {
        "WITNESS_CALLS": str(place.calls / f"{suite.target}.calls"),
        "WITNESS_COUNTS": str(place.counts),
        "WITNESS_REFUSE": str(place.closed(suite.target)),
        "WITNESS_CANARY": canary,
    }
    config: dict[str, Any] = {"timeout_seconds": 30, "max_concurrency": suite.size.max_concurrency}
    if suite.target == RETRIED:
        config["retry"] = {"max_retries": RETRIES, "retry_delay_ms": 200, "max_backoff_ms": 1000}
    body = {
        "name": suite.name,
        "server": {
            "command": sys.executable,
            "args": ["-S", str(SERVERS / "witness.py")],
            "env": environment,
            "startup_timeout_seconds": 30,
        },
        "tools": _by_tool(suite.chance.sample(list(tests), len(tests))),
        "test_config": config,
    }
    (place.suites / f"{suite.name}.yaml").write_text(yaml.safe_dump(body, sort_keys=False))


def _by_tool(tests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    tools: dict[str, list[dict[str, Any]]] = {"go": []}
    for test in tests:
        tools.setdefault(str(test.get("tool", "go")), []).append({k: v for k, v in test.items() if k != "tool"})
    return [{"name": tool, "tests": of_tool} for tool, of_tool in tools.items()]
