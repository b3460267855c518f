"""Submits suites of known truth as a user does, and finds out under which id they run."""

import subprocess
import sys
from dataclasses import dataclass

from tests.chaos.farm import COMMAND, Farm, clean_environment
from tests.chaos.scene import Run
from tests.chaos.truth import Place, Size, generate
from tests.waiting import wait_until

SUBMIT_S = 60.0
END_S = 10.0


@dataclass
class Submission:
    """`mcp-test-harness run --farm …` under way: it follows the run to its end, and writes reports."""

    name: str
    run: Run
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """It has no longer than a moment after its run."""
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def submit(farm: Farm, name: str, seed: int, size: Size) -> Submission:
    """Generate a run, submit it, and return when the farm has it."""
    place = Place(farm.folder / name)
    place.folder.mkdir()
    truth = generate(place, name, seed, size)
    command = (sys.executable, "-c", COMMAND, "run", "--quiet", "--farm", farm.url, str(place.suites))
    with (place.folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            (*command, "--output", str(place.folder / "out")),
            env={**clean_environment(farm.product), "MCPF_KEY": farm.key},
            cwd=place.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        run_id = _wait_for_id(farm, name, process)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return Submission(name, Run(run_id, place, truth), process)


def _wait_for_id(farm: Farm, name: str, process: subprocess.Popen[bytes]) -> str:
    def known() -> bool:
        if process.poll() is not None:
            log = farm.folder / name / "run.log"
            raise RuntimeError(f"nothing was submitted: {log.read_text()[-2000:]}")
        return bool(_ids(farm, name))

    wait_until(known, SUBMIT_S, f"{name} was not submitted")
    return _ids(farm, name)[0]


def _ids(farm: Farm, name: str) -> list[str]:
    return [str(row[0]) for row in farm.sql("SELECT DISTINCT run_id FROM run_plans WHERE suite LIKE %s", f"{name}-%")]
