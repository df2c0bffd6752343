"""The steps in which dialogs are open, for checking that new flows still have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, case, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB

from storage.models.tables import conversations

if TYPE_CHECKING:
    from sqlalchemy import TableValuedAlias

    from storage.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class DialogPosition:
    """How many conversations have a dialog open in a step; `transition` is the one whose question it asks, if any."""

    step: str
    transition: str | None
    conversations: int


def _counting(frames: TableValuedAlias, step: ColumnElement[Any], transition: ColumnElement[Any]) -> Select[Any]:
    number = func.count(conversations.c.id.distinct())
    counted = select(step, transition, number).select_from(conversations.join(frames, true()))
    return counted.group_by(step, transition).order_by(step, transition)


def _on_sqlite() -> Select[Any]:
    frames = func.json_each(conversations.c.state, "$.frames").table_valued("value")
    step = func.json_extract(frames.c.value, "$.step")
    return _counting(frames, step, func.json_extract(frames.c.value, "$.pending.transition"))


def _on_postgresql() -> Select[Any]:
    frame = column("frame", JSONB)
    stored = conversations.c.state["frames"]
    # Of a damaged row it is something else, for which the function would raise an error.
    listed = case((func.jsonb_typeof(stored) == "array", stored), else_=literal_column("'[]'::jsonb"))
    frames = func.jsonb_array_elements(listed).table_valued(frame).render_derived()
    return _counting(frames, frames.c.frame["step"].astext, frames.c.frame["pending"]["transition"].astext)


# All frames of every conversation in one statement; the databases have different functions for JSON.
_POSITIONS = {"sqlite": _on_sqlite(), "postgresql": _on_postgresql()}


def open_dialogs(tx: Transaction) -> list[DialogPosition]:
    """Return the number of conversations by open dialog, the one on screen or one suspended below it."""
    rows = tx.connection.execute(_POSITIONS[tx.connection.dialect.name])
    return [DialogPosition(*row) for row in rows if isinstance(row[0], str)]
