"""The progress stream: live on a terminal, plain elsewhere."""

import io

from harness.models.outcomes import CauseKind, TestOutcome
from harness.models.run import RunningTest, RunningTests
from scheduler.console.cli.progress import Progress
from scheduler.console.cli.telling import Verbosity
from scheduler.console.cli.terminal import Look
from scheduler.reports.levels import Level
from tests.terminal import Screen
from tests.unit.console.cli.plans import plan_of
from tests.unit.console.cli.reports import finished

USUAL = Verbosity()
QUIET = Verbosity(Level.NONE, is_quiet=True)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def begin(look: Look, verbosity: Verbosity = USUAL, total: int = 10) -> tuple[Progress, io.StringIO, Clock]:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(stream, look, verbosity, now=clock)
    progress.begin("run 8f2c1a", [plan_of(total)])
    return progress, stream, clock


def running(*seconds: float) -> RunningTests:
    tests = tuple(RunningTest(number=100 + n, test_id=f"default/s/t/{n}", for_s=s) for n, s in enumerate(seconds))
    return RunningTests(total=len(tests), tests=tests)


def shown(stream: io.StringIO, columns: int = 80) -> str:
    screen = Screen(columns, 24)
    screen.feed(stream.getvalue())
    return screen.text


def test_without_a_terminal_lines_carry_the_time_and_no_cursor_codes() -> None:
    progress, stream, clock = begin(Look())
    clock.now_s += 64
    progress.finished(finished(TestOutcome.FAILED, reason="no such thing " * 8))
    progress.close()

    assert stream.getvalue().splitlines() == [
        "run 8f2c1a",
        " 1m04s   FAIL       0.41s  checkout/orders/list/large-0",
        "                          no such thing no such thing no such thing no such thing n...",
        "",
    ]


def test_a_quiet_log_gets_a_heartbeat_every_thirty_seconds_with_what_runs_longest() -> None:
    progress, stream, clock = begin(Look(), total=100)
    progress.finished(finished())
    for second in range(61):
        clock.now_s += 1
        progress.tick(lambda second=second: running(second / 10, 0.5))

    assert stream.getvalue().splitlines()[1:] == [
        " 0m30s   ....     1 of 100 (1%)  1 passed  2 running  oldest 2.90s s/t/0",
        " 1m00s   ....     1 of 100 (1%)  1 passed  2 running  oldest 5.90s s/t/0",
    ]


def test_each_tenth_of_a_run_is_told_in_a_log_but_not_twice_a_second() -> None:
    progress, stream, clock = begin(Look(), total=100)
    for number in range(40):
        clock.now_s += 0.06 if number < 20 else 1.0
        progress.finished(finished(number=number))
        progress.tick()

    assert [line[7:25] for line in stream.getvalue().splitlines()[1:]] == [
        "  ....     20 of 1",
        "  ....     30 of 1",
        "  ....     40 of 1",
    ]


def test_the_live_block_is_redrawn_in_place_and_erased_at_the_end() -> None:
    progress, stream, clock = begin(Look(live=True))
    clock.now_s += 1
    progress.tick(lambda: running(2.5))
    assert shown(stream).splitlines() == [
        "run 8f2c1a",
        "  [..........................] 0/10  0%  1s",
        "  1 running  9 waiting",
        "     2.50s  s/t/0",
    ]
    progress.finished(finished())
    clock.now_s += 1
    progress.tick(RunningTests)
    assert shown(stream).splitlines()[1:] == [
        "  [##........................] 1/10  10%  2s  about 5s left",
        "  + 1  0 running  9 waiting",
    ]
    progress.close()
    assert shown(stream) == "run 8f2c1a"


def test_a_line_stays_above_the_live_block() -> None:
    progress, stream, clock = begin(Look(live=True))
    clock.now_s += 1
    progress.tick()
    progress.finished(finished(TestOutcome.FAILED, reason="no"))
    clock.now_s += 1
    progress.tick()

    assert shown(stream).splitlines()[:3] == [
        "run 8f2c1a",
        "  FAIL       0.41s  checkout/orders/list/large-0   no",
        "  [##........................] 1/10  10%  2s  about 5s left",
    ]


def test_before_the_run_begins_a_terminal_says_what_is_waited_for() -> None:
    for look, said in ((Look(live=True), "  starting\r\x1b[2Kgo\n"), (Look(), "go\n")):
        stream = io.StringIO()
        progress = Progress(stream, look, Verbosity(), now=Clock())
        progress.starting("starting")
        progress.begin("go", [plan_of(1)])
        assert stream.getvalue() == said


def test_quiet_says_nothing_at_all() -> None:
    progress, stream, clock = begin(Look(live=True), QUIET)
    progress.finished(finished(TestOutcome.FAILED))
    clock.now_s += 100
    progress.tick()
    progress.close()

    assert stream.getvalue() == ""


def test_a_test_that_becomes_slow_is_told_once_while_it_runs() -> None:
    progress, stream, clock = begin(Look())
    for seconds in (9.0, 12.0, 17.0):
        clock.now_s += 5
        progress.tick(lambda seconds=seconds: running(seconds))

    assert stream.getvalue().splitlines()[1:] == [" 0m10s   SLOW      >10.0s  s/t/0   still running"]


def test_a_snapshot_tells_every_test_that_runs() -> None:
    progress, stream, _ = begin(Look())
    progress.snapshot(lambda: running(12.0, 3.1, 0.2))

    assert stream.getvalue().splitlines()[1:] == [
        " 0m00s   ....     0 of 10 (0%)  3 running  oldest 12.0s s/t/0",
        "                    12.0s  s/t/0",
        "                    3.10s  s/t/1",
        "                    0.20s  s/t/2",
    ]


def test_a_group_that_starts_again_is_counted_once() -> None:
    progress, stream, clock = begin(Look())
    progress.finished(finished(TestOutcome.FAILED))
    progress.finished(finished(TestOutcome.PASSED))
    clock.now_s += 30
    progress.tick()

    assert stream.getvalue().splitlines()[-1].endswith("1 of 10 (10%)  1 passed")


def test_a_notice_is_told_once_and_its_end_too() -> None:
    progress, stream, _ = begin(Look())
    for notice in ("no worker", "no worker", ""):
        progress.notice(notice)

    assert [line[7:] for line in stream.getvalue().splitlines()[1:]] == ["  waiting: no worker", "  the run goes on"]


def test_a_server_that_is_down_is_one_line_whatever_number_of_tests_it_has() -> None:
    progress, stream, _ = begin(Look(width=240), total=400)
    for number in range(400):
        untried = finished(TestOutcome.ERROR, number=number, reason="server unavailable: exit code 1")
        progress.finished(untried.model_copy(update={"cause": CauseKind.SERVER_UNAVAILABLE}))

    assert len(stream.getvalue().splitlines()) == 2
