"""Errors reach whoever keeps the bot running: each event of level ERROR in the log goes to Sentry too.

What is sent is built here, field by field: the name of the event, ids, the reason in the words of the log, mistakes in
flows, the class of the error and of what led to it, the lines of code they passed through. Messages of errors, values
of variables, texts and names of people are never put in.
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
from bot.telemetry.third_party import redact

if TYPE_CHECKING:
    from sentry_sdk.client import Client
    from sentry_sdk.types import Event

TAGS = (*FIELDS, "conversation_id", "method", "reason", "subject_id", "subject_kind", "timer", "tries", "what", "where")
"""Fields of an event in the log that go along, where they are numbers or one word."""
DETAILS = ("reason", "problems")
"""Those that go along in words: Telegram's without what it quotes, those of who wrote the flows as they are."""
FLUSH = 2.0
"""Seconds at the end for what is still to be sent."""
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
    """Return what Sentry is told: structlog's events are dictionaries, libraries' are their unfilled patterns."""
    ours = isinstance(record.msg, dict)
    told: dict[str, Any] = record.msg if ours else {"event": redact(record), **current_log_context().fields()}  # type: ignore[assignment]
    name = without_token(str(told["event"]))
    error = error_in(told.get("exc_info", record.exc_info))
    event: Event = {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "logentry": {"message": name},
        "tags": {key: str(told[key]) for key in TAGS if _is_plain(told.get(key))},
        "extra": {key: _in_words(told[key]) for key in DETAILS if told.get(key) and not _is_plain(told[key])},
        "fingerprint": [name, *_marks(error, _in_words(told.get("reason") or ""))],
    }
    if error:
        event["exception"] = {"values": [_described(each) for each in reversed(chain(error))]}
    return event


def _marks(error: BaseException | None, reason: str) -> list[str]:
    """Return what tells one kind of failure from another under the same name: each is an issue of its own in Sentry."""
    if error is None:
        return [_NUMBER.sub("…", reason)] if reason else []
    places = (origin(each) for each in chain(error))
    return [type(error).__qualname__, *[place for place in places if place][:1]]


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isidentifier())


def _in_words(value: object) -> str:
    # One text: of a list Sentry's client sends the first ten.
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
