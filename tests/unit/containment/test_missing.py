"""What is said of a program that is not found."""

import pytest

from harness.containment.missing import why_missing


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "npxx",
            "'npxx': not there on PATH, which is the one in the suite's env, else MCPF_SERVER_PATH of the worker, else "
            "the worker's own",
        ),
        (
            "npx -y server",
            "'npx -y server': not there on PATH, which is the one in the suite's env, else MCPF_SERVER_PATH of the "
            "worker, else the worker's own; 'command' names the program alone: its arguments belong in 'args'",
        ),
        (
            "./run",
            "'./run': not there; a relative path starts in the server's working directory, and what a script's #! line "
            "names must exist",
        ),
    ],
)
def test_where_it_was_looked_for_and_how_to_mend_it(command: str, said: str) -> None:
    assert why_missing(command, "not there") == said
