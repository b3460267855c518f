"""Secrets and scripts from the command line: nothing starts without them, and nothing that is written shows them."""

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

from tests.acceptance.command import Finished, run_command, write_suite
from tests.conftest import CallLog, plain_server

CANARY = "c4n4ry-Kx93+value"
FORMS = (CANARY, base64.b64encode(CANARY.encode()).decode()[:-4], CANARY[:10])


def written(done: Finished, folder: Path) -> Iterator[tuple[str, bytes]]:
    """All that a run showed and left: both streams, the database, blobs, reports."""
    yield from (("stdout", done.stdout.encode()), ("stderr", done.stderr.encode()))
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield file.name, gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def test_a_secret_reaches_its_server_and_nothing_else(tmp_path: Path) -> None:
    encoded = {"path": "$.content[0].text", "value": f"no {len(CANARY)}"}
    suite = write_suite(
        tmp_path / "suite.yaml",
        plain_server(TOKEN="${secret:TOKEN}"),
        {
            "env": [{"name": "given", "input": {"name": "TOKEN"}, "expected": {"fields": [{"path": "$[0].text"}]}}],
            "echo": [{"name": "shown", "input": {"text": "it is ${secret:TOKEN}"}, "expected": {"fields": [encoded]}}],
        },
    )

    done = run_command(
        ["run", str(suite), "-v", "--format", "json,junit,html"], tmp_path / "state", MCPF_SECRET_TOKEN=CANARY
    )

    assert done.outcomes() == {"given": "passed", "shown": "failed"}
    found = [f"{form} in {name}" for name, text in written(done, tmp_path) for form in FORMS if form.encode() in text]
    assert found == []
    assert "it is [secret:TOKEN]" in done.stdout


def test_an_unknown_secret_is_named_and_nothing_is_started(tmp_path: Path, call_log: CallLog) -> None:
    server = plain_server(call_log, TOKEN="${secret:TOKEN}")
    suite = write_suite(tmp_path / "suite.yaml", server, {"echo": [{"name": "a", "input": {"text": "${secret:KEY}"}}]})

    done = run_command(["run", str(suite)], tmp_path / "state", MCPF_SECRET_TOKEN=CANARY)

    told = "the secret is not known here: 'KEY'; set MCPF_SECRET_KEY, or name it in the file of MCPF_SECRETS_FILE"
    assert (done.exit_code, done.report) == (2, None)
    assert told in done.stderr
    assert call_log.starts() == []


def test_scripts_decide_warn_and_break_down(tmp_path: Path) -> None:
    sum_is = "tonumber(context.response[1].text) == context.request.arguments.a + context.request.arguments.b"
    scripts = [
        {"name": "sum", "language": "lua", "source": f"return {sum_is}"},
        {"name": "three", "language": "javascript", "source": "`${context.response.total}` === '3'"},
        {"name": "doubts", "required": False, "source": "result = {'success': False, 'message': 'who knows'}"},
        {"name": "endless", "timeout_seconds": 0.3, "source": "while True: pass"},
        {"name": "early", "execution_phase": "before", "source": "result = context.response is None"},
    ]
    names = {"good": ["early", "sum", "three", "doubts"], "four": ["sum", "three"], "slow": ["endless"]}
    tests = [
        {"name": name, "input": {"a": 1, "b": 3 if name == "four" else 2}, "validation_scripts": called}
        for name, called in names.items()
    ]
    suite = write_suite(tmp_path / "suite.yaml", plain_server(), {"add": tests}, validation_scripts=scripts)

    done = run_command(["run", str(suite)], tmp_path / "state")

    assert done.report is not None
    assert {test.name: (test.outcome, test.reason) for test in done.report.tests} == {
        "good": ("passed", ""),
        "four": ("failed", "script at three: expected success, got no success"),
        "slow": ("error", "script: endless: it took longer than 0.3 s"),
    }
    warnings = [warning for test in done.report.tests for warning in test.attempts[-1].record.warnings]
    assert [str(warning) for warning in warnings] == ["script at doubts: expected success, got no success: who knows"]
