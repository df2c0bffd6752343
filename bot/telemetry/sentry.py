"""Reports to Sentry: each event of level ERROR in the log.

A report is built here, field by field: the name of the event, ids, the reason as logged, mistakes in flows, the classes
of the error and of its causes, the lines of code that they passed through. It never holds messages of errors, values of
variables, texts or names of people.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bot.telemetry.errors import chain, error_in, frames, is_ours, module_of, origin
from bot.telemetry.log_context import FIELDS, current_log_context
from bot.telemetry.log_forms import without_token
from bot.telemetry.redaction import redact

if TYPE_CHECKING:
    from sentry_sdk.client import Client
    from sentry_sdk.types import Event

TAGS = (*FIELDS, "conversation_id", "method", "reason", "subject_id", "subject_kind", "timer", "tries", "what", "where")
"""Fields of a log event that are sent as tags, where they are numbers or identifiers."""
DETAILS = ("reason", "problems")
"""Fields that are sent as text: Telegram's messages without what they quote, mistakes in flows as they are."""
FLUSH = 2.0
"""Seconds at the end for reports that are still to be sent."""
_OWN = ("sentry_sdk", "urllib3")
_NUMBER = re.compile(r"\d+")


@contextmanager
def reporting(dsn: str | None, environment: str) -> Iterator[None]:
    """Send errors to Sentry while the block runs; without a DSN nothing is sent, nor even imported."""
    if dsn is None:
        yield
        return
    handler = _Handler(_client(dsn, environment))
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


class _Handler(logging.Handler):
    def __init__(self, client: "Client") -> None:
        super().__init__(logging.ERROR)
        self._client = client

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_OWN):
            self._client.capture_event(_event(record))

    def close(self) -> None:
        self._client.close(FLUSH)
        super().close()


def _client(dsn: str, environment: str) -> "Client":
    from sentry_sdk.client import Client  # noqa: PLC0415 - only those who use it wait for its import

    return Client(
        dsn=dsn,
        environment=environment,
        release=f"zavhoz@{version('zavhoz')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        server_name="",
    )


def _event(record: logging.LogRecord) -> "Event":
    """Return the report of a log record: structlog's messages are dictionaries, libraries' are redacted patterns."""
    ours = isinstance(record.msg, dict)
    fields: dict[str, Any] = record.msg if ours else {"event": redact(record), **current_log_context().fields()}  # type: ignore[assignment]
    name = without_token(str(fields["event"]))
    error = error_in(fields.get("exc_info", record.exc_info))
    event: Event = {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "logentry": {"message": name},
        "tags": {key: str(fields[key]) for key in TAGS if _is_plain(fields.get(key))},
        "extra": {key: _as_text(fields[key]) for key in DETAILS if fields.get(key) and not _is_plain(fields[key])},
        "fingerprint": [name, *_fingerprint(error, _as_text(fields.get("reason") or ""))],
    }
    if error:
        event["exception"] = {"values": [_described(each) for each in reversed(chain(error))]}
    return event


def _fingerprint(error: BaseException | None, reason: str) -> list[str]:
    """Return what distinguishes failures under the same event name: each becomes an issue of its own in Sentry."""
    if error is None:
        return [_NUMBER.sub("…", reason)] if reason else []
    places = (origin(each) for each in chain(error))
    return [type(error).__qualname__, *[place for place in places if place][:1]]


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isidentifier())


def _as_text(value: object) -> str:
    # One text: of a list, Sentry's client sends the first ten items.
    return without_token("\n".join(map(str, value)) if isinstance(value, list) else str(value))


def _described(error: BaseException) -> dict[str, Any]:
    passed = [
        {
            "filename": frame.f_code.co_filename,
            "function": frame.f_code.co_qualname,
            "module": module_of(frame),
            "lineno": line,
            "in_app": is_ours(frame),
        }
        for frame, line in frames(error)
    ]
    kind = type(error)
    return {"type": kind.__qualname__, "module": kind.__module__, "stacktrace": {"frames": passed}}
