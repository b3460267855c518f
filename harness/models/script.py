"""Scripts that judge an answer: as an author writes them, and as they travel to a worker."""

from enum import StrEnum

from pydantic import Field, JsonValue

from harness.models.wire import Authored, Wire


class Language(StrEnum):
    """What runs a script."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"  # node
    LUA = "lua"


class Phase(StrEnum):
    """When a script runs: around the calls of its test."""

    BEFORE = "before"
    AFTER = "after"
    BOTH = "both"


class Script(Authored):
    """A script of a suite. Give `source` (its text) or `file` (a path beside the suite), one of them.

    It finds the context as JSON on its standard input and says its verdict as JSON on its standard output:
    `{"success": …, "score": …, "message": …}`. Its exit code must be as expected, too. docs/scripts.md has the rest.
    """

    name: str = Field(default="", max_length=200, description="how tests and reports call it")
    description: str = Field(default="", description="for people")
    language: Language = Field(
        default=Language.PYTHON,
        description="python: standard library; javascript: the worker's node; lua: 5.4, built in",
    )
    execution_phase: Phase = Field(
        default=Phase.AFTER,
        description="before the test's calls, after them once all checks of the answer hold, or both",
    )
    required: bool = Field(default=True, description="false: a warning is shown when it does not hold or cannot be run")
    source: str | None = Field(default=None, max_length=64 * 1024, description="its text; `${…}` in it stays as it is")
    file: str | None = Field(default=None, description="path relative to the suite file, inside the suite's folder")
    timeout_seconds: float = Field(
        default=10, gt=0, le=300, description="its own, beside the test's; then it is ended with all that it started"
    )
    timeout_ms: float | None = Field(default=None, gt=0, le=300_000, description="the same in milliseconds; it wins")
    min_score: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="the score of its verdict must reach this; without a score it does not hold",
    )
    expected_exit_code: int = Field(
        default=0, ge=0, le=255, description="with another one it does not hold, whatever its verdict says"
    )
    params: dict[str, JsonValue] = Field(default_factory=dict, description="what it finds as `params`")
    env: dict[str, str] = Field(
        default_factory=dict, description="added to PATH, HOME, TMPDIR and LANG, which is all that it has otherwise"
    )
    working_dir: str | None = Field(default=None, description="a folder in the sandbox, which is the default")


class PlannedScript(Wire):
    """A script as it travels: its text, or the digest of its file."""

    name: str
    language: Language
    phase: Phase = Phase.AFTER
    required: bool = True
    source: str = ""
    digest: str = Field(default="", description="of the file that holds the text; empty when `source` does")
    timeout_s: float = 10
    min_score: float | None = None
    expected_exit_code: int = 0
    params: dict[str, JsonValue] = Field(default_factory=dict)
    env: dict[str, str] = Field(default_factory=dict)
    working_dir: str | None = None
