"""Every check and every option against the worst that a server can put in the place of an answer."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.checks.answer import Answer, RpcError
from harness.checks.judge import judge
from harness.models.expected import Expected, FieldExpectation
from tests.unit.checks.rows import ANSWER_ROWS, FIELD_ROWS, OPTION_ROWS, AnswerRow, Row, holding

LONG = "ab \n" * 2_621_440  # 10 MiB


def nested(depth: int, kind: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = kind(value)
    return value


HOSTILE: dict[str, Any] = {
    "NaN": float("nan"),
    "infinities": [float("inf"), float("-inf")],
    "10 MiB of text": LONG,
    "depth 10,000 of arrays": nested(10_000, lambda value: [value]),
    "depth 10,000 of objects": nested(10_000, lambda value: {"x": value}),
    "a huge integer": 10**5_000,
    "lone surrogates": "\ud800\udfff" * 3,
    "controls": "\x1b[2J\u202e\x00\n",
    "no value": None,
    "another type": {"type": "text", "text": {"a": []}},
    "100,000 elements": list(range(100_000)),
    "10,000 keys": {str(number): number for number in range(10_000)},
    "keys that are hostile": {"\ud800": 1, "": 2, "__proto__": 3, "a" * 100_000: 4},
}


def check_that_it_is_printable(expected: Expected, answer: Answer, row: AnswerRow | None = None) -> None:
    judgement = judge(expected, answer, row.inputs) if row else judge(expected, answer)

    for failure in (*judgement.failures, *judgement.warnings):
        assert max(len(failure.path), len(failure.expected), len(failure.actual)) <= 400
        assert len(failure.diff) <= 10_000
        shown = f"{failure.path}{failure.expected}{failure.actual}{failure.diff}".replace("\n", "")
        assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in shown)
        failure.model_dump_json().encode()


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_check_on_a_value_survives(kind: str) -> None:
    for row in (*FIELD_ROWS, *OPTION_ROWS):
        check_that_it_is_printable(row.expected, holding(HOSTILE[kind]))


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if "depth" not in kind])  # models refuse that depth
def test_every_check_on_a_value_survives_as_what_is_expected(kind: str) -> None:
    """Suites come from everywhere, and so do their values."""
    for row in FIELD_ROWS:
        if row.check in ("value", "not_value", "contains"):
            check_that_it_is_printable(Row(row.check, HOSTILE[kind], (), (), ("", "")).expected, holding(LONG))
            check_that_it_is_printable(Row(row.check, HOSTILE[kind], (), (), ("", "")).expected, holding([1, {}]))
    for key in ("one_of", "contains_all"):
        expected = Expected.model_validate({"fields": [{"path": "$..x", key: [HOSTILE[kind], 1]}]})
        check_that_it_is_printable(expected, holding(HOSTILE[kind]))


@pytest.mark.parametrize("kind", HOSTILE)
def test_every_check_on_an_answer_survives(kind: str) -> None:
    value = HOSTILE[kind]
    for row in ANSWER_ROWS:
        for answer in (
            Answer(result={"content": value, "isError": value, "structuredContent": value, "error": value}),
            Answer(result={"content": [{"type": "text", "text": value}]}),
            Answer(error=RpcError(10**5_000, LONG[:100_000], value)),
        ):
            check_that_it_is_printable(row.expected, answer, row)


@pytest.mark.parametrize(
    "text", ["[" * 1_000_000, '{"a":' * 100_000, "[NaN]", "[1e999999]", "[" + "9" * 5_000 + "]", "{"]
)
def test_a_text_that_only_looks_like_json_stays_a_text(text: str) -> None:
    expected = Expected(subject="content", fields=(FieldExpectation(path="$", field_type="string"),))

    judgement = judge(expected, Answer(result={"content": [{"type": "text", "text": text}]}))

    assert [failure.actual_type for failure in judgement.failures] in ([], ["array"])
    check_that_it_is_printable(expected, Answer(result={"content": [{"type": "text", "text": text}]}))


def test_more_work_than_there_may_be_is_a_failure_that_says_so() -> None:
    answer = holding([[number] * 10 for number in range(100_000)])
    expected = Expected.model_validate(
        {"fields": [{"path": "$..x", "contains_all": [1, 2]}] * 3, "max_validation_errors": 1, "ignore_order": True}
    )

    failures = judge(expected, answer).failures

    assert [failure.check for failure in failures] == ["contains_all", "budget"] or failures[-1].check == "budget"
    assert failures[-1].actual == "judging it takes more than 2,000,000 steps"
