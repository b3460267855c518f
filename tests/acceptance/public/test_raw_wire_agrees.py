"""The SDK changes nothing: each test of the public suites gets the same verdict over the raw wire."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.checks.answer import Answer
from harness.checks.judge import judge
from harness.containment.launcher import Launcher, start_launcher
from harness.mcp.opening import open_session
from harness.mcp.raw import open_raw
from harness.mcp.sandbox import Sandbox, temporary_sandbox
from harness.models.attempt import CheckFailure
from harness.models.suite import Suite
from harness.suites.load import load_suite
from tests.acceptance.public.population import populate
from tests.acceptance.public.recorded import Recorded, read_page

Call = Callable[[str, dict[str, object]], Awaitable[Answer]]
Verdicts = dict[str, tuple[CheckFailure, ...]]
TIMEOUT_S = 60


@pytest.mark.xdist_group("public")
@pytest.mark.parametrize("recorded", read_page(), ids=lambda r: f"{r.suite}@{r.server.replace(' ', '-')}")
def test_raw_wire_and_sdk_agree(
    recorded: Recorded,
    shared_suites: Path,
    tmp_path: Path,
    path_with_npx: Callable[[str], str],
    populated: None,
) -> None:
    suite = load_suite((shared_suites / "spec" / recorded.suite).read_bytes(), recorded.suite).suite
    environment = {"PATH": path_with_npx(recorded.installed)}

    with start_launcher() as launcher, temporary_sandbox(tmp_path) as sandbox:
        over_sdk = asyncio.run(_over_sdk(launcher, suite, sandbox, environment))
        populate()
        over_raw = asyncio.run(_over_raw(launcher, suite, sandbox, environment))

    assert over_raw == over_sdk
    assert len(over_sdk) == sum(len(tool.tests) for tool in suite.tools)


async def _over_sdk(launcher: Launcher, suite: Suite, sandbox: Sandbox, environment: dict[str, str]) -> Verdicts:
    session = await open_session(launcher, suite.server, sandbox=sandbox, environment=environment)

    async def call(tool: str, arguments: dict[str, object]) -> Answer:
        return (await session.call_tool(tool, arguments, timeout_s=TIMEOUT_S)).answer

    try:
        return await _judge_all(suite, call)
    finally:
        await session.close()


async def _over_raw(launcher: Launcher, suite: Suite, sandbox: Sandbox, environment: dict[str, str]) -> Verdicts:
    session = await open_raw(launcher, suite.server, sandbox=sandbox, environment=environment)

    async def call(tool: str, arguments: dict[str, object]) -> Answer:
        return await session.call_tool(tool, arguments, timeout_s=TIMEOUT_S)

    try:
        return await _judge_all(suite, call)
    finally:
        await session.close()


async def _judge_all(suite: Suite, call: Call) -> Verdicts:
    verdicts: Verdicts = {}
    for tool in suite.tools:
        for test in tool.tests:
            answer = await call(tool.name, dict(test.input))
            verdicts[f"{tool.name}/{test.name}"] = judge(test.expected, answer).failures
    return verdicts
