"""What an author expects of an answer: the part of a suite that `harness/checks` judges.

Defaults and meanings follow the documents of the seed project; where those contradict each other, `docs/suites.md`
says what we took.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from harness.models.wire import Authored


class FieldType(StrEnum):
    """JSON types by name. `integer` is a number without a fractional part (JSON Schema); a boolean is neither."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    NULL = "null"


class FieldExpectation(Authored):
    """Expectations on what a path selects. *Every* key given is checked.

    `value` and `contains` count as given even when null: look at `model_fields_set`. It survives JSON, as only the
    keys that were given are written.
    """

    path: str = Field(default="", description="RFC 9535 JSONPath or dot path; $[0] means content[0] of a tool result")
    value: JsonValue = Field(default=None, description="exactly this JSON value (1 equals 1.0)")
    field_type: FieldType | None = None
    pattern: str | None = Field(default=None, description="RE2 regular expression, found anywhere in the string")
    contains: JsonValue = Field(default=None, description="substring of a string, or element of an array")
    min: float | None = Field(default=None, description="smallest number allowed, inclusive")
    max: float | None = Field(default=None, description="largest number allowed, inclusive")
    min_length: int | None = Field(default=None, ge=0, description="of a string, array or object")
    max_length: int | None = Field(default=None, ge=0, description="of a string, array or object")
    array_length: int | None = Field(default=None, ge=0, description="exact number of elements of an array")
    required: bool = Field(default=True, description="false: nothing at the path is accepted")

    @model_serializer(mode="wrap")
    def _write_given_keys(self, write_all: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write_all(self).items() if key in self.model_fields_set}


class Expected(Authored):
    """What the answer to a call must be."""

    error: bool = Field(default=False, description="true: a JSON-RPC error or a result with isError")
    error_code: int | None = Field(default=None, description="JSON-RPC error code")
    error_message_contains: str | None = None
    fields: tuple[FieldExpectation, ...] = ()
