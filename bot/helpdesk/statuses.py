"""Write a change of status; whether it may be made is asked of the flows, see `transitions`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.database.transaction import Transaction
from storage.records import history, requests
from storage.records.history import NewEvent
from storage.records.requests import KIND


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One status transition; `actor_id` is None where time makes it, `changes` are the other columns it sets."""

    transition: str
    source: str
    target: str
    stage: str
    actor_id: int | None
    reason: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def change_status(tx: Transaction, request_id: int, change: StatusChange) -> None:
    """Write a status transition and its event; of what it sets, history keeps ids and words.

    Raises ValueError where there is no such request, or it has no such column to change.
    """
    requests.update(tx, request_id, {"status": change.target, "stage": change.stage, **change.changes})
    history.append(
        tx,
        NewEvent(
            subject_kind=KIND,
            subject_id=request_id,
            name=change.transition,
            actor_id=change.actor_id,
            from_state=change.source,
            to_state=change.target,
            reason=change.reason,
            changes={name: value for name, value in change.changes.items() if isinstance(value, int | str | None)},
        ),
    )
