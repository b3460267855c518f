"""What is remembered of the requests of an attempt, and how much."""

from harness.checks.answer import Answer
from harness.mcp.observation import Observation
from harness.trace import KEPT_BYTES, KEPT_FIRST, KEPT_NEWEST, Asked, Trace


def answered(size_bytes: int) -> Observation:
    return Observation(Answer(result={}), 0.1, 0.0, 0, 0, size_bytes)


def ask(trace: Trace, number: int, size_bytes: int = 10) -> None:
    asked = trace.begin(Asked("", "tools/call", str(number), {}, float(number)))
    trace.end(asked, answered(size_bytes))


def test_the_first_and_the_newest_stay_and_the_others_are_counted() -> None:
    trace = Trace()
    for number in range(100):
        ask(trace, number)
    kept = [*range(KEPT_FIRST), *range(100 - KEPT_NEWEST, 100)]
    assert [one.name for one in trace.all()] == [str(number) for number in kept]
    assert trace.left_out == 100 - len(kept)


def test_answers_beyond_the_budget_are_forgotten_but_for_their_size() -> None:
    trace = Trace()
    for number in range(3):
        ask(trace, number, KEPT_BYTES // 2)
    assert [one.is_forgotten for one in trace.all()] == [False, False, True]
    assert [one.response_bytes for one in trace.all()] == [KEPT_BYTES // 2] * 3


def test_what_is_left_out_makes_room() -> None:
    trace = Trace()
    for number in range(KEPT_FIRST + KEPT_NEWEST):
        ask(trace, number, KEPT_BYTES // (KEPT_FIRST + KEPT_NEWEST))
    ask(trace, 99)
    assert not trace.all()[-1].is_forgotten


def test_a_request_without_an_answer_is_not_a_forgotten_answer() -> None:
    trace = Trace()
    asked = trace.begin(Asked("", "tools/call", "x", {}, 0.0))
    assert (asked.observation, asked.took_s, asked.is_forgotten) == (None, None, False)
