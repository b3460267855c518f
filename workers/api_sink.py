"""Sends blobs of a run to the farm's API, with the run's token. In its own file for the reason of `api_blobs.py`."""

import httpx

from harness.errors import FarmRefused, FarmUnreachable
from harness.leasing import AttemptContext

TIMEOUT_S = 10.0
TRIES = 2


class ApiBlobSink:
    """`PUT {api_url}/v1/runs/{run}/evidence/{digest}`. Use on one loop."""

    def __init__(self, api_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=api_url, timeout=TIMEOUT_S, follow_redirects=False)

    async def store(self, content: bytes, digest: str, context: AttemptContext) -> None:
        """Send it, once more when nobody answers. Raises FarmRefused, FarmUnreachable."""
        reason = ""
        for _ in range(TRIES):
            try:
                return await self._put(content, digest, context)
            except httpx.HTTPError as error:
                reason = f"{type(error).__name__}: {error}"
        raise FarmUnreachable(f"the API at {self._client.base_url} takes no evidence: {reason}")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _put(self, content: bytes, digest: str, context: AttemptContext) -> None:
        path = f"/v1/runs/{context.run_id}/evidence/{digest}"
        headers = {"Authorization": f"Bearer {context.token}"}
        response = await self._client.put(path, content=content, headers=headers)
        if response.is_client_error:
            raise FarmRefused(f"the API takes no evidence: HTTP {response.status_code}", response.status_code)
        response.raise_for_status()
