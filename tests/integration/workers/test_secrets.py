"""Secrets of suites in a real worker: given to the server that names them, found in nothing that the worker leaves."""

import base64
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from harness.models.attempt import Cause
from harness.models.expected import Expected
from harness.models.job import TestKind
from harness.models.outcomes import AttemptOutcome, CauseKind
from harness.models.script import Language, PlannedScript
from harness.models.server import Server
from scheduler.reports.stored_evidence import evidence_from
from scheduler.store.blobs import DirectoryBlobs
from tests.conftest import plain_server
from tests.integration.workers.farm import Farm, plan_of, tool_test

CANARY = 'c4n4ry/v"al+ue-Kx93'
LEAKY = Path(__file__).resolve().parents[2] / "servers" / "leaky.py"
FORMS = (
    CANARY,
    CANARY[:9],
    quote(CANARY, safe=""),
    CANARY.encode().hex(),
    base64.b64encode(f"user:{CANARY}".encode()).decode()[8:-8],
    base64.b64encode(f"x{CANARY}".encode()).decode()[4:-8],
)


def left_by(farm: Farm) -> Iterator[tuple[str, bytes]]:
    """Everything that the farm leaves: all values of its Redis, all files of blobs, scratch and logs."""
    for key in farm.redis.scan_iter():
        yield str(key), farm.redis.dump(key) or b""  # type: ignore[operator]
    for entry in farm.redis.xrange("farm:records:r1"):  # type: ignore[union-attr]  # short entries are compressed
        yield "records", str(entry).encode()
    for file in farm.directory.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield str(file), gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def leaky_server() -> Server:
    return Server.model_validate(
        {"command": sys.executable, "args": ["-I", "-S", str(LEAKY)], "env": {"TOKEN": "${secret:TOKEN}"}}
    )


def test_a_canary_is_found_in_nothing_that_a_worker_leaves(farm: Farm) -> None:
    farm.start_worker(MCPF_SECRET_TOKEN=CANARY, MCPF_EVIDENCE_OF_ALL="true", MCPF_LOG_LEVEL="debug")
    wrong = Expected.model_validate({"fields": [{"path": "$.content[0].text", "value": "x" * 290, "max_length": 3}]})
    shows = PlannedScript(
        name="shows",
        language=Language.PYTHON,
        source="import sys; sys.stderr.write(sys.argv[1]); result = {'success': False, 'message': sys.argv[1]}",
    )
    plan = plan_of(
        [
            tool_test(0, "tell", {"token": "${secret:TOKEN}"}),
            tool_test(1, "tell", expected=wrong),
            tool_test(2, "die"),
            tool_test(3, "tell").model_copy(update={"kind": TestKind.REQUEST, "scripts": (shows,)}),
        ],
        server=leaky_server(),
    )

    farm.publish(plan)

    passed, failed, died, refused = farm.wait_for_records(4)
    farm.stop_worker()
    assert [record.outcome for record in (passed, failed, died, refused)] == [
        AttemptOutcome.PASSED,
        AttemptOutcome.FAILED,
        AttemptOutcome.ERROR,
        AttemptOutcome.FAILED,
    ]
    assert [f"{form} in {name}" for name, content in left_by(farm) for form in FORMS if form.encode() in content] == []
    evidence = evidence_from(DirectoryBlobs(farm.directory / "blobs").get)(passed.evidence)
    assert evidence is not None and evidence.exchanges[0].request == {"token": "[secret:TOKEN]"}
    assert "[secret:TOKEN]" in died.stderr_tail and "[secret:TOKEN]" in failed.failures[0].actual


def test_only_the_server_that_names_a_secret_is_given_it(farm: Farm) -> None:
    farm.start_worker(MCPF_SECRET_TOKEN=CANARY)
    asks = [tool_test(0, "env", {"name": name}) for name in ("MCPF_SECRET_TOKEN", "TOKEN")]
    plan = plan_of([ask.model_copy(update={"number": number}) for number, ask in enumerate(asks)])

    farm.publish(plan.model_copy(update={"tests": tuple(unset(test) for test in plan.tests)}))

    assert {record.outcome for record in farm.wait_for_records(2)} == {AttemptOutcome.PASSED}


def unset(test: object) -> object:
    expected = Expected.model_validate({"fields": [{"path": "$.content[0].text", "value": "(unset)"}]})
    return test.model_copy(update={"expected": expected})  # type: ignore[attr-defined]


def test_an_unknown_secret_is_named_before_anything_starts(farm: Farm) -> None:
    farm.start_worker()

    farm.publish(plan_of([tool_test(0, "tell")], server=leaky_server()))

    (record,) = farm.wait_for_records(1)
    told = "the secret is not known here: 'TOKEN'; set MCPF_SECRET_TOKEN, or name it in the file of MCPF_SECRETS_FILE"
    assert (record.outcome, record.cause) == (AttemptOutcome.ERROR, Cause(kind=CauseKind.SETUP, message=told))
    assert record.sessions_started == ()


def test_a_changed_file_gives_the_next_tests_a_session_with_the_new_value(farm: Farm) -> None:
    file = farm.directory / "secrets"
    file.write_text("TOKEN=first-value\n")
    file.chmod(0o600)
    farm.start_worker(MCPF_SECRETS_FILE=str(file))
    server = Server.model_validate({**plain_server(), "env": {"TOKEN": "${secret:TOKEN}"}})
    plan = plan_of([tool_test(0, "env", {"name": "TOKEN"})], server=server)
    farm.publish(plan)
    (first,) = farm.wait_for_records(1)
    farm.publish(plan, lease=2)
    same = max(farm.wait_for_records(2), key=lambda record: record.lease)

    file.write_text("TOKEN=second-and-longer-value\n")
    farm.publish(plan, lease=3)

    other = max(farm.wait_for_records(3), key=lambda record: record.lease)
    assert first.session and same.session and other.session
    assert same.session.session_id == first.session.session_id
    assert other.session.session_id != first.session.session_id


def test_a_worker_with_a_secret_that_cannot_be_kept_refuses_to_start(farm: Farm) -> None:
    farm.start_worker(wait=False, MCPF_SECRET_PIN="1234")
    assert farm.workers["w1"].wait(20) == 2
    told = "worker: secret PIN in the environment is shorter than 6 characters: it could not be told from other text"
    assert told in farm.log()
