"""Updates that fail every time, set aside so that the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from storage.models.tables import poisonous_updates

if TYPE_CHECKING:
    from storage.transaction import Transaction

_PUT_ASIDE = insert(poisonous_updates)


def put_aside(tx: Transaction, bot_id: int, update_id: int, raw: Any, error: str, tries: int = 1) -> None:
    """Keep an update as Telegram sent it, with what it raised and how often it was tried."""
    tx.connection.execute(
        _PUT_ASIDE,
        {
            "bot_id": bot_id,
            "update_id": update_id,
            "raw": raw,
            "error": error.replace("\0", ""),
            "tries": tries,
        },
    )
