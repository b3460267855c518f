"""JSON Schema for those who check answers: what a value has against a schema, each with its place.

A schema that is none, or that cannot be judged within bounds, is a ValueError in one sentence that begins with what
is wrong with it.
"""

import json
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from harness.checks.budget import Budget, BudgetSpent
from harness.checks.json_schema.admission import admit
from harness.checks.json_schema.compiled import Compiled, read_schema
from harness.checks.json_schema.evaluation import Evaluation
from harness.checks.json_schema.spot import NotJudged, Violation

MAX_CHARACTERS = 512 * 1024
MAX_STEPS = 1_000_000  # of reading one schema
TOO_DEEP = "it is nested too deeply, or holds a number that is none"


@dataclass(frozen=True)
class _Refusal:
    sentence: str


def violations_of(schema: Any, value: Any, budget: Budget) -> list[Violation]:
    """What `value` has against `schema`; raises ValueError, and BudgetSpent for the value's sake."""
    compiled = _usable(schema)
    try:
        return Evaluation(compiled, budget, partial(admit, compiled)).violations(value)
    except NotJudged as reason:
        raise ValueError(str(reason)) from reason
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error


def check_schema(schema: Any) -> None:
    """Raises ValueError when no value could be judged by `schema`."""
    _usable(schema)


def _usable(schema: Any) -> Compiled:
    compiled = _compiled(_text_of(schema))
    if isinstance(compiled, _Refusal):
        raise ValueError(compiled.sentence)
    return compiled


def _text_of(schema: Any) -> str:
    try:
        text = json.dumps(schema)
    except (ValueError, RecursionError) as error:
        raise ValueError(TOO_DEEP) from error
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"it is longer than {MAX_CHARACTERS // 1024} Ki characters")
    return text


@lru_cache(maxsize=64)
def _compiled(text: str) -> Compiled | _Refusal:
    """The schema of that text, or why there is none: refusing one again costs nothing."""
    try:
        compiled = read_schema(json.loads(text))
        admit(compiled, compiled.schema, Budget(MAX_STEPS))
    except BudgetSpent:
        return _Refusal(f"reading it takes more than {MAX_STEPS:,} steps")
    except RecursionError:
        return _Refusal(TOO_DEEP)
    except (ValueError, NotJudged) as error:
        return _Refusal(str(error))
    return compiled
