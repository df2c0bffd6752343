"""The catalogue of places: building, floor, room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, select

from storage.database.prepared import Prepared
from storage.models.tables import places

if TYPE_CHECKING:
    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place; `has_children` says whether visible places are directly under it."""

    id: int
    parent_id: int | None
    name: str
    code: str | None
    has_children: bool


_child = places.alias("child")
_HAS_CHILDREN = exists().where(_child.c.parent_id == places.c.id, _child.c.is_hidden.is_(False))
_PLACES = select(places.c.id, places.c.parent_id, places.c.name, places.c.code, _HAS_CHILDREN.label("has_children"))
_VISIBLE = _PLACES.where(places.c.is_hidden.is_(False)).order_by(places.c.position, places.c.id)
_ROOTS = Prepared(_VISIBLE.where(places.c.parent_id.is_(None)))
_CHILDREN = _VISIBLE.where(places.c.parent_id == bindparam("parent"))
_BY_CODE = _VISIBLE.where(places.c.code == bindparam("room_code"))

_start = select(places.c.id, places.c.parent_id, places.c.name, bindparam("zero", 0).label("depth")).where(
    places.c.id == bindparam("place_id")
)
_upwards = _start.cte("upwards", recursive=True)
_parents = select(places.c.id, places.c.parent_id, places.c.name, _upwards.c.depth + 1).join(
    _upwards, places.c.id == _upwards.c.parent_id
)
_chain = _upwards.union_all(_parents)
_PATH = select(_chain.c.name).order_by(_chain.c.depth.desc())


def visible(tx: Transaction, parent_id: int | None = None) -> list[PlaceRow]:
    """Return the places directly under another one, or the topmost, in the catalogue's order."""
    if parent_id is None:
        return [PlaceRow(**row) for row in _ROOTS.all(tx, {})]
    return _rows(tx, _CHILDREN, parent=parent_id)


def by_code(tx: Transaction, code: str) -> PlaceRow | None:
    """Return the place that a room link names, None where there is none."""
    found = _rows(tx, _BY_CODE, room_code=code)
    return found[0] if found else None


def search(tx: Transaction, text: str, limit: int = 8) -> list[PlaceRow]:
    """Return the places whose name contains every word of `text`, in upper or lower case."""
    found = _VISIBLE.limit(limit)
    for word in text.lower().split():
        found = found.where(func.lower(places.c.name).contains(word, autoescape=True))
    return _rows(tx, found)


def path(tx: Transaction, place_id: int) -> list[str]:
    """Return the names on the way to a place, from the building down."""
    return list(tx.connection.execute(_PATH, {"place_id": place_id}).scalars())


def _rows(tx: Transaction, statement: Any, **values: Any) -> list[PlaceRow]:
    return [PlaceRow(*row) for row in tx.connection.execute(statement, values)]
