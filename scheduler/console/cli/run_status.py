"""What `status` does: look at a run, here or on a farm, once or until it has ended."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.models.run import RunState, RunStatus
from scheduler.console.cli.json_output import as_json
from scheduler.console.cli.settings import ConsoleSettings, read_settings
from scheduler.console.cli.status_lines import status_lines
from scheduler.console.cli.terminal import look_of
from scheduler.console.embedded.state_dir import StateDir

if TYPE_CHECKING:
    from scheduler.console.cli.live_block import LiveBlock

REFRESH_S = 1.0
Read = Callable[[], RunStatus]


def show_status(given: argparse.Namespace) -> None:
    """Print how the run stands that `given` names. RunMissing, UsageError, or what a farm refuses."""
    settings = read_settings()
    look = look_of(sys.stdout, settings)
    with _reader(given, settings) as read:
        if given.json:
            print(as_json(status=read().model_dump(mode="json")))
        elif look.live and not given.once:
            from scheduler.console.cli.live_block import LiveBlock, size_of

            watch(read, LiveBlock(sys.stdout, size_of(sys.stdout), colour=look.colour, keeps=True), time.sleep)
        else:
            print("\n".join(status_lines(read())))


def watch(read: Read, block: "LiveBlock", pause: Callable[[float], None]) -> None:
    """Show what `read` gives, again and again, until the run has ended. Ctrl-C ends the look, not the run."""
    try:
        while True:
            status = read()
            block.show(fit(list(status_lines(status)), block.lines - 1))
            if status.run.state is RunState.CLOSED:
                return
            pause(REFRESH_S)
    finally:
        block.close()


def fit(lines: Sequence[str], most: int) -> list[str]:
    """The first of `lines`, at most `most` (at least 2); the last line then says how many are missing. Pure."""
    most = max(2, most)
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"... and {len(lines) - most + 1} more lines; --once shows all"]


@contextmanager
def _reader(given: argparse.Namespace, settings: ConsoleSettings) -> Iterator[Read]:
    """What tells how the run stands, as often as it is called."""
    url = given.farm or settings.farm
    if not url:
        from scheduler.console.cli.local_looks import local_status

        with local_status(StateDir(settings.state_dir), given.run) as read:
            yield read
        return
    from scheduler.console.cli.farm_client import FarmClient

    with FarmClient(url, given.key or settings.key) as client:
        run_id = client.find(given.run).run_id
        yield lambda: client.status(run_id)
