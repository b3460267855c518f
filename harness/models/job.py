"""What travels to a worker: the plan of a suite (a blob, fetched once) and one small message per test."""

from enum import StrEnum

from pydantic import Field, JsonValue

from harness.models.expected import Expected, SnapshotMode
from harness.models.method import Method
from harness.models.performance import Performance
from harness.models.script import PlannedScript
from harness.models.server import Server
from harness.models.suite import Capabilities, Isolation, Retry
from harness.models.target import PlannedInstall
from harness.models.wire import Wire

PLAN_VERSION = 1
MESSAGE_VERSION = 1


class TestKind(StrEnum):
    """What a test does."""

    __test__ = False

    TOOL = "tool"  # one tools/call and no more: what the first workers knew
    REQUEST = "request"  # calls of any method, in steps, repeated, with scripts
    CAPABILITIES = "capabilities"  # compare declared capabilities with the server's
    UNSUPPORTED = "unsupported"  # loaded, never run


class PlannedCall(Wire):
    """One request of a test: a step, or its own call."""

    label: str = Field(default="", description="`setup 1`, `step 2 (login)`, …; empty: the test's own call")
    method: Method = Method.CALL_TOOL
    name: str = Field(default="", description="tool, prompt or URI")
    input: dict[str, JsonValue] = Field(default_factory=dict, description="arguments, or the params of other methods")
    expected: Expected = Expected()
    store_as: str = Field(default="", description="later steps find its answer as `${steps.NAME.…}`")


class BundleFile(Wire):
    """One file of a bundle."""

    path: str = Field(description="relative to the run's root, with forward slashes")
    digest: str = Field(description="sha256 in lower-case hex")
    size_bytes: int
    mode: int = 0o644


class Bundle(Wire):
    """The files of a run, by digest. A bundle is itself a blob: the canonical JSON of this model."""

    schema_version: int = 1
    suites: tuple[str, ...] = Field(description="paths of the suite files within `files`")
    targets: tuple[str, ...] = Field(default=(), description="paths of the target files within `files`")
    files: tuple[BundleFile, ...]


class PlannedFile(Wire):
    """A blob and where it goes in a sandbox."""

    target: str
    digest: str
    mode: int = 0o644


class Condition(Wire):
    """A condition on a test that only its worker can judge, with all that it needs of what is known before."""

    key: str = Field(description="`skip_if` or `only_if`")
    expression: str
    skips_when: bool
    names: dict[str, JsonValue] = Field(default_factory=dict)


class PlannedTest(Wire):
    """One test, ready to be run."""

    number: int = Field(description="position in the run, from 0; unique in the run, names the test in Redis")
    test_id: str = Field(description="project/suite/target/path, stable over runs")
    kind: TestKind
    tool: str = Field(default="", description="tool, prompt or URI; empty for other methods")
    name: str
    input: dict[str, JsonValue] = Field(default_factory=dict)
    expected: Expected = Expected()
    isolation: Isolation = Isolation.SHARED
    group: str | None = None
    depends_on: tuple[int, ...] = Field(default=(), description="numbers of tests of the same group")
    timeout_s: float = 60
    idempotent: bool = True
    skip_reason: str = Field(default="", description="non-empty: final at submission, never published")
    tags: tuple[str, ...] = ()
    priority: int = Field(default=0, description="higher ones are published first")
    file: str = ""
    line: int = 0
    method: Method = Method.CALL_TOOL
    setup: tuple[PlannedCall, ...] = Field(default=(), description="before; the first that fails ends the test")
    steps: tuple[PlannedCall, ...] = Field(default=(), description="instead of the one call of `tool` and `input`")
    cleanup: tuple[PlannedCall, ...] = Field(default=(), description="afterwards, whatever happened; warns at most")
    scripts: tuple[PlannedScript, ...] = ()
    performance: Performance | None = None
    uses: tuple[str, ...] = Field(default=(), description="fixtures of scope `session` that its session must have")
    conditions: tuple[Condition, ...] = Field(default=(), description="judged once the server has said what it is")
    always: bool = Field(default=False, description="runs even when what it depends on did not pass: a clean-up")

    @property
    def call(self) -> PlannedCall:
        """The test's own call, where it has no steps."""
        return PlannedCall(method=self.method, name=self.tool, input=self.input, expected=self.expected)


class PlannedFixture(Wire):
    """What a session must have been prepared with before the tests that use it."""

    name: str
    setup: tuple[PlannedCall, ...] = ()
    cleanup: tuple[PlannedCall, ...] = ()


class SuitePlan(Wire):
    """One suite against one target: all that a worker must know to run any of its tests."""

    schema_version: int = PLAN_VERSION
    project: str
    suite: str
    name: str = Field(default="", description="as the author calls the suite")
    depends_on: tuple[str, ...] = Field(default=(), description="suites of the run that must pass before")
    target: str
    file: str
    server: Server
    install: PlannedInstall | None = None
    requires: tuple[str, ...] = Field(default=(), description="what its worker must offer, as `node>=20`")
    secrets: tuple[str, ...] | None = Field(
        default=None, description="the only secrets that it may use; None: those that its suite names"
    )
    capabilities: Capabilities = Capabilities()
    files: tuple[PlannedFile, ...] = ()
    max_concurrency: int = 4
    fail_fast: bool = False
    retry: Retry | None = None
    fixtures: tuple[PlannedFixture, ...] = Field(default=(), description="of scope `session`")
    setup_commands: tuple[str, ...] = ()
    teardown_commands: tuple[str, ...] = ()
    required_success_rate: float | None = None
    snapshots: dict[str, str] = Field(default_factory=dict, description="path below the suite's folder → digest")
    snapshot_folder: str = Field(default="", description="where below the suite's folder its snapshots are")
    snapshot_mode: SnapshotMode = SnapshotMode.CI
    tests: tuple[PlannedTest, ...]

    def group_members(self, group: str) -> tuple[PlannedTest, ...]:
        """The tests of `group` in file order."""
        return tuple(test for test in self.tests if test.group == group)


class TestMessage(Wire):
    """The body of one Celery message: one test under one lease. Under 1 KiB; its only secret is the run token."""

    __test__ = False

    schema_version: int = MESSAGE_VERSION
    run_id: str
    number: int
    lease: int
    plan: str = Field(description="digest of the SuitePlan blob")
    test_id: str
    token: str = Field(description="lets a worker fetch the run's blobs over the API")
    fresh: bool = Field(default=False, description="a retry: it gets a session of its own")
    alone: bool = Field(default=False, description="a suspect: nothing else runs in the worker's process meanwhile")
