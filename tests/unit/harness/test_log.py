"""Log lines: one JSON object each, with the process's fields, from our own code and from libraries alike."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from harness.log import configure_logging, get_logger


@pytest.fixture(autouse=True)
def _root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_our_lines_and_those_of_libraries_look_alike(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json", process="worker", worker="w1")

    get_logger("sessions").info("session.opened", session_id="s1")
    logging.getLogger("celery").warning("connection %s", "lost")

    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert ours["event"] == "session.opened" and ours["session_id"] == "s1" and ours["logger"] == "sessions"
    assert theirs["event"] == "connection lost" and theirs["level"] == "warning"
    assert ours["worker"] == theirs["worker"] == "w1"
    assert ours["timestamp"].endswith("Z")


def test_fields_of_the_process_stand_in_lines_of_every_thread(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json", worker="w1")

    thread = threading.Thread(target=lambda: get_logger("x").info("from.thread"))
    thread.start()
    thread.join()

    assert json.loads(capsys.readouterr().err)["worker"] == "w1"


def test_an_exception_is_told_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "json")

    try:
        raise ValueError("broken")
    except ValueError:
        get_logger("x").exception("it.failed")

    line = json.loads(capsys.readouterr().err)
    assert "ValueError: broken" in line["exception"]


def test_a_warning_of_python_is_a_line_like_others() -> None:
    code = (
        "import warnings; from harness.log import configure_logging; configure_logging('warning', 'json', process='x');"
        "warnings.warn('old')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = json.loads(done.stderr)
    assert (line["process"], line["level"], "UserWarning: old" in line["event"]) == ("x", "warning", True)


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning", "console")

    get_logger("x").info("not.told")
    get_logger("x").warning("told")

    said = capsys.readouterr().err
    assert "told" in said and "not.told" not in said


def test_an_unknown_level_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown log level 'loud'; one of debug"):
        configure_logging("loud", "json")


def test_a_process_that_writes_no_line_never_loads_the_library() -> None:
    code = (
        "import sys; from harness.log import configure_logging, get_logger; configure_logging('warning', 'json');"
        "get_logger('x').info('not.told'); print('structlog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_line_that_is_written_while_another_thread_loads_the_library_waits_for_it() -> None:
    """The state in which Python leaves a thread that it lets go on with half a module."""
    program = """
import structlog, threading
from harness.log import configure_logging, get_logger
configure_logging("info", "json", process="p")
structlog.__spec__._initializing = True
wrap, structlog.wrap_logger = structlog.wrap_logger, None
def finish():
    structlog.wrap_logger = wrap
    structlog.__spec__._initializing = False
threading.Timer(0.2, finish).start()
get_logger("x").warning("said")
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(said.stderr)["event"] == "said"
