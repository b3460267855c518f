"""What an author writes: the spec format, tools first.

These models are the language: the JSON Schema of the format is generated from them. Defaults and meanings follow
the documents of the seed project; where those contradict each other, `docs/suites.md` says what we took.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, JsonValue

from harness.models.expected import Expected
from harness.models.server import Server
from harness.models.wire import Authored


class Isolation(StrEnum):
    """How a test's session relates to those of other tests of its suite."""

    SHARED = "shared"  # any warm session, any order
    SUITE = "suite"  # one session for the whole suite, in file order
    FRESH = "fresh"  # a session of its own


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
