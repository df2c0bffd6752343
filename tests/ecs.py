"""The Elastic Common Schema, as far as the log uses it: which names a line may have, and what stands under them."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def is_keyword(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def is_long(value: Any) -> bool:
    return type(value) is int


def is_date(value: Any) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", value) is not None and bool(
        datetime.fromisoformat(value)
    )


SCHEMA: dict[str, Callable[[Any], bool]] = {
    "@timestamp": is_date,
    "ecs.version": is_keyword,
    "error.stack_trace": is_keyword,
    "error.type": is_keyword,
    "event.action": is_keyword,
    "http.request.method": is_keyword,
    "http.response.status_code": is_long,
    "log.level": is_keyword,
    "log.logger": is_keyword,
    "message": is_keyword,
    "service.name": is_keyword,
    "service.version": is_keyword,
    "user.id": is_keyword,
}
"""Names of ECS 1.6, those that we use: https://www.elastic.co/guide/en/ecs/1.6/ecs-field-reference.html."""
OWN = "zavhoz."


def lines(output: str) -> list[dict[str, Any]]:
    """Read the lines of a log, each by the dotted names of its fields."""
    return [dict(flat(json.loads(line))) for line in output.splitlines()]


def flat(fields: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Go through the fields by their dotted names, as Elasticsearch sees them."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def strange(line: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a line that the schema does not know, or of which it expects something else."""
    return {
        name: value
        for name, value in line.items()
        if not name.startswith(OWN) and not (name in SCHEMA and SCHEMA[name](value))
    }


def ambiguous(found: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return our own fields that are a number in one line and a text in another: one of them could not be stored."""
    kinds: dict[str, set[str]] = {}
    for name, value in (each for line in found for each in line.items() if each[0].startswith(OWN)):
        kind = "number" if isinstance(value, int | float) else type(value).__name__
        kinds.setdefault(name, set()).add(kind)
    return {name: each for name, each in kinds.items() if len(each) > 1}
