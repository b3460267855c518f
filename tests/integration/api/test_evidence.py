"""What workers may hand in of a run, and who may read it."""

import hashlib

import pytest

from harness.suites.bundle import PackedBundle
from scheduler.control.cancel import cancel
from scheduler.control.tokens import run_token
from scheduler.operate.keys import create_key
from scheduler.store.run_blobs import SMALLEST_BYTES, blob_bytes, blobs_of
from tests.integration.api.conftest import Api

CONTENT = b"what happened"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def put(api: Api, run_id: str, token: str, content: bytes = CONTENT, digest: str = "") -> int:
    with api.with_key(token) as http:
        named = digest or hashlib.sha256(content).hexdigest()
        return http.put(f"/v1/runs/{run_id}/evidence/{named}", content=content).status_code


def test_a_worker_hands_in_and_the_project_reads(api: Api, bundle: PackedBundle) -> None:
    run_id = api.start(bundle).run_id
    token = run_token(api.farm, run_id)

    assert [put(api, run_id, token), put(api, run_id, token)] == [201, 201]

    with api.with_key(create_key(api.farm.store, "ci", "default")) as http:
        assert http.get(f"/v1/blobs/{DIGEST}").content == CONTENT
    with api.with_key(create_key(api.farm.store, "other", "billing")) as http:
        assert http.get(f"/v1/blobs/{DIGEST}").status_code == 404
    with api.farm.store.session() as session:
        assert blobs_of(session, run_id) == {DIGEST}
        assert blob_bytes(session, run_id) == SMALLEST_BYTES


def test_only_the_token_of_that_run_opens_it_and_only_while_the_run_is_open(api: Api, bundle: PackedBundle) -> None:
    run_id, other = api.start(bundle).run_id, api.start(bundle).run_id
    assert put(api, run_id, run_token(api.farm, other)) == 401
    assert put(api, run_id, api.key) == 401
    assert put(api, other, run_token(api.farm, run_id)) == 401
    cancel(api.farm, run_id, "enough")
    assert put(api, run_id, run_token(api.farm, run_id)) == 401


def test_content_that_does_not_match_is_refused_and_not_kept(api: Api, bundle: PackedBundle) -> None:
    run_id = api.start(bundle).run_id
    token = run_token(api.farm, run_id)
    assert put(api, run_id, token, b"something else", DIGEST) == 409
    assert put(api, run_id, token, digest="..%2f..%2fetc") in (400, 404, 422)
    assert not api.farm.blobs.has(DIGEST)


@pytest.mark.parametrize("size_bytes", [1024 * 1024 + 1])
def test_a_body_has_its_limit(api: Api, bundle: PackedBundle, size_bytes: int) -> None:
    run_id = api.start(bundle).run_id
    assert put(api, run_id, run_token(api.farm, run_id), b"x" * size_bytes) == 413


def test_a_run_has_its_budget(api: Api, bundle: PackedBundle) -> None:
    run_id = api.start(bundle).run_id
    token = run_token(api.farm, run_id)
    full = b"x" * 1024 * 1024
    codes = [put(api, run_id, token, bytes([n]) + full[1:]) for n in range(3)]
    assert codes == [201, 201, 413]
    assert put(api, run_id, token, bytes([0]) + full[1:]) == 201  # it is here
