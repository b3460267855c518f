"""What an author writes: a suite and its tests.

These models are the language: the JSON Schema of the format is generated from them. Defaults and meanings follow
the documents of the seed project; where those contradict each other, `docs/suites.md` says what we took.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, JsonValue

from harness.models.expected import Expected
from harness.models.method import Method
from harness.models.performance import Performance
from harness.models.script import Script
from harness.models.server import Server
from harness.models.target import TargetQuery
from harness.models.wire import Authored

NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
"""What expressions and templates can name."""
MAX_STEPS = 100
EXPECTED = "what must come back; without it, anything but an error"
FOR_PEOPLE = "for people"
OFFERED = "true: the server offers it; false: it does not; left out: not compared"
Choices = Annotated[tuple[JsonValue, ...], Field(min_length=1)]


class Isolation(StrEnum):
    """How a test's session relates to those of other tests of its suite."""

    SHARED = "shared"  # any warm session, any order
    SUITE = "suite"  # one session for the whole suite, in file order
    FRESH = "fresh"  # a session of its own


class Step(Authored):
    """One request before, in, or after a test. Give `tool`, `resource`, `prompt` or `method`."""

    name: str = Field(default="", max_length=200, description="how reports call it, beside its number")
    tool: str | None = Field(default=None, description="calls this tool with `input`")
    resource: str | None = Field(default=None, description="reads the resource with this URI")
    prompt: str | None = Field(default=None, description="gets this prompt with `input` as its arguments")
    method: Method | None = Field(default=None, description="any other request, with `input` as its params")
    input: dict[str, JsonValue] = Field(default_factory=dict, description="arguments or params of the request")
    expected: Expected = Field(default=Expected(), description=EXPECTED)
    store_result_as: str | None = Field(
        default=None,
        pattern=NAME,
        description="later steps of the test find the answer as `${steps.NAME.path}`",
    )


class FixtureScope(StrEnum):
    """How long what a fixture prepared stays."""

    SESSION = "session"  # prepared in every session, before the first test that uses it
    RUN = "run"  # prepared once; the tests that use it are a group between its set-up and its clean-up


class Fixture(Authored):
    """What tests that use it find prepared. Its clean-up always runs."""

    name: str = Field(pattern=NAME, description="tests name it in `uses`")
    scope: FixtureScope = Field(
        default=FixtureScope.SESSION,
        description="session: every session is prepared once, before the first test that uses it, and cleaned up "
        "before it ends; run: set-up and clean-up are tests of their own, around all that use it: one group",
    )
    autouse: bool = Field(default=False, description="true: every test of the suite uses it")
    setup: tuple[Step, ...] = Field(default=(), max_length=MAX_STEPS, description="what prepares it")
    cleanup: tuple[Step, ...] = Field(
        default=(), max_length=MAX_STEPS, description="what clears up after it, whatever happened"
    )


class TestCase(Authored):
    """One test: a request, or steps, and what must come back."""

    __test__ = False

    name: str = Field(min_length=1, max_length=200, description="unique within its tool; part of its id")
    description: str = Field(default="", description=FOR_PEOPLE)
    enabled: bool = Field(default=True, description="false: skipped, and so is everything that depends on it")
    priority: int = Field(default=0, ge=-1000, le=1000, description="higher ones are published first")
    input: dict[str, JsonValue] = Field(default_factory=dict, description="the arguments of the request")
    expected: Expected = Field(default=Expected(), description=EXPECTED)
    setup: tuple[Step, ...] = Field(
        default=(), max_length=MAX_STEPS, description="before; a step that fails makes the test an `error`"
    )
    steps: tuple[Step, ...] = Field(
        default=(),
        max_length=MAX_STEPS,
        description="one after the other, then the test's own request; the first that fails ends the test as `failed`",
    )
    cleanup: tuple[Step, ...] = Field(
        default=(),
        max_length=MAX_STEPS,
        description="afterwards, whatever happened, 5 s at most; what fails is a warning",
    )
    uses: tuple[str, ...] = Field(default=(), description="names of fixtures of the suite")
    variables: dict[str, JsonValue] = Field(default_factory=dict, description="`${name}`, over those of the suite")
    matrix: dict[str, Choices] = Field(
        default_factory=dict, description="one test for every combination; `${matrix.name}` is its value"
    )
    parameters: tuple[dict[str, JsonValue], ...] = Field(
        default=(), description="one test for every mapping; `${matrix.name}` is its value"
    )
    dependencies: tuple[str, ...] = Field(
        default=(),
        description="tests of this suite that must pass first, as `test` or `tool/test`; a name that means two tests "
        "is written in full",
    )
    group: str | None = Field(default=None, description="tests of one group share sandbox and session, in file order")
    isolation: Isolation | None = Field(default=None, description="overrides the suite's")
    timeout_seconds: float | None = Field(
        default=None, gt=0, le=3600, description="of the whole test, with its steps; default: the suite's"
    )
    idempotent: bool = Field(
        default=True,
        description="true: calling it twice does no harm. false: once its request may have been written, it is never "
        "sent again: not by a retry, not after a worker was lost, nor as part of a group that starts again",
    )
    skip: bool = Field(default=False, description="true: skipped, and so is everything that depends on it")
    skip_if: str | None = Field(default=None, description="an expression; skipped when it is true")
    only_if: str | None = Field(default=None, description="an expression; skipped unless it is true")
    tags: tuple[str, ...] = Field(default=(), description="`--tag TAG` selects by these")
    performance: Performance | None = Field(default=None, description="limits on time and size")
    validation_scripts: tuple[str, ...] = Field(default=(), description="names of scripts of the suite")
    scripts: tuple[Script, ...] = Field(default=(), max_length=20, description="scripts of this test alone")


