"""Errors reach whoever keeps the bot running: each event of level ERROR in the log goes to Sentry too.

What is sent is built here, field by field: the name of the event, ids, the class of the error and the lines of code it
passed through. Messages of errors, values of variables, texts and names of people are never put in.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bot.telemetry.bearings import FIELDS, at_hand
from bot.telemetry.log_forms import without_token
from bot.telemetry.logs import error_in

if TYPE_CHECKING:
    from sentry_sdk.client import Client
    from sentry_sdk.types import Event

TAGS = (*FIELDS, "conversation_id", "method", "reason", "subject_id", "subject_kind", "timer", "tries", "what", "where")
"""Fields of an event in the log that go along, where they are numbers or one word."""
FLUSH = 2.0
"""Seconds at the end for what is still to be sent."""
_OWN = ("sentry_sdk", "urllib3")


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
    """Return what Sentry is told: structlog's events are dictionaries, libraries' are their unfilled patterns."""
    ours = isinstance(record.msg, dict)
    told: dict[str, Any] = record.msg if ours else {"event": record.msg, **at_hand().fields()}  # type: ignore[assignment]
    name = without_token(str(told["event"]).partition("\n")[0])
    tags = {key: str(told[key]) for key in TAGS if _is_plain(told.get(key))}
    error = error_in(told.get("exc_info", record.exc_info))
    event: Event = {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "logentry": {"message": name},
        "tags": tags,
        "fingerprint": [name, tags.get("reason", type(error).__qualname__)],
    }
    if error:
        event["exception"] = {"values": [_described(error)]}
    return event


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isidentifier())


def _described(error: BaseException) -> dict[str, Any]:
    frames = [
        {"filename": frame.f_code.co_filename, "function": frame.f_code.co_qualname, "lineno": line}
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    kind = type(error)
    return {"type": kind.__qualname__, "module": kind.__module__, "stacktrace": {"frames": frames}}
