"""The command line's front: help in no time, errors that help, and commands that start nothing."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.command import COMMAND, echo_test, environment, run_command, write_suite
from tests.conftest import SHARED, plain_server, require

HEAVY = ("mcp", "celery", "kombu", "pydantic", "sqlmodel", "sqlalchemy", "redis", "httpx", "fastapi", "yaml")
MAX_HELP_CPU_S = 0.1
HELPS = (
    ["--help"],
    ["run", "--help"],
    ["validate", "--help"],
    ["list", "--help"],
    ["report", "--help"],
    ["runs", "--help"],
    ["cancel", "--help"],
    ["status", "--help"],
    ["attempts", "--help"],
    ["workers", "--help"],
    ["compare", "--help"],
    ["history", "--help"],
    ["init", "--help"],
    ["discover", "--help"],
    ["generate", "--help"],
    ["completion", "--help"],
    ["completion", "bash"],
    ["__complete", "runs", "last"],
    ["--version"],
)


@pytest.mark.parametrize("args", HELPS, ids=" ".join)
def test_help_costs_a_tenth_of_a_second_at_most(args: list[str]) -> None:
    def cpu_s() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([COMMAND, *args], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    assert min(cpu_s() for _ in range(5)) <= MAX_HELP_CPU_S


@pytest.mark.parametrize("args", HELPS, ids=" ".join)
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    program = (
        "import sys\nfrom scheduler.console.cli.main import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, check=True)

    assert done.stdout
    assert set(HEAVY).isdisjoint(done.stderr.split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["rnu", "x"], "unknown command 'rnu'; did you mean 'run'?"),
        (["--halp"], "unknown option '--halp'; did you mean '--help'?"),
        (["qqq"], "unknown command 'qqq'; commands: init, discover,"),
        (["run"], "the following arguments are required: PATH"),
        (["run", "x", "--workers", "0"], "expected a whole number from 1 to 64, got '0'"),
        (["run", "x", "--timeout", "nan"], "expected seconds above 0"),
        (["run", "x", "--deadline", "0"], "expected seconds above 0 and at most 604800, got '0'"),
        (["run", "x", "--lane", "fast"], "invalid choice: 'fast' (choose from"),
        (["run", "x", "--format", "xml"], "expected one or more of json,junit,html,ctrf,"),
        (["run", "none.yaml"], "none.yaml: no such file or folder"),
        (["run", "no\nne\udcff.yaml"], "error: no\\nne\\udcff.yaml: no such file or folder"),
        (["run", "x", "-v", "-q"], "not allowed with"),
        (["report", "last"], "no runs in"),
        (["cancel", "last"], "no runs in"),
        (["status", "last"], "no runs in"),
        (["attempts", "last", "0"], "no runs in"),
        (["attempts", "last"], "the following arguments are required: TEST"),
        (["runs", "--limit", "501"], "expected a whole number from 1 to 500, got '501'"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(state_dir: Path, args: list[str], said: str) -> None:
    done = run_command(args, state_dir)

    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_names_all_problems_of_all_files_with_their_places(tmp_path: Path, state_dir: Path) -> None:
    good = write_suite(tmp_path / "good.yaml", plain_server(), {"echo": [echo_test("a")]})
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nservr: {command: x}\ntools: []\n")
    broken = tmp_path / "tools.yaml"
    broken.write_text("tools: [\n")

    done = run_command(["validate", str(tmp_path)], state_dir)

    assert done.exit_code == 2
    assert f"{good}: ok, 1 test" in done.stdout
    assert f"{bad}:2:1: unknown key 'servr'; did you mean 'server'?" in done.stderr
    assert f"{broken}:2:1: not YAML" in done.stderr


def test_the_seeds_configuration_is_valid_and_says_what_does_not_act_yet(tmp_path: Path, state_dir: Path) -> None:
    config = require(SHARED / "seed" / "production.yaml")
    suite = write_suite(tmp_path / "good.yaml", plain_server(), {"echo": [echo_test("a")]})

    done = run_command(["validate", str(suite), "--config", str(config)], state_dir)

    assert done.exit_code == 0, done.stderr
    assert "note: monitoring.metrics_port does not act yet (line 46)" in done.stdout
    assert "max_global_concurrency does not act yet (line 124)" in done.stdout, "of an environment"
    assert "global.max_global_concurrency" not in done.stdout


@pytest.mark.parametrize("args", [["validate"], ["list"], ["list", "--json"], ["run", "--dry-run"]], ids=" ".join)
def test_looking_starts_nothing_and_writes_nothing(tmp_path: Path, args: list[str]) -> None:
    suite = write_suite(tmp_path / "suites" / "a.yaml", {"command": "/does/not/exist"}, {"echo": [echo_test("a")]})
    home, temp = tmp_path / "home", tmp_path / "temp"
    home.mkdir(), temp.mkdir()
    program = "import sys; sys.addaudithook(lambda e, a: e in AUDIT and sys.exit(f'forbidden: {e} {a}'))\n".replace(
        "AUDIT", "('subprocess.Popen', 'os.fork', 'os.posix_spawn', 'os.exec', 'socket.connect')"
    )
    program += "from scheduler.console.cli.main import run\nsys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, *args, str(suite)],
        cwd=home,
        capture_output=True,
        text=True,
        env=environment(home / "state", TMPDIR=str(temp)),
    )

    assert (done.returncode, done.stderr.count("forbidden")) == (0, 0), done.stderr
    assert done.stdout
    assert list(home.iterdir()) == list(temp.iterdir()) == []


def test_list_gives_the_ids_that_run_takes(tmp_path: Path, state_dir: Path) -> None:
    tests = [echo_test("one", tags=["smoke"]), echo_test("two", skip=True)]
    suite = write_suite(tmp_path / "a.yaml", plain_server(), {"echo": tests})

    assert run_command(["list", str(suite)], state_dir).stdout.splitlines() == [
        "default/a/a/echo/one  [smoke]",
        "default/a/a/echo/two  skipped: skipped in the suite",
    ]
    told = json.loads(run_command(["list", "--json", "--tag", "smoke", str(suite)], state_dir).stdout)
    assert [test["id"] for test in told["tests"]] == ["default/a/a/echo/one"]


def test_a_dry_run_shows_the_plan_and_no_secrets(tmp_path: Path, state_dir: Path) -> None:
    tests = [echo_test("one"), echo_test("two", dependencies=["one"], timeout_seconds=5)]
    suite = write_suite(tmp_path / "a.yaml", plain_server(TOKEN="hidden"), {"echo": tests})

    done = run_command(["run", "--dry-run", str(suite)], state_dir)

    assert "echo/two  limit 5s  group after:echo/one  after echo/one" in done.stdout
    assert "2 tests on 1 server would run in 1 worker of 16 slots; nothing was started" in done.stderr
    assert "hidden" not in done.stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("schema", ["suite files as authors write them", "the report.json that run and report write"]),
        ("validate", ["check this configuration (YAML), too", "the nightly run of serve"]),
    ],
)
def test_help_says_what_a_word_stands_for(state_dir: Path, command: str, words: list[str]) -> None:
    shown = " ".join(run_command([command, "--help"], state_dir).stdout.split())

    assert all(word in shown for word in words), shown


def test_schemas_are_printed(state_dir: Path) -> None:
    for what in ("suite", "report"):
        done = run_command(["schema", what], state_dir)
        assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error(args: list[str]) -> None:
    with subprocess.Popen([COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() in (0, 141)  # 0: argparse keeps a failed write to itself when output is unbuffered


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_console_that_cannot_show_a_character_does_not_end_the_command(tmp_path: Path, encoding: str) -> None:
    suite = write_suite(tmp_path / "zwölf-✓.yaml", plain_server(), {"echo": [echo_test("a")]})

    done = subprocess.run(
        [COMMAND, "validate", str(suite)], capture_output=True, env=environment(tmp_path, PYTHONIOENCODING=encoding)
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?.yaml: ok" in done.stdout


def test_a_bug_says_that_it_is_one_and_shows_its_traceback_when_asked(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom scheduler.console.cli import main\n"
        "sys.modules['scheduler.console.cli.schema'] = type('Broken', (), {'main': staticmethod(lambda argv: 1 / 0)})\n"
        "sys.exit(main.run(sys.argv[1:]))"
    )

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True, cwd=tmp_path)

    assert run("schema").returncode == run("schema", "--debug").returncode == 4
    assert "this is a bug in mcp-test-harness" in run("schema").stderr
    assert "Traceback" not in run("schema").stderr
    assert "ZeroDivisionError: division by zero" in run("--debug", "schema").stderr
