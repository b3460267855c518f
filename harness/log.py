"""Sets up structured logging, once, at the entry point of a process. Lines go to stderr, one event each.

Event names are dotted (`session.opened`), facts are fields. Records of the standard library (Celery, redis, mcp) take
the same way. The core does not log: models, checks and the engine return values.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Format = Literal["json", "console"]


def configure_logging(level: str, format: Format, **fields: str) -> None:
    """Log `level` and above from here on; `fields` (process, worker, …) stand in every line, whatever the thread.

    Raises ValueError for an unknown level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"unknown log level '{level}'; one of debug, info, warning, error, critical")
    shared = _shared_processors(fields)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(format)],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)


def _shared_processors(fields: dict[str, str]) -> list[Processor]:
    def add_fields(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {**fields, **event}

    return [
        add_fields,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def _renderer(format: Format) -> Processor:
    if format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer()
