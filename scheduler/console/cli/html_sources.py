"""What an HTML report holds beside its run, looked up where the run is: evidence, earlier runs of what matters most.

A report must not fail for what is only beside it: what cannot be found is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from harness.errors import FarmError
from harness.models.looking_back import PastTest, TestHistory
from harness.models.outcomes import TestOutcome
from harness.models.run import RunReport, TestReport
from scheduler.console.cli.local_runs import local_store
from scheduler.console.cli.settings import ConsoleSettings
from scheduler.console.embedded.state_dir import StateDir
from scheduler.reports.causes import causes_of
from scheduler.reports.html.options import HtmlOptions
from scheduler.reports.stored_evidence import evidence_from
from scheduler.store.blobs import DirectoryBlobs
from scheduler.store.database import Store
from scheduler.store.history import test_history

MAX_TESTS, MAX_RUNS = 10, 20
"""Whose history is looked up, and how far back: some 3 ms a run on a laptop."""


class Histories:
    """Earlier runs of the example of each cause and of flaky tests, each looked up once."""

    def __init__(self, report: RunReport, find: Callable[[str], TestHistory]) -> None:
        flaky = [test.number for test in report.tests if test.outcome is TestOutcome.FLAKY]
        self._numbers = frozenset([*(cause.example for cause in causes_of(report)), *flaky][:MAX_TESTS])
        self._find, self._found = find, dict[int, tuple[PastTest, ...]]()

    def __call__(self, test: TestReport) -> Sequence[PastTest]:
        """The newest first; none for other tests."""
        if test.number not in self._numbers:
            return ()
        if test.number not in self._found:
            self._found[test.number] = self._looked_up(test)
        return self._found[test.number]

    def _looked_up(self, test: TestReport) -> tuple[PastTest, ...]:
        try:
            return self._find(test.test_id).entries
        except FarmError:
            return ()


@contextmanager
def html_sources(options: HtmlOptions, report: RunReport, settings: ConsoleSettings) -> Iterator[HtmlOptions]:
    """`options` with what the farm of `settings` has beside the run, or else the state directory."""
    state = StateDir(settings.state_dir)
    if settings.farm:
        from scheduler.console.cli.farm_client import FarmClient

        with FarmClient(settings.farm, settings.key) as client:
            yield replace(
                options,
                evidence=evidence_from(client.blob),
                history=Histories(report, lambda test_id: client.history(test_id, MAX_RUNS)),
            )
    elif state.database.is_file():
        with local_store(state) as store:
            yield replace(
                options,
                evidence=evidence_from(DirectoryBlobs(state.blobs).get),
                history=Histories(report, lambda test_id: _history(store, test_id)),
            )
    else:
        yield options


def _history(store: Store, test_id: str) -> TestHistory:
    with store.session() as session:
        return test_history(session, test_id, MAX_RUNS)
