"""Spans of time as flows write them: `30s`, `15m`, `24h`, `7d`; a number has five digits at most."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_SPAN = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_PLACES = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: Any) -> timedelta:
    """Return the span that `value` writes; raises ValueError when it is none."""
    if isinstance(value, timedelta):
        return value
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a span of time such as 30s, 15m, 24h or 7d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def write_duration(span: timedelta) -> str:
    """Return a span of whole seconds as flows write it, in the largest unit that serves."""
    seconds = int(span.total_seconds())
    return next(f"{seconds // size}{unit}" for unit, size in _PLACES if seconds % size == 0)


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$"}),
]
