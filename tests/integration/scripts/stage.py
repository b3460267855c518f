"""A stage for scripts: run one on a launcher of its own, with nothing left behind."""

from dataclasses import dataclass
from pathlib import Path

from harness.checks.answer import Answer
from harness.errors import ScriptFault
from harness.models.job import PlannedCall
from harness.models.script import Language, PlannedScript
from harness.scripts.context import ScriptContext, ScriptMetadata, context_of
from harness.scripts.runner import ScriptRunner
from harness.scripts.verdict import ScriptVerdict
from tests.integration.mcp.scene import Scene, play

CALL = PlannedCall(name="add", input={"a": 42, "b": 58})
SUM = Answer(result={"content": [{"type": "text", "text": "The sum is 100."}]})
PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@dataclass(frozen=True)
class Told:
    """What a script is told of, if not of 42 + 58."""

    call: PlannedCall = CALL
    answer: Answer | None = SUM

    @property
    def context(self) -> ScriptContext:
        """As the harness makes it."""
        metadata = ScriptMetadata(test_name="adds", tool_name=self.call.name, duration_ms=2.0)
        return context_of(self.call, self.answer, metadata)


async def no_blobs(digest: str, token: str) -> bytes:
    raise AssertionError("a script with a source has no blob")


def run(
    tmp_path: Path, language: Language, source: str, told: Told | None = None, **fields: object
) -> ScriptVerdict | ScriptFault:
    """What becomes of a script."""
    script = PlannedScript.model_validate({"name": "it", "language": language, "source": source, **fields})

    async def act(scene: Scene) -> ScriptVerdict | ScriptFault:
        runner = ScriptRunner(scene.launcher, PATH, no_blobs)
        try:
            return await runner.run(script, (told or Told()).context, scene.sandbox, "")
        except ScriptFault as fault:
            return fault

    return play(tmp_path, act)
