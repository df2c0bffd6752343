"""Column types that behave the same on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from storage.database.json_values import from_json

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

# SQLite generates ids only for a key declared INTEGER, which has 64 bits there.
BIG = BigInteger().with_variant(Integer(), "sqlite")

JSON_COLUMN = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Big = Annotated[int, mapped_column(BIG)]
"""A 64-bit integer: every id, ours and Telegram's."""

Object = Annotated[dict[str, Any], mapped_column(JSON_COLUMN)]
"""A JSON object."""

Numbers = Annotated[list[int], mapped_column(JSON_COLUMN)]
"""A JSON list of integers."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC; a naive one is a ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC: SQLite stores a time without its offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a time zone cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Add the time zone that SQLite has not stored."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """Bind the datetimes that a column is compared with in the same way."""
        return self


class RawJSON(TypeDecorator[Any]):
    """Any JSON value as ASCII text: holds what PostgreSQL's JSON refuses, lone surrogates and `\\u0000`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Serialize the value."""
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Parse the stored text; what is no JSON is returned as it is."""
        return None if value is None else from_json(value)
