"""What an author expects of an answer: the part of a suite that `harness/checks` judges.

Defaults and meanings follow the documents of the seed project; where those contradict each other, `docs/checks.md`
says what we took.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from harness.models.wire import Authored

MAX_NAMED = 1_000
MIB = 1024 * 1024
NULL_COUNTS = frozenset({"value", "not_value", "contains"})
"""Keys of a field where a null that the author wrote is something to look for; for all others it means "not given"."""
SNAPSHOT_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
"""A snapshot's name becomes the name of a file."""


class SnapshotMode(StrEnum):
    """What becomes of a snapshot that is missing, or that the answer differs from."""

    COMPARE = "compare"  # missing: taken; different: a failure
    UPDATE = "update"  # taken anew
    CI = "ci"  # both are failures


Limit = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Values = Annotated[tuple[JsonValue, ...], Field(min_length=1, max_length=MAX_NAMED)]


class FieldType(StrEnum):
    """JSON types by name. `integer` is a number without a fractional part (JSON Schema); a boolean is neither."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    NULL = "null"


class Severity(StrEnum):
    """What a check that does not hold does to its test."""

    FAILURE = "failure"  # the test fails
    WARNING = "warning"  # it is shown, and does not decide


class FieldExpectation(Authored):
    """Expectations on what a path selects. *Every* key given is checked.

    Those of NULL_COUNTS count as given even when null: look at `model_fields_set`. It survives JSON, as only the keys
    that were given are written.
    """

    path: str = Field(default="", description="RFC 9535 JSONPath or dot path; $[0] means content[0] of a tool result")
    value: JsonValue = Field(
        default=None,
        description="equal to this JSON value: 1 equals 1.0, `true` does not equal 1, the order of keys does not "
        "count; null is a value",
    )
    not_value: JsonValue = Field(default=None, description="any JSON value but this one; null is a value")
    one_of: Values | None = Field(default=None, description="equal to one of these JSON values")
    exists: bool | None = Field(default=None, description="true: something is there, null counts; false: nothing is")
    not_null: bool | None = Field(default=None, description="true: something is there, and it is not null")
    field_type: FieldType | None = Field(default=None, description="the JSON type; 1.0 is an integer")
    pattern: str | None = Field(default=None, description="RE2 regular expression, found anywhere in the string")
    flags: str = Field(
        default="",
        pattern="^[imsx]*$",
        description="of `pattern`: `i` any case, `m` `^` and `$` at every line, `s` `.` is a line end too, `x` "
        "blanks and `# comments` in the pattern do not count",
    )
    contains: JsonValue = Field(default=None, description="substring of a string, or element of an array")
    contains_all: Values | None = Field(default=None, description="all of them are substrings, or elements")
    starts_with: str | None = Field(default=None, description="the string begins with this text")
    ends_with: str | None = Field(default=None, description="the string ends with this text")
    min: Limit | None = Field(default=None, description="smallest number allowed, inclusive")
    max: Limit | None = Field(default=None, description="largest number allowed, inclusive")
    greater_than: Limit | None = Field(default=None, description="the number is greater than this one")
    greater_equal: Limit | None = Field(default=None, description="the number is this one or greater, as `min`")
    less_than: Limit | None = Field(default=None, description="the number is less than this one")
    less_equal: Limit | None = Field(default=None, description="the number is this one or less, as `max`")
    decimal_places: int | None = Field(
        default=None,
        ge=0,
        le=300,
        description="digits after the point, at most; JSON keeps no zeros at the end: 1.50 has one",
    )
    min_length: Count | None = Field(default=None, description="of a string (characters), array or object, at least")
    max_length: Count | None = Field(default=None, description="of a string (characters), array or object, at most")
    array_length: Count | None = Field(default=None, description="exact number of elements of an array")
    keys: tuple[str, ...] | None = Field(default=None, max_length=MAX_NAMED, description="keys that the object has")
    strict_keys: bool = Field(default=False, description="true: the object has no key but those that `keys` names")
    each: bool | None = Field(
        default=None,
        description=(
            "several values at one path: true judges each by itself, false all as one array; left out, checks "
            "that no array can satisfy judge each, the others the array"
        ),
    )
    case_sensitive: bool | None = Field(default=None, description="of this entry alone; left out: as `expected` says")
    severity: Severity = Field(
        default=Severity.FAILURE, description="warning: a failure of this entry is shown, and does not fail the test"
    )
    required: bool = Field(
        default=True,
        description="false: nothing at the path is accepted, with a warning; what is there is still checked",
    )

    @model_serializer(mode="wrap")
    def _write_given_keys(self, write_all: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write_all(self).items() if key in self.model_fields_set}


class Subject(StrEnum):
    """What the paths of an expectation look at."""

    RESULT = "result"  # the whole result: content, isError, structuredContent
    CONTENT = "content"  # structuredContent, else the JSON in the only text, else that text
    AUTO = "auto"  # each path: the result, and where that has nothing the content


class ResponseLimits(Authored):
    """How large an answer may be, counted as it came over the wire."""

    max_size_bytes: int | None = Field(default=None, ge=1, description="bytes of the whole answer")
    max_size_mb: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="the same in MiB")

    @property
    def size_bytes(self) -> int | None:
        """The smaller of the limits that are given."""
        of_mb = () if self.max_size_mb is None else (int(self.max_size_mb * MIB),)
        of_bytes = () if self.max_size_bytes is None else (self.max_size_bytes,)
        return min((*of_mb, *of_bytes), default=None)


class ExpectedError(Authored):
    """An error that must come, or that must not."""

    error_type: str = Field(
        default="",
        max_length=100,
        description=(
            "parse_error, invalid_request, method_not_found, invalid_params, internal_error (JSON-RPC) or tool_error "
            "(isError) are compared; any other word only names the entry"
        ),
    )
    error_message_pattern: str | None = Field(default=None, description="RE2, found anywhere in the error's message")
    expected_code: int | None = Field(default=None, description="code of the JSON-RPC error")
    should_occur: bool = Field(default=False, description="true: such an error must come; false: it must not")


class ConstraintType(StrEnum):
    """What an answer must not give away."""

    NO_PASSWORDS = "no_passwords"
    NO_API_KEYS = "no_api_keys"
    PATH_TRAVERSAL_SAFE = "path_traversal_safe"
    SANDBOX_RESPECTED = "sandbox_respected"


class SecurityConstraint(Authored):
    """A search of the answer's texts for what should not be there. It can prove a leak, never that there is none."""

    constraint_type: ConstraintType = Field(description="what must not be found")
    enabled: bool = Field(default=True, description="false: not checked")


