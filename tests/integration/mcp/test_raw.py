"""The raw wire says the same as the SDK over the same server."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from harness.errors import CallTimeout, ProtocolFault, SessionLost
from harness.mcp.raw import RawSession, open_raw
from tests.integration.mcp.scene import Scene, play, script

CALLS: dict[str, dict[str, JsonValue]] = {
    "add": {"a": 1, "b": 2},
    "fail": {"message": "no"},
    "rpc_error": {"code": -32001, "message": "m", "data": {"x": [1]}},
    "noise": {},
    "big": {"bytes": 100_000},
    "no_such_tool": {},
}


async def raw(scene: Scene, name: str = "plain") -> RawSession:
    return await open_raw(scene.launcher, script(name), sandbox=scene.sandbox)


def test_both_wires_bring_the_same_answers(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        by_hand, session = await raw(scene), await scene.open(script("plain"))
        for tool, arguments in CALLS.items():
            mine = await by_hand.call_tool(tool, arguments, timeout_s=5)
            theirs = await session.call_tool(tool, arguments, timeout_s=5)
            assert mine == theirs.answer
        listed = await by_hand.list_tools(timeout_s=5)
        assert {tool["name"] for tool in listed} == session.tools
        assert by_hand.introduction["capabilities"] == session.capabilities
        await by_hand.close()

    play(tmp_path, act)


def test_faults_are_the_same_kinds(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        hanging, dying, lying = await raw(scene), await raw(scene), await raw(scene, "liar")
        with pytest.raises(CallTimeout):
            await hanging.call_tool("sleep", {"seconds": 60}, timeout_s=0.2)
        with pytest.raises(SessionLost, match="exit code 3"):
            await dying.call_tool("die", {}, timeout_s=5)
        with pytest.raises(ProtocolFault):
            await lying.call_tool("go", {"way": "string_code"}, timeout_s=5)

    play(tmp_path, act)