class ToolTests(Authored):
    """The tests of one tool."""

    name: str = Field(min_length=1, max_length=200, description="of the tool")
    description: str = Field(default="", description=FOR_PEOPLE)
    tests: tuple[TestCase, ...] = Field(default=(), description="each one call of the tool")


class ResourceTests(Authored):
    """The tests of one resource template.

    What a test does is in its `input`: with `uri` it reads, with `subscribe: true` too it subscribes; with variables
    of the template it reads the URI that they make; otherwise it lists.
    """

    uri_template: str = Field(
        min_length=1, max_length=2000, description="a URI, or a template (RFC 6570) whose variables `input` fills"
    )
    name: str = Field(min_length=1, max_length=200, description="how ids and reports call it")
    description: str = Field(default="", description=FOR_PEOPLE)
    mime_type: str | None = Field(default=None, description="of every content that a successful read brings")
    tests: tuple[TestCase, ...] = Field(default=(), description="each a read, a list or a subscription")


class PromptArgument(Authored):
    """One declared argument of a prompt: compared with what the server lists."""

    name: str = Field(description="the server must list it")
    description: str = Field(default="", description=FOR_PEOPLE)
    required: bool = Field(default=False, description="true: the server must list it as required")


class PromptTests(Authored):
    """The tests of one prompt."""

    name: str = Field(min_length=1, max_length=200, description="of the prompt")
    description: str = Field(default="", description=FOR_PEOPLE)
    arguments: tuple[PromptArgument, ...] = Field(
        default=(), description="compared with those that the server lists, in a test of their own"
    )
    tests: tuple[TestCase, ...] = Field(default=(), description="each one request for the prompt")


class MethodTests(Authored):
    """The tests of any other request: lists, completion, ping, what the server said at its start."""

    name: Method = Field(description="the method, such as `tools/list`; a test's `input` is its params")
    description: str = Field(default="", description=FOR_PEOPLE)
    tests: tuple[TestCase, ...] = Field(default=(), description="each one request")


class Capabilities(Authored):
    """What the author says the server can do. A key that is given is compared with the server's answer."""

    tools: bool | None = Field(default=None, description=OFFERED)
    resources: bool | None = Field(default=None, description=OFFERED)
    prompts: bool | None = Field(default=None, description=OFFERED)
    sampling: bool | None = Field(default=None, description="a client's capability: loaded, not compared")
    logging: bool | None = Field(default=None, description=OFFERED)
    experimental: dict[str, JsonValue] | None = Field(default=None, description="loaded, not compared")


class SandboxFile(Authored):
    """A file beside the suite that the server needs in its sandbox."""

    source: str = Field(
        description="file or folder, relative to the suite file, inside the suite's folder; a folder means all files "
        "below it"
    )
    target: str | None = Field(
        default=None,
        description="path in the sandbox; with a `/` at its end, the file goes below it under its own name; default: "
        "the same relative path",
    )
    required: bool = Field(default=True, description="false: a file that is not beside the suite is left out")


