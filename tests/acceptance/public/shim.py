"""An `npx` that starts the pinned, installed server of a suite's choice instead of the newest one of the registry."""

import os
from pathlib import Path

from tests.acceptance.public.population import USER

REPOSITORY = Path(__file__).resolve().parents[3]


def write_npx(folder: Path, installed: str) -> Path:
    """Write `folder`/npx for the servers in `.servers/<installed>`; run as root, it becomes an ordinary user first."""
    binaries = REPOSITORY / ".servers" / installed / "node_modules" / ".bin"
    drop = f"setpriv --reuid={USER} --regid={USER} --clear-groups " if os.getuid() == 0 else ""
    script = f"""#!/bin/sh
[ "$1" = "-y" ] && shift
package=$1
shift
exec {drop}"{binaries}/mcp-server-${{package#@modelcontextprotocol/server-}}" "$@"
"""
    path = folder / "npx"
    path.write_text(script)
    path.chmod(0o755)
    folder.chmod(0o755)
    return path
