"""One round: a farm, a run and a small one beside it, one fault injected many times, and the checker's verdict."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.chaos.evidence import Vitals
from tests.chaos.farm import Farm, running_farm
from tests.chaos.faults.fault import Fault
from tests.chaos.leftovers import left_of_farm, left_of_runs
from tests.chaos.measure import Figures, measure
from tests.chaos.members import Reading, pause_for, read_process
from tests.chaos.scene import Scene
from tests.chaos.submit import Submission, submit
from tests.chaos.truth import DEADLINE_S, GRACE_S, Size

IDLE_S = 10.0
CHECK_S = 120.0


@dataclass(frozen=True)
class Plan:
    """How a round is to be: the seed, both sizes, the product under test, and whether the workers are weighed."""

    seed: int
    size: Size
    beside: Size
    product: Path
    weigh: bool = True


def play(fault: Fault, plan: Plan) -> Figures:
    """Run one round. Everything that it started is gone when it returns, or raises."""
    with running_farm(plan.product) as farm:
        before = _weigh_warm(farm, plan) if plan.weigh else {}
        scene, submissions = _disturb(farm, fault, plan)
        seen = {"left_over": left_of_runs(farm, [run.id for run in scene.runs])}
        after = _weigh(farm) if plan.weigh else {}
        seen["workers"] = [asdict(vitals) for vitals in _compare(before, after)]
        files = _collect(farm, scene, submissions)
        farm.stop()
        seen["left_over"] += left_of_farm(farm)
        seen["secrets"] = farm.secrets()
        (farm.folder / "observed.json").write_text(json.dumps(seen))
        return measure(fault.name, scene, _check(farm, scene, files))


def _disturb(farm: Farm, fault: Fault, plan: Plan) -> tuple[Scene, list[Submission]]:
    """Submit both runs, break what is to be broken, wait for their end."""
    scene = Scene(farm, [], random.Random(plan.seed), time.monotonic() + DEADLINE_S + GRACE_S)
    submissions: list[Submission] = []
    try:
        with fault.prepared(scene):
            for name, size in (
                ("beside", plan.beside),
                ("main", plan.size),
            ):  # so that the main run is met at its start
                submissions.append(submit(farm, name, plan.seed, size))
                scene.runs.insert(0, submissions[-1].run)
            fault.allows(scene.main.truth).write(scene.main.place.truth)
            _break(scene, fault)
        fault.after(scene)
    finally:
        for submission in submissions:
            submission.end()
    return scene, submissions


def _break(scene: Scene, fault: Fault) -> None:
    """What was prepared was injected before the first test, and exposes them all."""
    if scene.injections:
        scene.exposed = sum(len(run.truth.tests) for run in scene.runs)
    with fault.around(scene):
        _inject(scene, fault)
        scene.wait_closed()


def _inject(scene: Scene, fault: Fault) -> None:
    for share in fault.at:
        if not scene.wait_for_share(share):
            return
        scene.count_exposed()
        scene.injections += fault.inject(scene) is not False


def _weigh_warm(farm: Farm, plan: Plan) -> dict[str, Reading]:
    """What workers use that have run something: before it they have not even connected to the API."""
    scene = Scene(farm, [], random.Random(plan.seed), time.monotonic() + DEADLINE_S)
    submission = submit(farm, "warm", plan.seed, plan.beside)
    scene.runs.append(submission.run)
    scene.wait_closed()
    submission.end()
    return _weigh(farm)


def _weigh(farm: Farm) -> dict[str, Reading]:
    """Memory and descriptors of the workers, after ten idle seconds."""
    pause_for(IDLE_S)
    readings = {worker.name: read_process(worker.pid) for worker in farm.workers}
    return {name: reading for name, reading in readings.items() if reading is not None}


def _compare(before: dict[str, Reading], after: dict[str, Reading]) -> list[Vitals]:
    return [
        Vitals(name, before[name].rss_mb, after[name].rss_mb, before[name].descriptors, after[name].descriptors)
        for name in sorted(before.keys() & after.keys())
    ]


def _collect(farm: Farm, scene: Scene, submissions: Sequence[Submission]) -> list[str]:
    """Reports, metrics and logs as files; the options of the checker that name them."""
    folder = farm.folder
    route = f"/v1/runs/{scene.main.id}/report"
    texts = {
        "--report-json": ("report.json", farm.ask(f"{route}?format=json").text),
        "--junit": ("junit.xml", farm.ask(f"{route}?format=junit").text),
        "--metrics": ("metrics.txt", farm.metrics()),
    }
    for name, text in texts.values():
        (folder / name).write_text(text)
    outputs = [member.log for member in farm.everyone() if member.name != "api"]  # api shows the key, once
    outputs += [folder / submission.name / "run.log" for submission in submissions]
    options = [part for option, (name, _) in texts.items() for part in (option, str(folder / name))]
    return options + [part for output in outputs for part in ("--output", str(output))]


def _check(farm: Farm, scene: Scene, files: Sequence[str]) -> list[str]:
    """The checker's lines: a program of its own. Its failure to run is a violation."""
    main, beside = scene.runs
    command = (sys.executable, "-m", "tests.chaos.checker", "--database", farm.database_url, "--run", main.id)
    truths = ("--truth", str(main.place.truth), "--second-run", beside.id, "--second-truth", str(beside.place.truth))
    calls = ("--calls", str(_all_calls(farm, scene)), "--observed", str(farm.folder / "observed.json"))
    checked = subprocess.run((*command, *truths, *calls, *files), capture_output=True, text=True, timeout=CHECK_S)
    if checked.returncode not in (0, 1):
        return [f"not checked: {checked.stderr[-1000:]}"]
    return checked.stdout.splitlines()


def _all_calls(farm: Farm, scene: Scene) -> Path:
    """The call logs of both runs in one folder."""
    folder = farm.folder / "all-calls"
    folder.mkdir()
    for run in scene.runs:
        for log in run.place.calls.glob("*.calls"):
            (folder / f"{run.id}-{log.name}").write_bytes(log.read_bytes())
    return folder