class Retry(Authored):
    """When and how often a test that did not pass is run again, each time on a fresh session.

    Patterns are RE2 expressions, case-insensitive, found anywhere in *our own* words for what went wrong
    (docs/suites.md lists them), never in a text that the server wrote.
    """

    max_retries: int = Field(default=3, ge=0, le=10, description="how often a test is run again")
    retry_delay_ms: int = Field(default=1000, ge=0, le=600_000, description="milliseconds before the first retry")
    exponential_backoff: bool = Field(default=True, description="the delay doubles with every retry")
    max_backoff_ms: int = Field(
        default=30_000, ge=0, le=3_600_000, description="milliseconds that the doubled delay does not exceed"
    )
    jitter: bool = Field(
        default=True,
        description="each delay is shortened by up to a half, by chance, so that not all come back at once",
    )
    retry_on_patterns: tuple[str, ...] = Field(
        default=(), max_length=50, description="only when one of them is found; empty: whatever went wrong"
    )
    no_retry_patterns: tuple[str, ...] = Field(
        default=(), max_length=50, description="not when one of them is found, whatever the others say"
    )


class SuiteConfig(Authored):
    """Limits and habits of the whole suite."""

    timeout_seconds: float = Field(default=60, gt=0, le=3600, description="of each test")
    max_concurrency: int = Field(default=4, ge=1, le=64, description="calls in flight to this suite's server")
    fail_fast: bool = Field(
        default=False, description="true: after its first test that does not pass, the suite starts no further one"
    )
    retry: Retry | None = Field(default=None, description="without it nothing is run again")


class Suite(Authored):
    """One suite file."""

    extends: str | None = Field(
        default=None,
        description="path of a suite, inside the folder that is run, whose keys this one has, too",
    )

    name: str = Field(
        min_length=1, max_length=200, description="of the suite; with `server`, the target in the ids of its tests"
    )
    version: str = Field(default="", description="for people; text, so quote it")
    description: str = Field(default="", description=FOR_PEOPLE)
    capabilities: Capabilities = Field(
        default=Capabilities(), description="what the server is said to offer, compared in a test named `capabilities`"
    )
    server: Server | None = Field(default=None, description="what is tested, unless targets are chosen for the run")
    target: str | None = Field(default=None, description="name of the target that is tested: a file of `targets/`")
    targets: tuple[str, ...] = Field(
        default=(), max_length=200, description="names of targets: every test runs against each of them"
    )
    targets_where: TargetQuery | None = Field(
        default=None, description="the same for all targets with these labels; `targets` with a mapping means this"
    )
    isolation: Isolation = Field(
        default=Isolation.SHARED,
        description="shared: any session, any order; suite: one session for all, in file order; fresh: a session for "
        "each test",
    )
    files: tuple[SandboxFile, ...] = Field(
        default=(), max_length=200, description="what the server needs in its sandbox"
    )
    enabled: bool = Field(default=True, description="false: all its tests are skipped")
    priority: int = Field(default=0, ge=-1000, le=1000, description="added to that of its tests")
    tags: tuple[str, ...] = Field(default=(), description="of all its tests")
    depends_on: tuple[str, ...] = Field(default=(), description="names of suites of the run that must pass first")
    required_success_rate: float | None = Field(
        default=None, ge=0, le=1, description="when so many of its tests pass, the others do not fail the run"
    )
    skip_if: str | None = Field(default=None, description="an expression; all its tests are skipped when it is true")
    only_if: str | None = Field(default=None, description="an expression; all its tests are skipped unless it is true")
    variables: dict[str, JsonValue] = Field(default_factory=dict, description="`${name}` in texts of this file")
    matrix: dict[str, Choices] = Field(default_factory=dict, description="all tests for each combination")
    fixtures: tuple[Fixture, ...] = Field(default=(), max_length=50, description="set-ups that tests share")
    validation_scripts: tuple[Script, ...] = Field(
        default=(), max_length=100, description="scripts that tests call by their names"
    )
    setup_commands: tuple[str, ...] = Field(
        default=(), max_length=20, description="run by sh in a new sandbox, before its first server, 30 s each"
    )
    teardown_commands: tuple[str, ...] = Field(
        default=(), max_length=20, description="run by sh in a sandbox before it is removed, whatever happened"
    )
    tools: tuple[ToolTests, ...] = Field(default=(), description="tests that call tools")
    resources: tuple[ResourceTests, ...] = Field(default=(), description="tests that read, list or subscribe")
    prompts: tuple[PromptTests, ...] = Field(default=(), description="tests that get prompts")
    methods: tuple[MethodTests, ...] = Field(default=(), description="tests of any other request")
    flows: tuple[TestCase, ...] = Field(default=(), description="tests that consist of steps alone")
    test_config: SuiteConfig = Field(default=SuiteConfig(), description="limits and habits of the whole suite")
    metadata: dict[str, Any] = Field(default_factory=dict, description="anything, for people and other programs")
