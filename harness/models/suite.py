"""What an author writes: the spec format, tools first.

These models are the language: the JSON Schema of the format is generated from them. Defaults and meanings follow
the documents of the seed project; where those contradict each other, `docs/suites.md` says what we took.
"""

from enum import StrEnum
from typing import Any, Literal

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


class Isolation(StrEnum):
    """How a test's session relates to those of other tests of its suite."""

    SHARED = "shared"  # any warm session, any order
    SUITE = "suite"  # one session for the whole suite, in file order
    FRESH = "fresh"  # a session of its own


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


class ToolTest(Authored):
    """One call of a tool and what must come back."""

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    input: dict[str, JsonValue] = Field(default_factory=dict)
    expected: Expected = Expected()
    dependencies: tuple[str, ...] = Field(default=(), description="names of tests of this suite that must pass first")
    group: str | None = Field(default=None, description="tests of one group share sandbox and session, in file order")
    isolation: Isolation | None = Field(default=None, description="overrides the suite's")
    timeout_seconds: float | None = Field(default=None, gt=0, le=3600)
    idempotent: bool = Field(
        default=True, description="false: never run again, not even for our own faults, once its request was written"
    )
    skip: bool = False
    tags: tuple[str, ...] = ()


class ToolTests(Authored):
    """The tests of one tool."""

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    tests: tuple[ToolTest, ...] = ()


class OtherTest(Authored):
    """A test on a resource or prompt: loaded, named, and reported as not yet supported."""

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    input: JsonValue = None
    expected: Expected = Expected()
    dependencies: tuple[str, ...] = ()
    skip: bool = False
    tags: tuple[str, ...] = ()


class ResourceTests(Authored):
    """The tests of one resource template."""

    uri_template: str
    name: str
    description: str = ""
    mime_type: str | None = None
    tests: tuple[OtherTest, ...] = ()


class PromptArgument(Authored):
    """One declared argument of a prompt."""

    name: str
    description: str = ""
    required: bool = False


class PromptTests(Authored):
    """The tests of one prompt."""

    name: str
    description: str = ""
    arguments: tuple[PromptArgument, ...] = ()
    tests: tuple[OtherTest, ...] = ()


class Capabilities(Authored):
    """What the author says the server can do. A key that is given is compared with the server's answer."""

    tools: bool | None = None
    resources: bool | None = None
    prompts: bool | None = None
    sampling: bool | None = Field(default=None, description="a client's capability: loaded, not compared")
    logging: bool | None = None
    experimental: dict[str, JsonValue] | None = Field(default=None, description="loaded, not compared")


class Server(Authored):
    """How to start the server under test."""

    command: str = Field(min_length=1)
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    working_dir: str | None = Field(default=None, description="relative to the sandbox, which is the default")
    transport: Literal["stdio"] = "stdio"
    protocol_version: str | None = Field(default=None, description="MCP revision to offer; default 2025-11-25")
    startup_timeout_seconds: float = Field(default=30, gt=0, le=300)
    shutdown_timeout_seconds: float = Field(default=10, gt=0, le=60)


class SandboxFile(Authored):
    """A file beside the suite that the server needs in its sandbox."""

    source: str = Field(description="path relative to the suite file, inside the suite's folder")
    target: str | None = Field(default=None, description="path in the sandbox; default: the same relative path")


class Retry(Authored):
    """When and how often a test that did not pass is run again, each time on a fresh session.

    Patterns are RE2 expressions, case-insensitive, found anywhere in *our own* words for what went wrong
    (docs/suites.md lists them), never in a text that the server wrote.
    """

    max_retries: int = Field(default=3, ge=0, le=10)
    retry_delay_ms: int = Field(default=1000, ge=0, le=600_000)
    exponential_backoff: bool = Field(default=True, description="the delay doubles with every retry")
    max_backoff_ms: int = Field(default=30_000, ge=0, le=3_600_000)
    jitter: bool = Field(default=True, description="each delay is shortened by up to a half, by chance")
    retry_on_patterns: tuple[str, ...] = Field(default=(), max_length=50, description="empty: whatever went wrong")
    no_retry_patterns: tuple[str, ...] = Field(default=(), max_length=50, description="stronger than retry_on_patterns")


class SuiteConfig(Authored):
    """Limits and habits of the whole suite."""

    timeout_seconds: float = Field(default=60, gt=0, le=3600, description="of each test")
    max_concurrency: int = Field(default=4, ge=1, le=64, description="calls in flight to this suite's server")
    fail_fast: bool = False
    retry: Retry | None = Field(default=None, description="without it nothing is run again")


class Suite(Authored):
    """One suite file."""

    name: str = Field(min_length=1, max_length=200)
    version: str = ""
    description: str = ""
    capabilities: Capabilities = Capabilities()
    server: Server
    isolation: Isolation = Isolation.SHARED
    files: tuple[SandboxFile, ...] = Field(default=(), max_length=200)
    tools: tuple[ToolTests, ...] = ()
    resources: tuple[ResourceTests, ...] = ()
    prompts: tuple[PromptTests, ...] = ()
    test_config: SuiteConfig = SuiteConfig()
    metadata: dict[str, Any] = Field(default_factory=dict)
