"""From a script to the process that runs it: the interpreter, its files, its environment.

A script and its context lie in a folder of their own outside the sandbox, where no server writes. Python and Lua are
run by this program's own interpreter (Lua is built into a library), JavaScript by the `node` on the servers' PATH.
"""

import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from harness.containment.start import ServerStart
from harness.errors import ScriptFault
from harness.mcp.preparation import DEFAULT_PATH
from harness.mcp.sandbox import Sandbox, confined
from harness.models.script import Language, PlannedScript

MAX_OUTPUT_BYTES = 1024 * 1024
CONTEXT_FILE = "context.json"
_PRELUDES = Path(__file__).resolve().parent / "prelude"
_FILES = {Language.PYTHON: "script.py", Language.JAVASCRIPT: "script.cjs", Language.LUA: "script.lua"}
_INTERPRETERS: dict[Language, tuple[str, ...]] = {
    Language.PYTHON: (sys.executable, "-S", "-P", "-s", "-B", "-Xutf8", str(_PRELUDES / "run_python.py")),
    Language.JAVASCRIPT: ("node", str(_PRELUDES / "run_node.cjs")),
    Language.LUA: (sys.executable, "-P", "-s", "-B", "-Xutf8", str(_PRELUDES / "run_lua.py")),
}


def prepare_script(
    script: PlannedScript, folder: Path, sandbox: Sandbox, environment: Mapping[str, str]
) -> ServerStart:
    """The process to start. Its environment is built from nothing, as that of a server; `environment` is the worker's.

    Raises ScriptFault for a working directory that leads out of the sandbox.
    """
    command, *args = _INTERPRETERS[script.language]
    return ServerStart(
        command=command,
        args=(*args, str(folder / _FILES[script.language]), str(folder / CONTEXT_FILE)),
        env={
            "PATH": DEFAULT_PATH,
            "HOME": str(sandbox.path),
            "TMPDIR": str(sandbox.tmp),
            "LANG": "C.UTF-8",
            **environment,
            **script.env,
        },
        cwd=str(_working_dir(script, sandbox)),
        line_limit_bytes=MAX_OUTPUT_BYTES,
    )


def write_files(script: PlannedScript, source: bytes, context: bytes, folder: Path) -> None:
    """Put the script and its context into `folder`, which is private."""
    (folder / _FILES[script.language]).write_bytes(source)
    (folder / CONTEXT_FILE).write_bytes(context)


def _working_dir(script: PlannedScript, sandbox: Sandbox) -> Path:
    named = (script.working_dir or ".").removeprefix(f"{sandbox.path}/")
    if named == str(sandbox.path) or not PurePosixPath(named).parts:
        return sandbox.path
    try:
        return confined(sandbox.path, named)
    except ValueError as problem:
        raise ScriptFault(f"working_dir: {problem}") from None
