"""The progress stream: live on a terminal, plain elsewhere."""

import io

from harness.models.outcomes import CauseKind, TestOutcome
from scheduler.console.cli.progress import MAX_BRIEFS, MAX_DETAILS, Progress, Verbosity
from scheduler.console.cli.terminal import Look
from tests.unit.console.cli.reports import finished

ERASE = "\r\x1b[2K"


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def begin(look: Look, verbosity: Verbosity = Verbosity.NORMAL, total: int = 10) -> tuple[Progress, io.StringIO, Clock]:
    clock, stream = Clock(), io.StringIO()
    progress = Progress(stream, look, verbosity, now=clock)
    progress.begin("run 8f2c1a", total)
    return progress, stream, clock


def test_without_a_terminal_lines_carry_the_time_and_no_cursor_codes() -> None:
    progress, stream, clock = begin(Look())
    clock.now_s += 64
    progress.finished(finished(TestOutcome.FAILED, reason="no"))
    progress.close()

    lines = stream.getvalue().splitlines()
    assert lines[0] == " 0m00s run 8f2c1a"
    assert lines[1] == " 1m04s   FAIL       0.41s  checkout/orders/list/large-0"
    assert "\x1b" not in stream.getvalue()


def test_a_quiet_log_gets_a_heartbeat_every_thirty_seconds() -> None:
    progress, stream, clock = begin(Look())
    progress.finished(finished())
    for _ in range(61):
        clock.now_s += 1
        progress.tick()

    assert stream.getvalue().splitlines()[1:] == [
        " 0m30s   ....     1 of 10 (10%)  1 passed",
        " 1m00s   ....     1 of 10 (10%)  1 passed",
    ]


def test_the_live_line_is_redrawn_in_place_and_erased_at_the_end() -> None:
    progress, stream, clock = begin(Look(live=True))
    clock.now_s += 1
    progress.tick()
    progress.finished(finished())
    clock.now_s += 1
    progress.tick()
    progress.close()

    assert stream.getvalue() == (
        "run 8f2c1a\n"
        "  [........................] 0/10  1s"
        + ERASE.join(["", "  [##......................] 1/10  2s  1 passed", "\n"])
    )


def test_before_the_run_begins_a_terminal_says_what_is_waited_for() -> None:
    for look, shown in ((Look(live=True), f"  starting{ERASE}go\n"), (Look(), " 0m00s go\n")):
        stream = io.StringIO()
        progress = Progress(stream, look, Verbosity.NORMAL, now=Clock())
        progress.starting("starting")
        progress.begin("go", 1)
        assert stream.getvalue() == shown


def test_the_live_line_never_reaches_the_last_column() -> None:
    for width in (1, 20, 40, 80):
        progress, stream, clock = begin(Look(live=True, width=width), Verbosity.NORMAL, total=100_000)
        for number, outcome in enumerate(TestOutcome):
            progress.finished(finished(outcome, number=number))
        stream.truncate(0), stream.seek(0)
        clock.now_s += 5000
        progress.tick()
        assert len(stream.getvalue().split(ERASE)[-1]) < max(width, 2)


def test_passes_are_told_only_when_asked_for() -> None:
    normal, verbose = begin(Look()), begin(Look(), Verbosity.VERBOSE)
    for progress, _, _ in (normal, verbose):
        progress.finished(finished(TestOutcome.PASSED))

    assert "PASS" not in normal[1].getvalue()
    assert "PASS" in verbose[1].getvalue()


def test_quiet_says_nothing_at_all() -> None:
    progress, stream, clock = begin(Look(live=True), Verbosity.QUIET)
    progress.finished(finished(TestOutcome.FAILED))
    clock.now_s += 100
    progress.tick()
    progress.close()

    assert stream.getvalue() == ""


def test_a_thousand_failures_do_not_drown_the_first() -> None:
    progress, stream, _ = begin(Look(), total=1000)
    for number in range(1000):
        progress.finished(finished(TestOutcome.FAILED, number=number, reason="no"))

    text = stream.getvalue()
    assert text.count("suites/checkout.yaml:42") == MAX_DETAILS
    assert text.count("FAIL") == MAX_BRIEFS
    assert text.count("only counted from here") == 1


def test_a_server_that_was_given_up_is_told_once() -> None:
    progress, stream, _ = begin(Look(), total=400)
    for number in range(400):
        untried = finished(TestOutcome.ERROR, number=number, reason="server unreachable: not tried")
        progress.finished(untried.model_copy(update={"cause": CauseKind.SERVER_UNREACHABLE}))
    progress.finished(finished(TestOutcome.FAILED, number=400))

    assert [line[7:] for line in stream.getvalue().splitlines()[1:]] == [
        "  ERROR      0.41s  checkout/orders/list/large-0",
        "                   suites/checkout.yaml:42",
        "                   server unreachable: not tried",
        "  this server is given up: more tests of it are only counted",
        "  FAIL       0.41s  checkout/orders/list/large-400",
        "                   suites/checkout.yaml:42",
    ]


def test_a_group_that_starts_again_is_counted_once() -> None:
    progress, stream, clock = begin(Look())
    progress.finished(finished(TestOutcome.FAILED))
    progress.finished(finished(TestOutcome.PASSED))
    clock.now_s += 30
    progress.tick()

    assert stream.getvalue().splitlines()[-1].endswith("1 of 10 (10%)  1 passed")
