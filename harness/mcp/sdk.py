"""The only place that imports the official SDK, and only the part that a client over our own transport needs.

`import mcp`, or anything below it, runs the packages' `__init__`, which imports the SDK's servers, HTTP stack and
command line too: 0.9 s of CPU here, against 0.5 s for the session and what it needs. A worker pays that once, but
a run of one test on a laptop feels it. So the packages' `__init__` is held back while the modules are imported; who
imports `mcp` later gets the real packages, with the modules that are loaded already.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec


@contextmanager
def _bare_packages(*names: str) -> Iterator[None]:
    """Let `import name.module` work without running the `__init__` of the packages `names`, outermost first."""
    bare = []
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            sys.modules[name] = module_from_spec(spec)
            bare.append(name)
    try:
        yield
    finally:
        for name in bare:
            del sys.modules[name]


with _bare_packages("mcp", "mcp.client"):
    import mcp_types as types
    from mcp.client.session import ClientSession
    from mcp.shared.exceptions import MCPError
    from mcp.shared.message import SessionMessage
    from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION

__all__ = [
    "HANDSHAKE_PROTOCOL_VERSIONS",
    "LATEST_HANDSHAKE_VERSION",
    "ClientSession",
    "MCPError",
    "SessionMessage",
    "types",
]
