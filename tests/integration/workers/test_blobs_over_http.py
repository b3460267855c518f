"""A worker that has only the API for its blobs: the run's token goes with every request, refusals are told apart."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.models.job import PlannedFile
from harness.models.outcomes import AttemptOutcome
from scheduler.reports.stored_evidence import evidence_from
from tests.integration.workers.farm import Farm, plan_of, tool_test


class BlobApi(ThreadingHTTPServer):
    """`GET /v1/blobs/{digest}` with a memory; `broken` answers of the next requests are HTTP 503.

    `PUT /v1/runs/{run}/evidence/{digest}` adds to it, or is answered with `refusal`.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.broken = 0
        self.refusal = 0
        self.handed_in: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: BlobApi

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        content = self.server.blobs.get(self.path.rpartition("/")[2])
        if self.server.broken:
            self.server.broken -= 1
            self.send_error(503)
        elif content is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.handed_in.append(f"{self.path.rpartition('/')[0]} {self.headers.get('Authorization', '')}")
        self.server.blobs[self.path.rpartition("/")[2]] = content
        self.send_response(self.server.refusal or 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[BlobApi]:
    server = BlobApi()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote_farm(farm: Farm, api: BlobApi) -> Farm:
    """Its worker sees no blob directory."""
    farm.environment |= {"MCPF_API_URL": f"http://127.0.0.1:{api.server_port}"}
    farm.start_worker(MCPF_BLOB_DIR="")
    return farm


def test_plan_and_files_are_fetched_once_with_the_runs_token(remote_farm: Farm, api: BlobApi) -> None:
    file = PlannedFile(target="hello.txt", digest=remote_farm.put_blob(b"hello over HTTP"))
    plan = plan_of([tool_test(n, "read_file", {"path": "hello.txt"}) for n in range(3)], files=(file,))
    api.blobs = {file.digest: b"hello over HTTP"}
    digest = remote_farm.put_blob(plan.model_dump_json().encode())
    api.blobs[digest] = plan.model_dump_json().encode()
    api.broken = 1

    remote_farm.publish(plan)

    records = remote_farm.wait_for_records(3)
    assert [record.outcome for record in records] == [AttemptOutcome.PASSED] * 3
    wanted = [(f"/v1/blobs/{digest}", "Bearer token")] * 2 + [(f"/v1/blobs/{file.digest}", "Bearer token")]
    assert api.asked == wanted  # the plan twice, because the first answer was 503


def test_a_blob_that_the_api_refuses_makes_the_test_lost(remote_farm: Farm, api: BlobApi) -> None:
    remote_farm.publish(plan_of([tool_test(0)]))

    (record,) = remote_farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.LOST and "404" in str(record.cause)


def test_an_api_that_lies_about_a_blob_is_not_believed(remote_farm: Farm, api: BlobApi) -> None:
    plan = plan_of([tool_test(0)])
    api.blobs[remote_farm.put_blob(plan.model_dump_json().encode())] = (
        plan_of([tool_test(0, "die")]).model_dump_json().encode()
    )

    remote_farm.publish(plan)

    (record,) = remote_farm.wait_for_records(1)
    assert record.outcome is AttemptOutcome.LOST and "damaged" in str(record.cause)


def test_evidence_is_handed_in_with_the_runs_token_before_the_record_names_it(remote_farm: Farm, api: BlobApi) -> None:
    plan = plan_of([tool_test(0, "fail")])
    api.blobs[remote_farm.put_blob(plan.model_dump_json().encode())] = plan.model_dump_json().encode()

    remote_farm.publish(plan)

    (record,) = remote_farm.wait_for_records(1)
    assert api.handed_in == ["/v1/runs/r1/evidence Bearer token"]
    assert evidence_from(lambda digest: api.blobs[digest])(record.evidence) is not None
    assert record.notes == ()


@pytest.mark.parametrize(("refusal", "asked"), [(413, 1), (503, 2)])
def test_where_no_evidence_is_taken_records_come_without_and_are_not_held_up(
    remote_farm: Farm, api: BlobApi, refusal: int, asked: int
) -> None:
    api.refusal = refusal
    for number in range(3):
        plan = plan_of([tool_test(number, "fail")])
        api.blobs[remote_farm.put_blob(plan.model_dump_json().encode())] = plan.model_dump_json().encode()
        remote_farm.publish(plan)
        record = remote_farm.wait_for_records(number + 1)[number]
        assert record.evidence == "" and "no evidence of it was kept: the API" in record.notes[0]
    assert len(api.handed_in) == asked
