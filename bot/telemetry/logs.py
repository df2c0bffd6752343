"""Logs: one structured event per thing that happened; never anybody's words, names or tokens."""

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.telemetry import uncaught
from bot.telemetry.bearings import merge_bearings
from bot.telemetry.log_forms import renderer

QUIET = ("aiogram", "aiohttp", "alembic", "sqlalchemy", "transitions", "watchfiles")
"""Libraries whose lower levels tell more than anybody reads."""
_SLOT = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z%]")
"""A place for a value in the pattern of a library's message
(https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting)."""


def configure_logs(level: str, form: str) -> None:
    """Send structlog's events, the libraries' logs, warnings and uncaught errors to standard error.

    `form` is `console` for people's eyes, `json` for lines of JSON, `ecs` for those in the Elastic Common Schema.
    """
    shared: list[Processor] = [
        merge_bearings,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # An event below the level costs a call of a function that does nothing.
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _pattern],
            processors=[_place_of_error, *renderer(form)],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    uncaught.log_them()


def _pattern(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep of a library's log the first line of its pattern, and its numbers.

    All else that is put in shows values: what people wrote, addresses with a token in them.
    """
    pattern = str(event["event"]).partition("\n")[0]
    args = event.pop("positional_args")
    event["event"] = _filled(pattern, args) if args else pattern
    event.pop("stack_info", None)
    return event


def _filled(pattern: str, args: Any) -> str:
    """Return the pattern of a message with its numbers in their places, and with … in the places of all else."""
    given = iter(args if isinstance(args, tuple) else ())

    def fill(slot: re.Match[str]) -> str:
        if slot[0] == "%%":
            return "%"
        value = next(given, None)
        try:
            return slot[0] % value if isinstance(value, int | float) else "…"
        except (TypeError, ValueError, OverflowError):
            return "…"

    return _SLOT.sub(fill, pattern)


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
