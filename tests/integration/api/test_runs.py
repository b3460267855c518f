"""Runs over HTTP: start, look, report, cancel."""

import hashlib
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.models.run import RunReport, RunRequest, RunState, RunView
from harness.suites.bundle import PackedBundle, canonical_json
from scheduler.operate.embedded_redis import RedisServer
from tests.integration.api.conftest import Api
from workers.messages import CONTROL_QUEUE


def test_a_run_is_stored_whole_and_control_is_told_to_dispatch_it(api: Api, bundle: PackedBundle) -> None:
    view = api.start(bundle, name="nightly")
    assert (view.name, view.state, view.total, view.totals) == ("nightly", RunState.RUNNING, 2, {})
    assert RunView.model_validate_json(api.http.get(f"/v1/runs/{view.run_id}").content) == view
    assert api.farm.redis.llen(CONTROL_QUEUE) == 1
    assert "farm.dispatch" in str(api.farm.redis.lindex(CONTROL_QUEUE, 0))


def test_a_run_is_accepted_while_redis_is_away(api: Api, bundle: PackedBundle, redis_server: RedisServer) -> None:
    api.upload(bundle)
    redis_server.process.kill()
    redis_server.process.wait()
    answer = api.http.post("/v1/runs", json=RunRequest(bundle=bundle.digest).model_dump(mode="json"))
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/runs/{answer.json()['run_id']}"


def test_the_newest_runs_are_listed_first(api: Api, bundle: PackedBundle) -> None:
    for name in ("first", "second", "third"):
        api.start(bundle, name=name)
    listed = api.http.get("/v1/runs", params={"limit": 2}).json()
    assert [run["name"] for run in listed] == ["third", "second"]


def test_a_report_of_a_run_that_goes_on_names_its_tests(api: Api, bundle: PackedBundle) -> None:
    view = api.start(bundle)
    report = RunReport.model_validate_json(api.http.get(f"/v1/runs/{view.run_id}/report").content)
    assert [test.name for test in report.tests] == ["one", "two"]
    junit = api.http.get(f"/v1/runs/{view.run_id}/report", params={"format": "junit"})
    assert junit.headers["Content-Type"] == "application/xml"
    assert len(list(ElementTree.fromstring(junit.content).iter("testcase"))) == 2
    markdown = api.http.get(f"/v1/runs/{view.run_id}/report", params={"format": "markdown"})
    assert markdown.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert markdown.text.startswith("## - ")
    assert api.http.get(f"/v1/runs/{view.run_id}/report", params={"format": "pdf"}).status_code == 400


def test_a_cancelled_run_starts_nothing_more(api: Api, bundle: PackedBundle) -> None:
    view = api.start(bundle)
    answer = api.http.post(f"/v1/runs/{view.run_id}/cancel")
    assert answer.status_code == 202
    again = api.http.post(f"/v1/runs/{view.run_id}/cancel")
    assert again.status_code == 202
    assert again.json()["totals"] == {"cancelled": 2}


def test_the_reason_of_a_cancelled_run_is_kept_behind_who_asked(api: Api, bundle: PackedBundle) -> None:
    view = api.start(bundle)
    assert api.http.post(f"/v1/runs/{view.run_id}/cancel", json={"reason": "wrong\x00 suite"}).status_code == 202
    report = RunReport.model_validate_json(api.http.get(f"/v1/runs/{view.run_id}/report").content)
    (reason,) = {test.reason for test in report.tests}
    assert reason.startswith("cancelled with key ") and reason.endswith(": wrong\ufffd suite")


def test_a_reason_that_is_too_long_is_refused(api: Api, bundle: PackedBundle) -> None:
    view = api.start(bundle)
    assert api.http.post(f"/v1/runs/{view.run_id}/cancel", json={"reason": "x" * 301}).status_code == 400


def test_bad_suites_are_refused_with_all_problems_and_their_places(api: Api, bundle: PackedBundle) -> None:
    packed = broken(bundle, b"name: x\nserver: {command: a}\ntoolz: []\nisolation: never\n")
    answer = refused(api, packed)
    assert answer["status"] == 422
    assert answer["type"] == "/problems/suite-errors"
    assert answer["detail"] == "2 problems, nothing was started"
    places = [(place["file"], place["line"]) for place in answer["problems"]]
    assert places == [("suite.yaml", 3), ("suite.yaml", 4)]
    assert "did you mean 'tools'" in answer["problems"][0]["message"] + answer["problems"][0]["hint"]
    assert api.http.get("/v1/runs").json() == []


def test_a_selection_of_nothing_is_refused(api: Api, bundle: PackedBundle) -> None:
    answer = refused(api, bundle, selection={"filter": "nothing-like-this"})
    assert (answer["status"], answer["type"]) == (422, "/problems/nothing-selected")


def test_a_bundle_with_a_file_that_is_not_here_is_refused(api: Api, bundle: PackedBundle) -> None:
    content = bundle.contents[bundle.digest]
    assert isinstance(content, bytes)
    api.http.put(f"/v1/blobs/{bundle.digest}", content=content).raise_for_status()
    answer = api.http.post("/v1/runs", json=RunRequest(bundle=bundle.digest).model_dump(mode="json")).json()
    assert (answer["status"], answer["type"]) == (409, "/problems/blob-missing")
    assert "suite.yaml" in answer["detail"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"bundle": 1}', b"{" * 10_000, b"\xff"])
def test_a_body_that_is_no_request_is_refused(api: Api, body: bytes) -> None:
    answer = api.http.post("/v1/runs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_above_a_mebibyte_is_refused(api: Api) -> None:
    answer = api.http.post("/v1/runs", content=b'{"name": "' + b"x" * 1024 * 1024 + b'"}')
    assert answer.status_code == 413


@pytest.mark.parametrize("project", ["", "*", "a/b", "\0", "x" * 101, "é"])
def test_a_project_whose_name_could_be_anything_is_refused(api: Api, bundle: PackedBundle, project: str) -> None:
    answer = refused(api, bundle, project=project)
    assert (answer["status"], answer["type"]) == (422, "/problems/usage")


@pytest.mark.parametrize("run_id", ["nowhere", "%00", "x" * 33, "é"])
@pytest.mark.parametrize("path", ["", "/report", "/events"])
def test_a_run_that_is_not_there_says_so(api: Api, run_id: str, path: str) -> None:
    answer = api.http.get(f"/v1/runs/{run_id}{path}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/run-missing"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/v1/runs"), ("GET", "/docs")])
def test_what_is_no_route_is_refused_in_the_same_form(api: Api, method: str, path: str) -> None:
    answer = api.http.request(method, path)
    assert answer.status_code in (404, 405)
    assert answer.headers["Content-Type"] == "application/problem+json"


def refused(api: Api, packed: PackedBundle, **request: Any) -> dict[str, Any]:
    """The problem that starting this bundle ends with."""
    api.upload(packed)
    body = RunRequest(bundle=packed.digest, **request).model_dump(mode="json")
    answer = api.http.post("/v1/runs", json=body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    return problem


def broken(bundle: PackedBundle, text: bytes) -> PackedBundle:
    """The bundle with other content in its suite file, as an older client might send it."""
    digest = hashlib.sha256(text).hexdigest()
    file = bundle.bundle.files[0].model_copy(update={"digest": digest, "size_bytes": len(text)})
    changed = bundle.bundle.model_copy(update={"files": (file,)})
    encoded = canonical_json(changed)
    name = hashlib.sha256(encoded).hexdigest()
    return PackedBundle(changed, name, {digest: text, name: encoded}, bundle.suites)
