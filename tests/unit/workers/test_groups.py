"""Which member of a group may run here, and which comes next."""

from harness.models.job import PlannedTest, SuitePlan
from harness.models.outcomes import AttemptOutcome
from tests.unit.workers.fakes import message_for, plan_of, planned
from workers.bundles import LoadedPlan
from workers.groups import Group, Groups

MEMBERS = (planned(0, group="g"), planned(3, group="g", depends_on=(0,)), planned(4, group="g", depends_on=(3,)))
LOADED = LoadedPlan(
    "digest", plan_of(MEMBERS[0], planned(1), planned(2, group="other"), *MEMBERS[1:]).model_dump_json().encode()
)


def test_a_head_brings_its_group_with_it() -> None:
    group = _entered(Groups(), MEMBERS[0])

    assert [member.number for member in group.members] == [0, 3, 4]
    assert group.following == MEMBERS[1]


def test_a_member_without_its_group_may_not_run() -> None:
    groups = Groups()

    assert groups.enter(message_for(MEMBERS[1]), MEMBERS[1], LOADED) is None
    assert groups.all() == []


def test_members_run_one_after_another_and_each_once() -> None:
    groups = Groups()
    group = _entered(groups, MEMBERS[0])
    assert groups.enter(message_for(MEMBERS[0]), MEMBERS[0], LOADED) is None  # the same message again
    assert groups.enter(message_for(MEMBERS[1]), MEMBERS[1], LOADED) is None  # too early

    group.advance(AttemptOutcome.PASSED)

    assert group.waits_for(3)
    assert groups.enter(message_for(MEMBERS[0]), MEMBERS[0], LOADED) is None  # too late
    assert groups.enter(message_for(MEMBERS[1]), MEMBERS[1], LOADED) is group
    assert not group.waits_for(3)


def test_the_same_group_under_another_lease_is_another_group() -> None:
    groups = Groups()
    first = _entered(groups, MEMBERS[0])

    second = groups.enter(message_for(MEMBERS[0], lease=2), MEMBERS[0], LOADED)

    assert second is not None and second is not first and second.token != first.token


def test_what_depends_on_something_that_did_not_pass_is_missing_it() -> None:
    group = _entered(Groups(), MEMBERS[0])
    group.advance(AttemptOutcome.FAILED)

    assert group.missing_dependency(MEMBERS[1]) == 0
    group.advance(None)
    assert group.missing_dependency(MEMBERS[2]) == 3
    group.advance(None)
    assert group.next is None and group.following is None


def test_a_dependency_that_passed_is_not_missing() -> None:
    group = _entered(Groups(), MEMBERS[0])
    group.advance(AttemptOutcome.PASSED)

    assert group.missing_dependency(MEMBERS[1]) is None


def test_a_member_that_was_skipped_is_no_member_and_did_not_pass() -> None:
    tests = planned(0, group="g", skip_reason="skipped in the suite"), planned(1, group="g", depends_on=(0,))
    plan: SuitePlan = plan_of(*tests)

    group = Groups().enter(message_for(tests[1]), tests[1], LoadedPlan("digest", plan.model_dump_json().encode()))

    assert group is not None and group.missing_dependency(tests[1]) == 0


def test_a_dropped_group_is_forgotten() -> None:
    groups = Groups()
    group = _entered(groups, MEMBERS[0])

    groups.drop(group)

    assert groups.all() == []
    assert groups.enter(message_for(MEMBERS[1]), MEMBERS[1], LOADED) is None


def _entered(groups: Groups, test: PlannedTest) -> Group:
    group = groups.enter(message_for(test), test, LOADED)
    assert group is not None
    return group
