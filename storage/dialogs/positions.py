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


# For what stands in a damaged row instead of a list or a frame, both databases' functions would raise an error.
def _on_sqlite() -> Select[Any]:
    stored = case((func.json_valid(conversations.c.state), conversations.c.state), else_=literal_column("'{}'"))
    frames = func.json_each(stored, "$.frames").table_valued("value", "type")
    frame = case((frames.c.type == "object", frames.c.value), else_=literal_column("'{}'"))
    return _counting(frames, func.json_extract(frame, "$.step"), func.json_extract(frame, "$.pending.transition"))


def _on_postgresql() -> Select[Any]:
    frame = column("frame", JSONB)
    stored = conversations.c.state["frames"]
    listed = case((func.jsonb_typeof(stored) == "array", stored), else_=literal_column("'[]'::jsonb"))
    frames = func.jsonb_array_elements(listed).table_valued(frame).render_derived()
    step = frames.c.frame["step"]
    name = case((func.jsonb_typeof(step) == "string", step.astext))
    return _counting(frames, name, frames.c.frame["pending"]["transition"].astext)


# All frames of every conversation in one statement; the databases have different functions for JSON.
_POSITIONS = {"sqlite": _on_sqlite(), "postgresql": _on_postgresql()}


def open_dialogs(tx: Transaction) -> list[DialogPosition]:
    """Return the number of conversations by open dialog, the one on screen or one suspended below it."""
    rows = tx.connection.execute(_POSITIONS[tx.connection.dialect.name])
    return [DialogPosition(*row) for row in rows if isinstance(row[0], str)]
