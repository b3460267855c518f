"""What the launcher process imports is paid by every worker, and kept small."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("asyncio", "subprocess", "json", "dataclasses", "pathlib", "pydantic", "logging", "threading")


def test_the_launcher_process_imports_little_and_nothing_that_is_not_standard() -> None:
    program = "import sys; sys.path.append(sys.argv[1]); import harness.containment.forker; print(*sys.modules)"
    command = [sys.executable, "-I", "-S", "-c", program, str(ROOT)]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(modules)
    assert not [name for name in modules if name.startswith("harness.") and "containment" not in name]
