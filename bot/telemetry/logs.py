"""Logging: structured events, without texts that people wrote, names or tokens."""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.telemetry import uncaught
from bot.telemetry.errors import chain, error_in, traceback_summary
from bot.telemetry.log_context import merge_log_context
from bot.telemetry.log_forms import renderer, stamper
from bot.telemetry.redaction import filled, redact

QUIET = ("aiogram", "aiohttp", "alembic", "sqlalchemy", "transitions", "urllib3", "watchfiles")
"""Libraries whose lower levels log more than anybody reads."""


def configure_logs(level: str, form: str) -> None:
    """Send structlog's events, the libraries' logs, warnings and uncaught errors to standard error.

    `form` is `console` for people's eyes, `json` for lines of JSON, `ecs` for those in the Elastic Common Schema.
    """
    shared: list[Processor] = [
        merge_log_context,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        stamper(form),
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
    uncaught.install_hooks()


def _pattern(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Redact a library's message to the first line of its pattern, with the numbers filled in."""
    pattern, args = redact(event["_record"]), event.pop("positional_args")
    event["event"] = filled(pattern, args) if args else pattern
    event.pop("stack_info", None)
    return event


def _place_of_error(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Log the class, the place and the causes of an error; its message may quote people or hold a token."""
    error = error_in(event.pop("exc_info", None))
    if error:
        itself, *causes = (type(each).__qualname__ for each in chain(error))
        event["error"] = itself
        event["at"] = traceback_summary(error)
        if causes:
            event["cause"] = ", ".join(causes)
    return event
