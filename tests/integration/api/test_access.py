"""Who may ask what."""

import re
from pathlib import Path

import pytest

from harness.models.run import RunRequest
from harness.suites.bundle import PackedBundle
from scheduler.control.tokens import run_token
from scheduler.operate.keys import create_key, revoke_key
from scheduler.store.tables import RunPlan
from tests.integration.api.conftest import Api, packed_suite

DIGEST = "0" * 64
ROUTES = [
    ("GET", "/v1/runs"),
    ("POST", "/v1/runs"),
    ("GET", "/v1/runs/x"),
    ("GET", "/v1/runs/x/events"),
    ("GET", "/v1/runs/x/report"),
    ("POST", "/v1/runs/x/cancel"),
    ("GET", "/v1/runs/x/status"),
    ("GET", "/v1/runs/x/tests"),
    ("GET", "/v1/runs/x/tests/7"),
    ("GET", "/v1/runs/x/difference/y"),
    ("GET", "/v1/history"),
    ("GET", "/v1/workers"),
    ("GET", f"/v1/blobs/{DIGEST}"),
    ("HEAD", f"/v1/blobs/{DIGEST}"),
    ("PUT", f"/v1/blobs/{DIGEST}"),
    ("PUT", f"/v1/runs/x/evidence/{DIGEST}"),
    ("GET", "/v1/openapi.json"),
]


def test_the_table_below_names_every_route_that_needs_a_key(api: Api) -> None:
    document = api.http.get("/v1/openapi.json").json()
    documented = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods if "/v1/" in path
    }
    parts = {"/x": "/{run_id}", "/y": "/{other_id}", "/7": "/{number}", DIGEST: "{digest}"}
    named = {(method, re.sub("|".join(parts), lambda part: parts[part[0]], path)) for method, path in ROUTES}
    assert documented == named - {("GET", "/v1/openapi.json")}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("key", ["", "mcpf_0123456789ab_wrong", "nonsense"])
def test_nothing_is_told_without_a_good_key(api: Api, method: str, path: str, key: str) -> None:
    with api.with_key(key) as http:
        answer = http.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    if method != "HEAD":
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/key"


@pytest.mark.parametrize("path", ["/health", "/ready", "/health/metrics"])
def test_health_needs_no_key(api: Api, path: str) -> None:
    with api.with_key("") as http:
        assert http.get(path).status_code == 200


def test_a_revoked_key_is_refused_from_the_next_request_on(api: Api) -> None:
    key = create_key(api.farm.store, "ci", "default")
    with api.with_key(key) as http:
        assert http.get("/v1/runs").status_code == 200
        revoke_key(api.farm.store, key.split("_")[1])
        assert http.get("/v1/runs").status_code == 401


def test_a_key_sees_and_starts_the_runs_of_its_project_only(api: Api, bundle: PackedBundle) -> None:
    other = api.start(bundle, project="billing")
    own = api.start(bundle, project="default")
    with api.with_key(create_key(api.farm.store, "ci", "default")) as http:
        assert [run["run_id"] for run in http.get("/v1/runs").json()] == [own.run_id]
        assert http.get(f"/v1/runs/{own.run_id}").status_code == 200
        for path in ("", "/report", "/events"):
            assert http.get(f"/v1/runs/{other.run_id}{path}").status_code == 404
        assert http.post(f"/v1/runs/{other.run_id}/cancel").status_code == 404
        request = RunRequest(project="billing", bundle=bundle.digest)
        refused = http.post("/v1/runs", json=request.model_dump(mode="json"))
    assert refused.status_code == 403
    assert refused.json()["detail"] == "this key is for project 'default', not 'billing'"


def test_a_runs_token_reads_what_belongs_to_the_run_and_nothing_else(
    api: Api, bundle: PackedBundle, tmp_path: Path
) -> None:
    run = api.start(bundle)
    other = packed_suite(tmp_path / "other", {"name": "other", "tools": [{"name": "echo", "tests": [{"name": "x"}]}]})
    api.start(other)
    with api.farm.store.session() as session:
        plan = session.get_one(RunPlan, (run.run_id, 0)).digest
    with api.with_key(run_token(api.farm, run.run_id)) as http:
        for digest in (*bundle.contents, plan):
            assert http.get(f"/v1/blobs/{digest}").status_code == 200
            assert http.head(f"/v1/blobs/{digest}").status_code == 200
        for digest in other.contents:
            assert http.get(f"/v1/blobs/{digest}").status_code == 404
            assert http.head(f"/v1/blobs/{digest}").status_code == 404
        assert http.put(f"/v1/blobs/{bundle.digest}", content=b"").status_code == 401
        assert http.get(f"/v1/runs/{run.run_id}").status_code == 401
        assert http.post(f"/v1/runs/{run.run_id}/cancel").status_code == 401


def test_a_key_reads_and_runs_what_its_project_has_sent_and_nothing_else(api: Api, bundle: PackedBundle) -> None:
    api.start(bundle, project="billing")
    request = RunRequest(project="default", bundle=bundle.digest).model_dump(mode="json")
    with api.with_key(create_key(api.farm.store, "ci", "default")) as http:
        for digest in bundle.contents:
            assert http.get(f"/v1/blobs/{digest}").status_code == 404
        assert http.post("/v1/runs", json=request).json()["type"] == "/problems/blob-missing"
        for digest, content in bundle.contents.items():
            body = content if isinstance(content, bytes) else content.read_bytes()
            assert http.put(f"/v1/blobs/{digest}", content=body).status_code == 201
            assert http.get(f"/v1/blobs/{digest}").content == body
        assert http.post("/v1/runs", json=request).status_code == 201
