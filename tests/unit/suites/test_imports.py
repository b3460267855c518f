"""What loading suites brings into a process: `validate` and `list` must start fast."""

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import harness.suites.load, harness.suites.expand, harness.suites.select, harness.suites.bundle
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_the_loader_imports_neither_sdk_nor_queue_nor_schema_library() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, timeout=60)

    loaded = set(json.loads(ran.stdout))
    assert loaded.isdisjoint({"mcp", "mcp_types", "celery", "kombu", "redis", "jsonschema", "asyncio", "sqlmodel"})
