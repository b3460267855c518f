"""`run --farm`: the same display, reports and exit codes, with somebody else's workers."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.models.outcomes import TestOutcome
from tests.acceptance.cli.farm import Network, ServedFarm, served_farm
from tests.acceptance.cli.running import running
from tests.acceptance.command import echo_test, read_report, run_command, write_suite
from tests.conftest import CallLog, plain_server
from tests.processes import alive
from tests.waiting import wait_until

WRONG = {"name": "wrong", "input": {"text": "hello"}, "expected": {"fields": [{"path": "$[0].text", "value": "bye"}]}}


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedFarm]:
    with served_farm(tmp_path_factory.mktemp("farm")) as served:
        yield served


def test_a_farm_gives_the_same_verdict_as_a_laptop(tmp_path: Path, state_dir: Path, farm: ServedFarm) -> None:
    (tmp_path / "suites" / "data").mkdir(parents=True)
    (tmp_path / "suites" / "data" / "note.txt").write_text("from the bundle")
    reading = {"name": "a file that came along", "input": {"path": "data/note.txt"}}
    reading["expected"] = {"fields": [{"path": "$[0].text", "value": "from the bundle"}]}
    tools = {"echo": [echo_test("right"), WRONG], "read_file": [reading]}
    suite = write_suite(tmp_path / "suites" / "a.yaml", plain_server(), tools, files=[{"source": "data/note.txt"}])

    there = run_command(["run", str(suite), "--farm", farm.url], state_dir, MCPF_KEY=farm.key)
    (state_dir / "out" / "report.json").unlink()
    here = run_command(["run", str(suite)], state_dir)

    assert there.exit_code == here.exit_code == 1, there.stderr
    assert there.outcomes() == here.outcomes()
    assert 'value at $[0].text: expected "bye", got "hello"' in there.stderr
    assert re.sub(r" in [0-9.]+s|run/.*", "", there.stdout.splitlines()[0]) == re.sub(
        r" in [0-9.]+s", "", here.stdout.splitlines()[0]
    )


def test_the_farms_own_address_is_all_that_is_needed(tmp_path: Path, state_dir: Path, farm: ServedFarm) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})

    done = run_command(["run", "-q", str(suite)], state_dir, MCPF_KEY=farm.key, MCPF_FARM=farm.url)

    assert (done.exit_code, done.stderr) == (0, "")
    assert not (state_dir / "farm.db").exists()


def test_a_dropped_connection_is_resumed_and_nothing_is_told_twice(
    tmp_path: Path, state_dir: Path, farm: ServedFarm
) -> None:
    tests = [{"name": f"t{number}", "input": {"seconds": 0.3}} for number in range(12)]
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"sleep": tests}, isolation="suite")
    network = Network(farm.url)
    args = ["run", "-v", str(suite), "--farm", network.url, "--output", str(tmp_path / "out")]
    with running(args, state_dir, MCPF_KEY=farm.key) as command:
        for passed in (2, 5):
            wait_until(lambda passed=passed: command.stderr.read_text().count("PASS ") >= passed, 60)
            network.cut()
        assert command.wait(60) == 0, command.stderr.read_text()
    network.close()

    assert sorted(re.findall(r"sleep/(t\d+)", command.stderr.read_text())) == sorted(test["name"] for test in tests)
    assert network.connections >= 3


def test_ctrl_c_cancels_the_run_on_the_farm(
    tmp_path: Path, state_dir: Path, farm: ServedFarm, call_log: CallLog
) -> None:
    tools = {"sleep": [{"name": "long", "input": {"seconds": 60}}]}
    suite = write_suite(tmp_path / "a.yaml", plain_server(call_log), tools)
    args = ["run", str(suite), "--farm", farm.url, "--output", str(tmp_path / "out")]
    with running(args, state_dir, MCPF_KEY=farm.key) as command:
        wait_until(lambda: call_log.calls("sleep"), 60)
        command.process.send_signal(signal.SIGINT)

        assert command.wait(30) == 130, command.stderr.read_text()
    report = read_report(tmp_path / "out")
    assert report is not None
    assert report.run.totals == {TestOutcome.CANCELLED: 1}
    wait_until(lambda: not any(map(alive, call_log.starts())), 10, "the server runs on, on the farm")


def test_another_command_cancels_a_run_on_the_farm_and_the_one_that_follows_it_ends(
    tmp_path: Path, state_dir: Path, farm: ServedFarm, call_log: CallLog
) -> None:
    tools = {"sleep": [{"name": "long", "input": {"seconds": 60}}]}
    suite = write_suite(tmp_path / "a.yaml", plain_server(call_log), tools)
    there = {"MCPF_KEY": farm.key, "MCPF_FARM": farm.url}
    with running(["run", str(suite), "--output", str(tmp_path / "out")], state_dir, **there) as command:
        wait_until(lambda: call_log.calls("sleep"), 60)
        listed = run_command(["runs", "--limit", "1"], state_dir, **there).stdout
        (run_id,) = re.findall(r"(?m)^([0-9a-f]{12})  running ", listed)
        done = run_command(["cancel", run_id[:8], "--reason", "wrong suite"], state_dir, **there)

        assert (done.exit_code, done.stdout) == (0, f"run {run_id} (a.yaml) is cancelled with 1 test open\n")
        assert command.wait(30) == 6, command.stderr.read_text()
    again = run_command(["cancel", run_id], state_dir, **there)
    assert (again.exit_code, "has ended already" in again.stdout) == (0, True)
    assert run_command(["cancel", "ffffffffffff"], state_dir, **there).exit_code == 2


def test_a_key_that_is_not_known_is_refused(tmp_path: Path, state_dir: Path, farm: ServedFarm) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite), "--farm", farm.url], state_dir, MCPF_KEY="mcpf_x_y")

    assert done.exit_code == 4
    assert "the farm does not accept the key" in done.stderr and "pass --key or set MCPF_KEY" in done.stderr


@pytest.mark.parametrize(
    ("key", "said"),
    [("", "no key given for the farm; set MCPF_KEY, or pass --key"), ("mcpf_\n", "no key has"), ("clé", "no key has")],
)
def test_what_is_no_key_is_refused_before_anything_is_sent(
    tmp_path: Path, state_dir: Path, key: str, said: str
) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite), "--farm", "http://127.0.0.1:9"], state_dir, MCPF_KEY=key)

    assert done.exit_code == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert not key or key.strip() not in done.stderr


def test_a_farm_that_is_not_there_is_named(tmp_path: Path, state_dir: Path) -> None:
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": [echo_test("one")]})

    done = run_command(["run", str(suite), "--farm", "http://127.0.0.1:9", "--key", "k"], state_dir)

    assert done.exit_code == 4
    assert "error: the farm at http://127.0.0.1:9 does not answer: nothing listens there; `mcp-test" in done.stderr
