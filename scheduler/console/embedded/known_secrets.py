"""Looks, before anything starts, whether the workers of this command will know the secrets that its suites name."""

from collections.abc import Iterable, Iterator

from harness.errors import UsageError
from harness.models.job import PlannedCall, SuitePlan
from harness.secrets.places import secrets_named, secrets_of
from harness.secrets.store import missing
from scheduler.console.embedded.settings import secrets_here


def secrets_are_known(plans: Iterable[SuitePlan]) -> None:
    """Raises UsageError for secrets that are named and not known, and for a file or a value that is not acceptable."""
    named = {name for plan in plans for name in _named_in(plan)}
    if named and (unknown := named - secrets_here().names):
        raise UsageError(missing(unknown))


def _named_in(plan: SuitePlan) -> Iterator[str]:
    yield from secrets_of(plan.server)
    for call in _calls(plan):
        if call.input:
            yield from secrets_named(call.input)


def _calls(plan: SuitePlan) -> Iterator[PlannedCall]:
    for fixture in plan.fixtures:
        yield from (*fixture.setup, *fixture.cleanup)
    for test in plan.tests:
        yield PlannedCall.model_construct(input=test.input)
        yield from (*test.setup, *test.steps, *test.cleanup)
