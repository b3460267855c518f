"""Following a run on a farm over a network that breaks."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from harness.errors import FarmError, FarmRefused, FarmUnreachable
from harness.models.run import RunEvent
from scheduler.console.cli.farm_run import FarmRun
from tests.unit.console.cli.reports import event, finished, noticed


class Connections:
    """What each connection to a farm gives: events, or an error, in turn."""

    def __init__(self, *connections: list[RunEvent | FarmError]) -> None:
        self.connections, self.asked_after = list(connections), list[int]()

    def events(self, run_id: str, after: int, on_open: Callable[[], None]) -> Iterator[RunEvent]:
        self.asked_after.append(after)
        if not self.connections:
            raise FarmUnreachable("away")
        on_open()
        for step in self.connections.pop(0):
            if isinstance(step, FarmError):
                raise step
            yield step


def follow(connections: Connections, silence_s: float = 60) -> FarmRun:
    seconds = itertools.count()
    return FarmRun(
        connections,  # type: ignore[arg-type]  # the part of FarmClient that is needed
        "8f2c1a",
        silence_s=silence_s,
        now=lambda: float(next(seconds)),
        pause=lambda _s: None,
    )


def drain(run: FarmRun) -> list[int]:
    seen: list[int] = []
    while not seen or seen[-1] != 4:
        seen += [event.seq for event in run.wait(5)]
    return seen


def test_a_dropped_connection_is_resumed_without_loss_or_repetition() -> None:
    connections = Connections(
        [event(1, finished()), event(2, finished(number=1)), FarmUnreachable("reset")],
        [],
        [event(3, finished(number=2)), event(4)],
    )

    assert drain(follow(connections)) == [1, 2, 3, 4]
    assert connections.asked_after == [0, 2, 2]


def test_a_notice_does_not_disturb_where_a_reader_resumes() -> None:
    connections = Connections(
        [event(1, finished()), noticed(1, "no worker"), FarmUnreachable("reset")],
        [event(2, finished(number=1)), event(4)],
    )

    assert drain(follow(connections)) == [1, 1, 2, 4]
    assert connections.asked_after == [0, 1]


def test_a_refusal_ends_the_following() -> None:
    with pytest.raises(FarmRefused):
        follow(Connections([FarmRefused("no such run", 404)])).wait(5)


def test_a_farm_that_stays_away_is_unreachable_after_a_while() -> None:
    run = follow(Connections([event(1, finished())]), silence_s=10)

    with pytest.raises(FarmUnreachable, match="away"):
        for _ in range(100):
            run.wait(1)


def test_silence_counts_from_the_loss_of_the_connection_not_from_the_last_event() -> None:
    drops = [FarmUnreachable("reset")]

    assert drain(follow(Connections(*[drops] * 30, [event(4)]), silence_s=10)) == [4]
