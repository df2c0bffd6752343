"""Durations as flows write them: `30s`, `15m`, `24h`, `7d`; a number has at most five digits."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from engine.i18n import message
from engine.problems import UnfitError

_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_SIZES = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: Any) -> timedelta:
    """Return the duration that `value` is the text of; ValueError when it is not one."""
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise UnfitError(message("expected a span of time such as 30s, 15m, 24h or 7d"))
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def write_duration(span: timedelta) -> str:
    """Return a duration of whole seconds as flows write it, in the largest unit that divides it."""
    seconds = int(span.total_seconds())
    return next(f"{seconds // size}{unit}" for unit, size in _SIZES if seconds % size == 0)


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$"}),
]
