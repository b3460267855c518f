"""Blobs over HTTP."""

import hashlib
from collections.abc import Iterator

import pytest

from scheduler.console.api import limits
from tests.integration.api.conftest import Api


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"hello", bytes(range(256)) * 40_000])
def test_what_was_put_is_what_is_got(api: Api, content: bytes) -> None:
    path = f"/v1/blobs/{digest_of(content)}"
    assert api.http.head(path).status_code == 404
    assert api.http.put(path, content=content).status_code == 201
    assert api.http.put(path, content=content).status_code == 201
    assert api.http.get(path).content == content
    head = api.http.head(path)
    assert head.status_code == 200
    assert head.headers["Content-Length"] == str(len(content))


def test_content_that_does_not_match_its_digest_is_refused_and_not_kept(api: Api) -> None:
    digest = digest_of(b"expected")
    answer = api.http.put(f"/v1/blobs/{digest}", content=b"damaged")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/digest"
    assert api.http.head(f"/v1/blobs/{digest}").status_code == 404
    assert not list(api.farm.blobs.root.rglob(".incoming-*"))


@pytest.mark.parametrize("name", ["short", "A" * 64, "..%2F..%2Fetc%2Fpasswd", "0" * 63 + "g", "0" * 65])
def test_what_is_no_digest_is_refused(api: Api, name: str) -> None:
    for method in ("GET", "PUT"):
        answer = api.http.request(method, f"/v1/blobs/{name}", content=b"x" if method == "PUT" else None)
        assert answer.status_code in (400, 404)
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("announced", [True, False])
def test_a_blob_above_the_limit_is_refused_whether_or_not_its_size_is_announced(api: Api, announced: bool) -> None:
    size = limits.MAX_BLOB_BYTES + 1

    def chunks() -> Iterator[bytes]:
        for _ in range(size // 65536 + 1):
            yield b"x" * 65536

    content = chunks()
    headers = {"Content-Length": str(size)} if announced else {}
    answer = api.http.put(f"/v1/blobs/{'0' * 64}", content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "at most 64 MiB"
    assert not list(api.farm.blobs.root.rglob(".incoming-*"))


def test_a_missing_blob_says_so(api: Api) -> None:
    answer = api.http.get(f"/v1/blobs/{'0' * 64}")
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "/problems/blob-missing",
        "title": "A file of the bundle is not here",
        "status": 404,
        "detail": f"no blob {'0' * 64}",
        "problems": [],
    }
