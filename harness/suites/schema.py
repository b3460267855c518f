"""The JSON Schemas of suites and targets, for editors: generated from the models, committed as docs/*.schema.json.

It says what the loader says of keys and single values. What it cannot say (names that must exist, patterns that must
compile) only the loader knows.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args

from harness.models.expected import Expected
from harness.models.suite import Suite
from harness.models.target import Target
from harness.models.wire import Authored
from harness.suites.deferred import DEFERRED, Below
from harness.suites.extending import MERGE_MODE, MODES
from harness.suites.moving import MOVES
from harness.suites.shape import may_be_null
from harness.suites.spellings import OF_MAPPINGS, SPELLINGS

SUITE_ID, TARGET_ID = "mcp-test-harness/suite.schema.json", "mcp-test-harness/target.schema.json"
SCALARS = ("number", "integer", "boolean")
PLACE = r"^\$\{[^{}]*\}$"


def suite_schema() -> dict[str, Any]:
    """The schema of one suite file, JSON Schema 2020-12."""
    schema = _schema_of(Suite, SUITE_ID)
    schema["properties"][MERGE_MODE] = {
        "description": "of lists that this suite and the one it extends both have: its own, or both joined",
        "default": MODES[0],
        "enum": list(MODES),
    }
    return schema


def target_schema() -> dict[str, Any]:
    """The schema of one file of targets, JSON Schema 2020-12."""
    return _schema_of(Target, TARGET_ID)


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it is committed and printed."""
    return json.dumps(schema, indent=2) + "\n"


def _schema_of(root: type[Authored], schema_id: str) -> dict[str, Any]:
    schema = root.model_json_schema(mode="validation")
    for model in dict.fromkeys(_models_in(root)):
        _complete(schema if model is root else schema["$defs"][model.__name__], model)
    written: dict[str, Any] = _with_places(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schema_id, **written}


def _with_places(schema: Any) -> Any:
    """The same, with `${…}` allowed where a number or a boolean stands: it becomes one when the suite is loaded."""
    if isinstance(schema, list):
        return [_with_places(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    written = {key: _with_places(value) for key, value in schema.items()}
    if written.get("type") not in SCALARS:
        return written
    notes = {key: written.pop(key) for key in ("description", "default", "title") if key in written}
    return {**notes, "anyOf": [written, {"type": "string", "pattern": PLACE}]}


def _models_in(annotation: Any) -> Iterator[type[Authored]]:
    """Every model that may stand at, or below, a key of that type."""
    if isinstance(annotation, type) and issubclass(annotation, Authored):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models_in(field.annotation)
    for part in get_args(annotation):
        yield from _models_in(part)


def _complete(part: dict[str, Any], model: type[Authored]) -> None:
    """Add what the loader accepts beyond the model: null for absent keys, other spellings, keys that do not act yet."""
    part["description"] = str(part.get("description", "")).split("\n\n")[0]
    properties = part["properties"]
    for key in model.model_fields:
        properties[key] = _with_null(properties[key]) if may_be_null(model, key) else _without_null(properties[key])
    for other, ours in SPELLINGS.get(model, {}).items():
        properties[other] = {**properties[ours], "description": f"another spelling of `{ours}`"}
    for other, ours in OF_MAPPINGS.get(model, {}).items():
        properties[other] = {"anyOf": [properties[other], {"type": "object"}], "description": f"a mapping: `{ours}`"}
    for key, below in DEFERRED.get(model, {}).items():
        properties[key] = _deferred(below)
        if model is Expected and (move := MOVES.get(("expected", key))):
            properties[key] = {"description": f"of a test: another place of `{move.shown}`"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of one key, without the null that only says that the key may be left out."""
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "title")}
    if "default" in kept and isinstance(kept["default"], dict | None):
        del kept["default"]
    branches = [branch for branch in schema.get("anyOf", ()) if branch.get("type") != "null"]
    return {**kept, **branches[0]} if len(branches) == 1 else {**kept, "anyOf": branches} if branches else kept


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    bare = _without_null(schema)
    notes = [(key, bare.pop(key)) for key in ("description", "default") if key in bare]
    return dict(notes) | {"anyOf": [bare, {"type": "null"}]}


def _deferred(below: Below) -> dict[str, Any]:
    """Anything, for a key that is accepted and does not act; only known keys where they are documented."""
    schema: dict[str, Any] = {"description": "accepted; does not act yet"}
    if below is not None:
        properties = {key: _deferred(deeper) for key, deeper in below.items()}
        schema |= {"if": {"type": "object"}, "then": {"properties": properties, "additionalProperties": False}}
    return schema
