"""Settings that an organisation changes in the chat, and what the bot itself keeps for later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select

from storage.database.dialects import upsert
from storage.models.tables import settings

if TYPE_CHECKING:
    from storage.database.transaction import Transaction

_GET = select(settings.c.value).where(settings.c.key == bindparam("setting"))
_REMOVE = delete(settings).where(settings.c.key == bindparam("setting"))


def get(tx: Transaction, key: str, default: Any = None) -> Any:
    """Return a setting, or the default where it is not set."""
    row = tx.connection.execute(_GET, {"setting": key}).one_or_none()
    return default if row is None else row.value


def put(tx: Transaction, key: str, value: Any) -> None:
    """Store a setting; the value is any JSON but null."""
    insert = upsert(tx.connection.dialect, settings).values(key=key, value=value)
    changed = {"value": insert.excluded.value, "updated_at": insert.excluded.updated_at}
    tx.connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_=changed))


def put_if_new(tx: Transaction, key: str, value: Any) -> bool:
    """Store a setting; return whether it had another value, or none. Of two at once that store the same, one has."""
    insert = upsert(tx.connection.dialect, settings).values(key=key, value=value)
    changed = {"value": insert.excluded.value, "updated_at": insert.excluded.updated_at}
    storing = insert.on_conflict_do_update(
        index_elements=["key"], set_=changed, where=settings.c.value != insert.excluded.value
    )
    return tx.connection.execute(storing.returning(settings.c.key)).one_or_none() is not None


def remove(tx: Transaction, key: str) -> bool:
    """Delete a setting; return whether it was set."""
    return bool(tx.connection.execute(_REMOVE, {"setting": key}).rowcount)
