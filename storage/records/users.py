"""People: their names, roles, and whether they can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, false, or_, select, update

from storage.database.prepared import Prepared
from storage.models.tables import users

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from storage.database.transaction import Transaction


@dataclass(slots=True)
class Person:
    """A person; `id` is ours, `telegram_id` Telegram's."""

    id: int
    telegram_id: int
    full_name: str
    username: str | None
    role: str
    is_blocked: bool
    unreachable: bool
    """Telegram answered the last message with 403: the person has blocked the bot."""
    language: str
    prefs: dict[str, Any] = field(default_factory=dict)


COLUMNS = (
    users.c.id.label("person_id"),
    users.c.telegram_id,
    users.c.full_name,
    users.c.username,
    users.c.role,
    users.c.is_blocked,
    users.c.unreachable_since,
    users.c.language,
    users.c.prefs,
)
"""The columns that `person_of` needs; the id is labelled, so that a joined table may have an `id` too."""

_NAMES = select(users.c.id, users.c.full_name).where(users.c.id.in_(bindparam("ids", expanding=True)))
_BY_ID = Prepared(select(*COLUMNS).where(users.c.id == bindparam("wanted")))
_BY_TELEGRAM_ID = Prepared(select(*COLUMNS).where(users.c.telegram_id == bindparam("telegram")))
_ROLES = select(users.c.telegram_id, users.c.role).where(users.c.telegram_id.in_(bindparam("ids", expanding=True)))
_SET_ROLE = update(users).where(users.c.telegram_id == bindparam("telegram"))
_NEWLY_UNREACHABLE = update(users).where(
    users.c.telegram_id == bindparam("telegram"), users.c.unreachable_since.is_(None)
)


@cache
def _by_roles(*names: str) -> Prepared:
    """Return the statement that finds people by as many roles as there are names, which the roles are bound by."""
    is_wanted = or_(false(), *(users.c.role == bindparam(name) for name in names))
    return Prepared(select(*COLUMNS).where(is_wanted, users.c.is_blocked.is_(False)).order_by(users.c.id))


def person_of(row: Mapping[Any, Any]) -> Person:
    """Build a person from a row with `COLUMNS`."""
    return Person(
        id=row["person_id"],
        telegram_id=row["telegram_id"],
        full_name=row["full_name"],
        username=row["username"],
        role=row["role"],
        is_blocked=row["is_blocked"],
        unreachable=row["unreachable_since"] is not None,
        language=row["language"],
        prefs=row["prefs"] if isinstance(row["prefs"], dict) else {},
    )


def by_roles(tx: Transaction, roles: Collection[str]) -> list[Person]:
    """Return the people with these roles who are not blocked, in the order they joined."""
    wanted = {f"role{number}": role for number, role in enumerate(roles)}
    return [person_of(row) for row in _by_roles(*wanted).all(tx, wanted)]


def get(tx: Transaction, person_id: int) -> Person | None:
    """Return a person by our id, None where there is none."""
    row = _BY_ID.one(tx, {"wanted": person_id})
    return person_of(row) if row else None


def names(tx: Transaction, person_ids: Collection[int]) -> dict[int, str]:
    """Return the full names of people by our ids; runs no statement for an empty collection."""
    if not person_ids:
        return {}
    rows = tx.connection.execute(_NAMES, {"ids": list(person_ids)})
    return {row.id: row.full_name for row in rows}


def by_telegram_id(tx: Transaction, telegram_id: int) -> Person | None:
    """Return a person by Telegram's id, None where there is none."""
    row = _BY_TELEGRAM_ID.one(tx, {"telegram": telegram_id})
    return person_of(row) if row else None


def roles(tx: Transaction, telegram_ids: Collection[int]) -> dict[int, str]:
    """Return the roles of people by Telegram's ids; who never came is not among them."""
    rows = tx.connection.execute(_ROLES, {"ids": list(telegram_ids)})
    return {row.telegram_id: row.role for row in rows}


def set_role(tx: Transaction, telegram_id: int, role: str) -> bool:
    """Give a person a role; return whether there is such a person."""
    changed = tx.connection.execute(_SET_ROLE, {"telegram": telegram_id, "role": role})
    return bool(changed.rowcount)


def mark_unreachable(tx: Transaction, telegram_id: int) -> None:
    """Record that Telegram answered 403; the first time is kept."""
    tx.connection.execute(_NEWLY_UNREACHABLE, {"telegram": telegram_id, "unreachable_since": tx.now})
