"""Logs: one structured event per thing that happened; never anybody's words, names or tokens."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

QUIET = ("aiogram", "aiohttp.access", "alembic", "sqlalchemy", "transitions", "watchfiles")
"""Libraries whose lower levels tell what people wrote, or more than anybody reads."""


def configure_logs(level: str, form: str) -> None:
    """Send structlog's events, and the libraries' logs, to standard error as `console` text or `json` lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _first_line],
            processors=[_place_of_error, structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False)


def _first_line(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep the first line of a library's log: what follows shows values, asyncio's messages of errors for one."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _place_of_error(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Tell of an error what it is and where it came up; its message may quote people or show a token."""
    error = error_in(event.pop("exc_info", None))
    if error:
        frames = traceback.walk_tb(error.__traceback__)
        places = (f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in frames)
        event["error"] = type(error).__qualname__
        event["at"] = " > ".join(places)
    return event


def error_in(given: Any) -> BaseException | None:
    """Return the error that `exc_info` stands for, in any of the forms that loggers take."""
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    return error if isinstance(error, BaseException) else None