class Redaction(Authored):
    """What of an answer a snapshot does not hold, because it differs every time. Give `path` or `pattern`."""

    path: str | None = Field(default=None, description="what it selects is replaced as a whole")
    pattern: str | None = Field(default=None, description="RE2; what it finds in any text of the answer is replaced")
    replace: str = Field(default="[redacted]", max_length=200, description="stands in its place")


class Expected(Authored):
    """What the answer to a call must be."""

    error: bool = Field(
        default=False,
        description="false: any error fails the test; true: a JSON-RPC error or a result with `isError` must come back",
    )
    error_code: int | None = Field(default=None, description="code of the JSON-RPC error; needs `error: true`")
    error_message_contains: str | None = Field(
        default=None,
        description="substring of the error's message, or of the joined text of an `isError` result; needs "
        "`error: true`",
    )
    expected_errors: tuple[ExpectedError, ...] = Field(
        default=(), max_length=MAX_NAMED, description="errors that must come (one of them), and errors that must not"
    )
    fields: tuple[FieldExpectation, ...] = Field(default=(), description="each on what one path selects")
    subject: Subject = Field(default=Subject.RESULT, description="what paths look at")
    json_schema: dict[str, JsonValue] | bool | None = Field(
        default=None, description="JSON Schema of what paths look at; draft by `$schema`, 2020-12 without"
    )
    schema_file: str | None = Field(default=None, description="the same in a JSON file beside the suite")
    check_output_schema: bool = Field(
        default=False, description="true: `structuredContent` obeys the schema that the server announces for the tool"
    )
    snapshot: bool | Annotated[str, Field(pattern=SNAPSHOT_NAME)] = Field(
        default=False, description="true, or a name: the answer is what it was when the snapshot was taken"
    )
    redactions: tuple[Redaction, ...] = Field(default=(), max_length=100, description="what snapshots leave out")
    response_limits: ResponseLimits | None = Field(default=None, description="how large the answer may be")
    security_constraints: tuple[SecurityConstraint, ...] = Field(
        default=(), max_length=100, description="what must not be found in the answer"
    )
    ignore_order: bool = Field(
        default=False,
        description="true: arrays are equal in any order of their elements, at every depth; an element counts as often "
        "as it is there",
    )
    case_sensitive: bool = Field(
        default=True,
        description="false: capitals do not count in `value`, `not_value`, `one_of`, `contains`, `contains_all`, "
        "`starts_with`, `ends_with`; patterns have their own flag",
    )
    normalize_whitespace: bool = Field(
        default=False,
        description="true: a run of blanks and line ends counts as one blank, in the same checks",
    )
    trim_strings: bool = Field(
        default=False,
        description="true: blanks around a text do not count, in the same checks",
    )
    convert_types: bool = Field(
        default=False,
        description='true: a number, boolean or null equals the text that says it: `10` and `"10"`; number checks read '
        "texts",
    )
    allow_extra_fields: bool = Field(
        default=True,
        description="false: an object that some path *goes through* has no key that no path names. Objects at the end "
        "of a path are not looked into, nor is what MCP puts around a result",
    )
    strict_mode: bool = Field(
        default=False,
        description="true: 1 is not 1.0; no types are converted; no extra fields; every warning is a failure, that of "
        "`required: false` too",
    )
    continue_on_validation_error: bool = Field(default=True, description="false: stop at the first failure")
    max_validation_errors: int = Field(
        default=10, ge=1, le=1_000, description="failures that are listed; the others are counted"
    )
