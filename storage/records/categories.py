"""The catalogue of categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.database.prepared import Prepared
from storage.models.tables import categories

if TYPE_CHECKING:
    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A kind of work."""

    id: int
    code: str
    name: str
    icon: str


_VISIBLE = Prepared(
    select(categories.c.id, categories.c.code, categories.c.name, categories.c.icon)
    .where(categories.c.is_hidden.is_(False))
    .order_by(categories.c.position, categories.c.id)
)


def visible(tx: Transaction) -> list[CategoryRow]:
    """Return the categories that people choose from, in the catalogue's order."""
    return [CategoryRow(**row) for row in _VISIBLE.all(tx, {})]
