"""Takes blobs into a directory, where the embedded farm has them: `root/ab/abcdef…`, whole or not at all."""

import asyncio
from pathlib import Path

from harness.leasing import AttemptContext
from workers.bundles import write_whole


class DirectoryBlobSink:
    """For a worker on the machine of its farm."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def store(self, content: bytes, digest: str, context: AttemptContext) -> None:
        """Write the file. Raises OSError."""
        await asyncio.to_thread(write_whole, self._root / digest[:2] / digest, content)

    async def close(self) -> None:
        """Nothing is open."""
