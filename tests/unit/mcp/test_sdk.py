"""The SDK is imported in part, and is whole for whoever wants more."""

import subprocess
import sys


def run(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_session_does_not_import_the_servers_of_the_sdk_nor_its_http() -> None:
    modules = run("import sys, harness.mcp.session; print(*sys.modules)")
    assert "mcp.client.session" in modules
    unwanted = ("mcp.server", "starlette", "uvicorn", "httpx2", "click", "jsonschema")
    assert not [name for name in modules if name.startswith(unwanted)]


def test_the_whole_sdk_can_be_imported_before_and_after() -> None:
    after = "import harness.mcp.sdk as part; import mcp; print(mcp.ClientSession is part.ClientSession, mcp.Client)"
    before = "import mcp; import harness.mcp.sdk as part; print(mcp.ClientSession is part.ClientSession, mcp.Client)"
    assert run(after)[0] == run(before)[0] == "True"


def test_containment_and_sandboxes_do_not_need_the_sdk() -> None:
    modules = run("import sys, harness.containment.launcher, harness.mcp.preparation; print(*sys.modules)")
    assert not [name for name in modules if name.startswith("mcp")]
