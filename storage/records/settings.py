"""Settings that an organisation changes in the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from storage.database.dialects import upsert
from storage.models.tables import settings

if TYPE_CHECKING:
    from storage.database.transaction import Transaction

_GET = select(settings.c.value).where(settings.c.key == bindparam("setting"))


def get(tx: Transaction, key: str, default: Any = None) -> Any:
    """Return a setting, or the default where it is not set."""
    row = tx.connection.execute(_GET, {"setting": key}).one_or_none()
    return default if row is None else row.value


def put(tx: Transaction, key: str, value: Any) -> None:
    """Store a setting; the value is any JSON but null."""
    insert = upsert(tx.connection.dialect, settings).values(key=key, value=value)
    changed = {"value": insert.excluded.value, "updated_at": insert.excluded.updated_at}
    tx.connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed))
