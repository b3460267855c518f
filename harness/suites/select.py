"""Plans → the plans of the tests that were asked for, with all that they depend on, numbered anew. Pure.

A clean-up comes along with whatever it cleans up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from harness.checks.budget import Budget
from harness.checks.pattern import compile_pattern
from harness.errors import NothingSelected, UsageError
from harness.models.job import PlannedTest, SuitePlan
from harness.models.run import Selection
from harness.suites.findings import nearest, quoted

MAX_NAMED = 3
MAX_ID_CHARACTERS = 400


def select(plans: Sequence[SuitePlan], selection: Selection) -> tuple[SuitePlan, ...]:
    """The selected tests and all that they depend on; plans without any are left out.

    Numbers run from 0 over all plans that remain. An empty selection keeps every test. Raises NothingSelected when no
    test is left or when an id means no test, naming the nearest ids; UsageError for an unreadable filter, or when two
    tests have one id.
    """
    everything = [test for plan in plans for test in plan.tests]
    _refuse_equal_ids(everything)
    _refuse_unknown_ids(selection.test_ids, everything)
    is_wanted = _matcher(selection)
    kept = [_with_dependencies(plan, {test.number for test in plan.tests if is_wanted(test)}) for plan in plans]
    if not any(kept):
        raise NothingSelected(_nothing_left(selection, everything))
    return _renumbered(plans, kept)


def _matcher(selection: Selection) -> Callable[[PlannedTest], bool]:
    matches: list[Callable[[PlannedTest], bool]] = []
    if selection.filter:
        matches.append(_filter_matcher(selection.filter))
    if selection.tags:
        matches.append(lambda test: not set(selection.tags).isdisjoint(test.tags))
    if selection.test_ids:
        wanted = frozenset(selection.test_ids)
        matches.append(lambda test: not wanted.isdisjoint(_ends_of(test.test_id)))
    return lambda test: all(match(test) for match in matches)


def _filter_matcher(text: str) -> Callable[[PlannedTest], bool]:
    try:
        pattern = compile_pattern(text)
    except ValueError as error:
        raise UsageError(f"filter {quoted(text)}: {error}") from error
    return lambda test: pattern.is_found_in(test.test_id, Budget())


def _ends_of(test_id: str) -> list[str]:
    """The whole id, and each of its ends after a slash."""
    parts = test_id.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _refuse_equal_ids(tests: Sequence[PlannedTest]) -> None:
    counts = Counter(test.test_id for test in tests)
    for test_id, count in counts.most_common(1):
        if count > 1:
            raise UsageError(
                f"{count} tests have the id {quoted(test_id, MAX_ID_CHARACTERS)}; rename a suite or a test"
            )


def _refuse_unknown_ids(test_ids: Iterable[str], tests: Sequence[PlannedTest]) -> None:
    known = {end for test in tests for end in _ends_of(test.test_id)}
    for wanted in test_ids:
        if wanted not in known:
            raise NothingSelected(f"no test {quoted(wanted)}{_nearest_ids(wanted, tests)}")


def _nothing_left(selection: Selection, tests: Sequence[PlannedTest]) -> str:
    if not tests:
        return "the suites hold no test"
    if not selection.filter and not selection.test_ids:
        known = sorted({tag for test in tests for tag in test.tags})
        near = [name for wanted in selection.tags for name in nearest(wanted, known, count=MAX_NAMED)]
        return f"no test has any of the tags {_listed(selection.tags)}" + (
            f"; nearest: {_listed(near)}" if near else ""
        )
    if not selection.filter:
        return f"no test of {len(tests)} meets all conditions"
    others = " and the other conditions" if selection.tags or selection.test_ids else ""
    nearest_ids = _nearest_ids(selection.filter, tests)
    return f"no test of {len(tests)} matches filter {quoted(selection.filter)}{others}{nearest_ids}"


def _nearest_ids(wanted: str, tests: Sequence[PlannedTest]) -> str:
    """The ids of which some part, of as many segments as `wanted` has, resembles it most."""
    length = wanted.count("/") + 1
    parts: dict[str, str] = {}
    for test in tests:
        segments = test.test_id.split("/")
        for end in range(len(segments), length - 1, -1):
            parts.setdefault("/".join(segments[end - length : end]), test.test_id)
    near = list(dict.fromkeys(parts[part] for part in nearest(wanted, parts, count=MAX_NAMED)))
    if near:
        return f"; nearest: {_listed(near)}"
    return f"; there is {_listed(test.test_id for test in tests[:1])}" if tests else "; the suites hold no test"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(quoted(word, MAX_ID_CHARACTERS) for word in words)


def _with_dependencies(plan: SuitePlan, wanted: set[int]) -> set[int]:
    by_number = {test.number: test for test in plan.tests}
    kept: set[int] = set()
    open_numbers = list(wanted)
    while open_numbers:
        number = open_numbers.pop()
        if number not in kept:
            kept.add(number)
            open_numbers.extend(by_number[number].depends_on)
    return kept | {test.number for test in plan.tests if test.always and not kept.isdisjoint(test.depends_on)}


def _renumbered(plans: Sequence[SuitePlan], kept: Sequence[set[int]]) -> tuple[SuitePlan, ...]:
    renumbered: list[SuitePlan] = []
    next_number = 0
    for plan, numbers in zip(plans, kept, strict=True):
        tests = [test for test in plan.tests if test.number in numbers]
        new = {test.number: next_number + place for place, test in enumerate(tests)}
        next_number += len(tests)
        if tests:
            renumbered.append(plan.model_copy(update={"tests": tuple(_renumber(test, new) for test in tests)}))
    return tuple(renumbered)


def _renumber(test: PlannedTest, new: dict[int, int]) -> PlannedTest:
    depends_on = tuple(new[number] for number in test.depends_on if number in new)  # a clean-up needs but what runs
    return test.model_copy(update={"number": new[test.number], "depends_on": depends_on})
