"""The short form of `make chaos`: several faults in one run on a real farm, and the checker finds nothing to say."""

from collections.abc import Sequence

import pytest

from tests.chaos.farm import ROOT
from tests.chaos.faults.fault import Act, Fault
from tests.chaos.faults.messages import replay, triple
from tests.chaos.faults.redis_faults import flush, reset
from tests.chaos.faults.workers import kill_in_test
from tests.chaos.round import Plan, play
from tests.chaos.scene import Scene
from tests.chaos.truth import Size

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("chaos")]


def in_turn(acts: Sequence[Act]) -> Act:
    """Each injection is the next of these."""
    waiting = iter(acts)

    def inject(scene: Scene) -> bool | None:
        return next(waiting)(scene)

    return inject


def test_a_run_that_meets_five_faults_loses_and_doubles_nothing() -> None:
    acts = (reset, kill_in_test, reset, flush)
    fault = Fault("short", in_turn(acts), (0.05, 0.15, 0.3, 0.45), around=triple, after=replay)
    plan = Plan(seed=1, size=Size(460), beside=Size(40), product=ROOT, weigh=False)
    figures = play(fault, plan)
    assert (figures.lost, figures.doubled, figures.violations) == (0, 0, ())
    assert figures.injections >= len(acts)
    assert figures.stale > 0, "the late records must have been seen"
