"""Submits small suites, and asks the store what became of them."""

import hashlib
import json
from collections.abc import Mapping

from harness.models.job import Bundle, BundleFile
from harness.models.run import RunReport, RunRequest, RunView, TestReport
from harness.suites.bundle import canonical_json
from scheduler.control.farm import Farm
from scheduler.control.submit import submit
from scheduler.state.machine import TestState
from scheduler.store.queries import run_report, run_view
from scheduler.store.settle import count_stored
from scheduler.store.tables import TESTS, Run


def suite_text(count: int = 3, *, name: str = "plain", **suite: object) -> str:
    """A suite of `count` tests `t0`, `t1`, … of the tool `echo`. JSON is YAML."""
    tests = [{"name": f"t{index}", "input": {}, "expected": {"error": False}} for index in range(count)]
    return suite_of(tests, name=name, **suite)


def suite_of(tests: list[dict[str, object]], *, name: str = "plain", **suite: object) -> str:
    """A suite of these tests of the tool `echo`."""
    tools = [{"name": "echo", "description": "", "tests": tests}]
    document = {"name": name, "version": "1", "capabilities": {}, "server": {"command": "python3"}, "tools": tools}
    return json.dumps({**document, **suite})


def put(farm: Farm, content: bytes) -> str:
    """Store a blob; its digest."""
    digest = hashlib.sha256(content).hexdigest()
    farm.blobs.put(content, digest)
    return digest


def bundle_of(farm: Farm, suites: Mapping[str, str]) -> str:
    """Store a bundle of these suite files; its digest."""
    files = tuple(
        BundleFile(path=path, digest=put(farm, text.encode()), size_bytes=len(text)) for path, text in suites.items()
    )
    return put(farm, canonical_json(Bundle(suites=tuple(suites), files=files)))


def submit_suites(farm: Farm, *suites: str, **request: object) -> RunView:
    """Submit suites as `s0.yaml`, `s1.yaml`, …"""
    bundle = bundle_of(farm, {f"s{index}.yaml": text for index, text in enumerate(suites)})
    return submit(farm, RunRequest.model_validate({"bundle": bundle, **request}))


def view(farm: Farm, run_id: str) -> RunView:
    """The run now."""
    with farm.store.session() as session:
        return run_view(session, run_id)


def report(farm: Farm, run_id: str) -> RunReport:
    """The run in full now."""
    with farm.store.session() as session:
        return run_report(session, run_id)


def outcomes(farm: Farm, run_id: str) -> list[str | None]:
    """The outcome of every test by number."""
    return [test.outcome.value if test.outcome else None for test in report(farm, run_id).tests]


def states(farm: Farm, run_id: str) -> list[TestState]:
    """The state of every test by number."""
    query = TESTS.select().where(TESTS.c.run_id == run_id).order_by(TESTS.c.number)
    with farm.store.session() as session:
        return [TestState(row.state) for row in session.connection().execute(query)]


def accepted(test: TestReport) -> int:
    """How many records of this test count."""
    return sum(not attempt.stale and not attempt.superseded for attempt in test.attempts)


def assert_totals_agree(farm: Farm, run_id: str) -> None:
    """The run's totals are those of its tests."""
    with farm.store.session() as session:
        assert session.get_one(Run, run_id).totals == count_stored(session, run_id)
