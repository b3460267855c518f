"""Structured logging: set up once at the entry point of a process. Lines go to stderr, one event each.

Event names are dotted (`session.opened`), facts are fields. Records of the standard library (Celery, redis, mcp) and
Python's warnings take the same way. The core does not log: models, checks and the engine return values. structlog is
loaded with the first line that is written: most processes that live for one command never write any.
"""

import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["json", "console"]
LOAD_S = 5.0


class Logger:
    """What `get_logger` gives: `log.warning("session.lost", session_id=…)`."""

    def __init__(self, name: str) -> None:
        self._standard = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """For whoever looks for a fault of ours."""
        self._say(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Something happened that is meant to."""
        self._say(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Something is not as it should be, and was dealt with."""
        self._say(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Something is wrong, and a person must look."""
        self._say(logging.ERROR, event, fields)

    def critical(self, event: str, **fields: object) -> None:
        """The process cannot go on."""
        self._say(logging.CRITICAL, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """An error, with the traceback of the exception being handled."""
        self._say(logging.ERROR, event, {**fields, "exc_info": True})

    def _say(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._standard.isEnabledFor(level):
            _load_structlog()
            import structlog  # noqa: PLC0415  # slow, see above

            structlog.wrap_logger(self._standard, processors=_own_processors()).log(level, event, **fields)


def get_logger(name: str) -> Logger:
    """The logger of one part of the program."""
    return Logger(name)


def configure_logging(level: str, format: Format, **fields: str) -> None:
    """Log `level` and above from here on; `fields` (process, worker, …) stand in every line, whatever the thread.

    Raises ValueError for an unknown level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"unknown log level '{level}'; one of debug, info, warning, error, critical")
    root = logging.getLogger()
    root.handlers[:] = [_LateHandler(format, fields)]
    root.setLevel(number)
    logging.captureWarnings(True)


def scrub_logs(scrub: Callable[[str], str]) -> None:
    """Write no line from here on but as `scrub` leaves it. After `configure_logging`."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _LateHandler):
            handler.scrub = scrub


class _LateHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic in the stubs only
    """Writes to stderr, and makes its formatter for the first record."""

    def __init__(self, format: Format, fields: dict[str, str]) -> None:
        super().__init__(sys.stderr)
        self._asked = (format, fields)
        self.scrub: Callable[[str], str] = str

    def format(self, record: logging.LogRecord) -> str:
        if self.formatter is None:
            self.formatter = _formatter(*self._asked)
        return self.scrub(super().format(record))


def _load_structlog() -> None:
    """Return when the library is loaded whole. Where several threads load it at once, Python may take them for a
    deadlock, and let one go on with half of it."""
    deadline = time.monotonic() + LOAD_S
    while not _is_whole() and time.monotonic() < deadline:
        time.sleep(0.005)


def _is_whole() -> bool:
    import structlog  # noqa: PLC0415  # slow, see above

    return not getattr(structlog.__spec__, "_initializing", False)


def _formatter(format: Format, fields: dict[str, str]) -> logging.Formatter:
    _load_structlog()
    import structlog  # noqa: PLC0415  # slow, see above

    def add_fields(logger: "WrappedLogger", method: str, event: "EventDict") -> "EventDict":
        return {**fields, **event}

    def renderer() -> "Processor":
        if format == "console":
            return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        return structlog.processors.JSONRenderer()

    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(), processors=[remove_meta, add_fields, renderer()]
    )


def _own_processors() -> "list[Processor]":
    import structlog  # noqa: PLC0415  # slow, see above

    return [*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def _shared_processors() -> "list[Processor]":
    import structlog  # noqa: PLC0415  # slow, see above

    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
