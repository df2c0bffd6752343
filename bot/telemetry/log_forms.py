"""The formats of a log line: text for people, JSON, the Elastic Common Schema."""

import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import structlog
from ecs_logging import StructlogFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.telemetry.log_context import FIELDS

_TOKEN = re.compile(r"\d{1,16}(?::|%3A)[\w-]{30,}", re.IGNORECASE)
_ECS = {
    "timestamp": "@timestamp",
    "level": "log.level",
    "logger": "log.logger",
    "error": "error.type",
    "at": "error.stack_trace",
    "user_id": "user.id",
    "http_method": "http.request.method",
    "http_status": "http.response.status_code",
}
"""Our fields, and the schema's names for them (https://www.elastic.co/guide/en/ecs/1.6/ecs-field-reference.html)."""
_OWN = "zavhoz."
"""The namespace of fields that the schema does not have."""


def stamper(form: str) -> Processor:
    """Return the processor that adds the time: local time for people, UTC for programs."""
    if form == "console":
        return structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)
    return structlog.processors.TimeStamper(fmt="iso", utc=True)


def renderer(form: str) -> list[Processor]:
    """Return the processors that render an event as a line, in the format that `LOG_FORMAT` names."""
    meta: Processor = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "ecs":
        return [_named_as_in_ecs, _masked(StructlogFormatter(ensure_ascii=False))]
    if form == "json":
        return [meta, _masked(structlog.processors.JSONRenderer(ensure_ascii=False))]
    return [meta, _log_context_last, _masked(structlog.dev.ConsoleRenderer(colors=_in_colour(), sort_keys=False))]


def without_token(text: str) -> str:
    """Return a text with any bot's token in it masked, in an address too."""
    return _TOKEN.sub("…", text)


def _in_colour() -> bool:
    # https://no-color.org
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def _log_context_last(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Move the fields of the log context behind the event's own."""
    for name in FIELDS:
        if name in event:
            event[name] = event.pop(name)
    return event


def _masked(render: Callable[[WrappedLogger, str, Any], Any]) -> Processor:
    def processor(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return without_token(str(render(logger, name, event)))

    return processor


def _named_as_in_ecs(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Rename the fields of an event to the schema's, and put ours into a namespace."""
    del event["_record"]
    ours, what = event.pop("_from_structlog"), event.pop("event")
    named = {_ECS.get(key, f"{_OWN}{key}"): value for key, value in event.items() if value is not None}
    if "user.id" in named:
        # The schema has a keyword there, not a number.
        named["user.id"] = str(named["user.id"])
    if ours:
        named["event.action"] = what
    return {"event": what, "service.name": "zavhoz", "service.version": version("zavhoz"), **named}
