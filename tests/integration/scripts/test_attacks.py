"""Scripts that do what they must not: each is over in its time, says what it did, and leaves nothing behind.

`play` looks for processes that are left; a script has one interpreter, so that any language may stand for all.
"""

import json
import os
from pathlib import Path

import pytest

from harness.checks.answer import Answer
from harness.errors import ScriptFault
from harness.models.script import Language
from harness.scripts.verdict import ScriptVerdict
from tests.integration.scripts.stage import Told, run

FORKS = """
import os, time
for _ in range(7):
    os.fork()
if os.fork():
    os.setsid() if os.getpid() != os.getsid(0) else None
time.sleep(60)
"""
CLOSES_STDOUT = "import os, time; os.close(1); time.sleep(60)"
KILLS_ITS_PARENT = "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
LEAVES_A_CHILD = """
import os, time
if not os.fork():
    os.setsid()
    time.sleep(60)
result = True
"""


@pytest.mark.parametrize(
    ("language", "source"),
    [
        (Language.PYTHON, "while True: pass"),
        (Language.JAVASCRIPT, "for (;;) {}"),
        (Language.LUA, "while true do end"),
        (Language.PYTHON, "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"),
        (Language.PYTHON, FORKS),
    ],
)
def test_an_endless_script_is_ended_with_all_that_it_started(language: Language, source: str, tmp_path: Path) -> None:
    said = run(tmp_path, language, source, timeout_s=0.7)
    assert isinstance(said, ScriptFault) and str(said) == "it took longer than 0.7 s"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("while True: print('x' * 70)", "it wrote more than 1048576 bytes to its standard output"),
        ("while True: print('x' * 100_000, end='')", "it wrote a line of more than 1048576 bytes"),
        (CLOSES_STDOUT, "it did not end by itself: SIGKILL, sent by the farm after it had closed a standard stream"),
        (KILLS_ITS_PARENT, "it did not end by itself: its keeper ended unexpectedly"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it did not end by itself: SIGSEGV"),
    ],
)
def test_a_script_that_breaks_a_bound_says_which(source: str, why: str, tmp_path: Path) -> None:
    said = run(tmp_path, Language.PYTHON, source)
    assert isinstance(said, ScriptFault) and str(said) == why


def test_what_a_script_leaves_running_is_gone_and_its_verdict_counts(tmp_path: Path) -> None:
    said = run(tmp_path, Language.PYTHON, LEAVES_A_CHILD)
    assert isinstance(said, ScriptVerdict) and said.success is True


def test_a_flood_on_stderr_is_bounded_and_does_not_decide(tmp_path: Path) -> None:
    said = run(tmp_path, Language.PYTHON, "import sys; sys.stderr.write('x' * 5_000_000); result = True")
    assert isinstance(said, ScriptVerdict) and said.success is True
    assert len(said.stderr) == 4_000


@pytest.mark.parametrize(
    ("language", "source"),
    [
        (
            Language.PYTHON,
            "import os, json; print(json.dumps({'success': True, 'message': json.dumps(dict(os.environ))}))",
        ),
        (Language.JAVASCRIPT, "({success: true, message: JSON.stringify(process.env)})"),
    ],
)
def test_a_script_sees_no_variable_of_the_worker(
    language: Language, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCPF_SECRET_TOKEN", "canary")
    said = run(tmp_path, language, source, env={"A": "1"})
    assert isinstance(said, ScriptVerdict) and said.success
    seen = json.loads(said.message)
    assert set(seen) - {"LC_CTYPE"} == {"PATH", "HOME", "TMPDIR", "LANG", "A"}


def test_a_script_finds_itself_in_the_sandbox_and_its_own_files_are_gone_afterwards(tmp_path: Path) -> None:
    source = "import os, sys; result = {'success': True, 'message': sys.argv[0] + ' ' + os.getcwd()}"
    said = run(tmp_path, Language.PYTHON, source)
    assert isinstance(said, ScriptVerdict)
    file, folder = said.message.split()
    assert Path(folder).is_relative_to(tmp_path)
    assert not os.path.lexists(Path(file).parent)


def test_a_text_that_a_script_prints_cannot_outvote_its_exit_code(tmp_path: Path) -> None:
    said = run(tmp_path, Language.PYTHON, "import sys; print('{\"success\": true}'); sys.exit(1)")
    assert isinstance(said, ScriptVerdict) and (said.exit_code, said.success) == (1, True)


def test_lua_has_no_way_into_the_process_that_runs_it(tmp_path: Path) -> None:
    said = run(tmp_path, Language.LUA, "return python == nil and context.log ~= nil")
    assert isinstance(said, ScriptVerdict) and said.success is True


def test_a_script_that_does_not_read_its_input_is_not_held_up(tmp_path: Path) -> None:
    much = Told(answer=Answer(result={"content": [{"type": "text", "text": "x" * 1_000_000}]}))
    said = run(tmp_path, Language.PYTHON, "import os, time; os.close(0); time.sleep(0.7); result = True", much)
    assert isinstance(said, ScriptVerdict) and said.success is True
