"""Blobs over the farm's API, with a run's token. The only HTTP client of a worker; in its own file because httpx is
slow to import, and an embedded worker needs none."""

import asyncio

import httpx

from harness.errors import BlobMissing, FarmUnreachable
from workers.bundles import MAX_BLOB_BYTES

TRIES = 4
PAUSE_S = 0.5
TIMEOUT_S = 20.0
_GONE = {400, 401, 403, 404, 410}


class ApiBlobSource:
    """`GET {api_url}/v1/blobs/{digest}`. Use on one loop."""

    def __init__(self, api_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=api_url, timeout=TIMEOUT_S, follow_redirects=False)

    async def fetch(self, digest: str, token: str) -> bytes:
        """Fetch with a few tries. Raises BlobMissing when the API refuses, FarmUnreachable when it does not answer."""
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2**attempt)
            try:
                return await self._get(digest, token)
            except httpx.HTTPError as error:
                reason = f"{type(error).__name__}: {error}"
        raise FarmUnreachable(f"the API at {self._client.base_url} gives no blob after {TRIES} tries: {reason}")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _get(self, digest: str, token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._client.stream("GET", f"/v1/blobs/{digest}", headers=headers) as response:
            if response.status_code in _GONE:
                raise BlobMissing(f"the API gives no blob {digest}: HTTP {response.status_code}")
            response.raise_for_status()
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MAX_BLOB_BYTES:
                    raise BlobMissing(f"blob {digest} is larger than {MAX_BLOB_BYTES} bytes")
        return bytes(content)
