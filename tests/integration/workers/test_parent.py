"""A process tied to the one that started it."""

import os
import signal
import subprocess
import sys

TIED = "import sys; from workers.parent import die_with; die_with(int(sys.argv[1])); sys.exit(7)"


def test_a_process_whose_parent_lives_goes_on() -> None:
    assert subprocess.run([sys.executable, "-c", TIED, str(os.getpid())], check=False).returncode == 7


def test_a_process_whose_parent_was_gone_before_it_was_tied_is_killed() -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    assert subprocess.run([sys.executable, "-c", TIED, str(gone.pid)], check=False).returncode == -signal.SIGKILL
