"""Owns runs that start by the clock: the nightly one of the configuration, once for each planned time. UTC.

Whoever inserts the row (schedule, planned time) starts the run; a second beat, or a repeated tick, finds it there. A
run is started at most once: a crash between row and run leaves a row that says so, not a second run.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from harness.errors import FarmError, Problem, SuiteErrors
from harness.log import get_logger
from harness.models.run import Lane, RunRequest, RunView, Selection
from harness.suites.bundle import pack
from harness.suites.load import Loading, common_folder, load_each
from harness.targets.choose import choose_each
from harness.targets.find import gather
from harness.targets.travel import files_of_targets
from scheduler.control.farm import Farm
from scheduler.control.submit import submit
from scheduler.settings import NightlySchedule
from scheduler.store.tables import ScheduledRun

log = get_logger("schedules")

LATEST = timedelta(hours=1)
"""A start that was missed by more than this (the farm was down) is left out."""
STARTING = "starting"


def start_due(farm: Farm, now: datetime) -> RunView | None:
    """Start the nightly run if its time has come and nobody has; the caller dispatches it. Problems are recorded."""
    nightly = farm.settings.nightly
    if nightly is None:
        return None
    planned = last_planned(nightly.at, now)
    if now - planned > LATEST or not _claim(farm, nightly.name, planned):
        return None
    try:
        view, problems = _start(farm, nightly)
    except (FarmError, OSError) as error:  # OSError: a file went away, the disk is full
        log.error("schedule.failed", schedule=nightly.name, error=str(error)[:2000])
        _note(farm, nightly.name, planned, run_id=None, problem=str(error))
        return None
    log.info("schedule.started", schedule=nightly.name, run_id=view.run_id, bad_suites=len(problems))
    _note(farm, nightly.name, planned, run_id=view.run_id, problem="\n".join(map(str, problems)))
    return view


def _start(farm: Farm, nightly: NightlySchedule) -> tuple[RunView, tuple[Problem, ...]]:
    """Pack and submit the suites that are good; the problems of the others."""
    loading, root = Loading(environment=farm.settings.suite_environment), common_folder(nightly.paths)
    loaded = load_each(nightly.paths, loading)
    choice = choose_each(loaded.suites, gather(root, loaded.suites, loading, Selection()), Selection())
    problems = (*loaded.problems, *choice.problems)
    if not choice.chosen:
        raise SuiteErrors(problems)
    packed = pack(root, [pair.suite for pair in choice.chosen], files_of_targets(root, choice.chosen))
    for digest, content in packed.contents.items():
        if not farm.blobs.has(digest):
            farm.blobs.put(content if isinstance(content, bytes) else content.read_bytes(), digest)
    request = RunRequest(project=nightly.project, bundle=packed.digest, name=nightly.name, lane=Lane.BATCH)
    return submit(farm, request), problems


def last_planned(at: str, now: datetime) -> datetime:
    """The newest time of day `at` (HH:MM, UTC) that is not after `now`."""
    hour, minute = map(int, at.split(":"))
    today = now.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _claim(farm: Farm, schedule: str, planned: datetime) -> bool:
    """Insert the row. False when it is there."""
    key = (schedule, _ms(planned))
    with farm.store.session() as session:
        if session.get(ScheduledRun, key) is not None:
            return False
    try:
        with farm.store.writing() as session:
            session.add(ScheduledRun(schedule=schedule, planned_ms=key[1], problem=STARTING))
            session.flush()
    except IntegrityError:
        return False
    return True


def _note(farm: Farm, schedule: str, planned: datetime, *, run_id: str | None, problem: str) -> None:
    with farm.store.writing() as session:
        row = session.get_one(ScheduledRun, (schedule, _ms(planned)))
        row.run_id, row.problem = run_id, problem[:20_000]
        session.add(row)
        session.flush()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
