"""Keep the claims on what is in hand, and take over those of processes that died."""

from collections.abc import Collection
from datetime import datetime, timedelta

from storage.database.transaction import Transaction
from storage.outbox import leases

INTERVAL = timedelta(seconds=5)
"""How often claims are prolonged, and those of dead processes taken over."""


class LeaseKeeper:
    """Sweeps now and then, as part of a unit of work that looks for what is due."""

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._swept_at: datetime | None = None
        self._cut_off = False
        self._patient_until: datetime | None = None

    def cut_off(self) -> None:
        """Say that the database cannot be reached."""
        self._cut_off = True

    def keep(self, tx: Transaction, messages: Collection[int], screens: Collection[int]) -> None:
        """Sweep if it is time to; in hand are `messages` by their rows' ids and `screens` by their conversations'."""
        if self._swept_at is not None and tx.now - self._swept_at < INTERVAL:
            return
        if self._cut_off:
            # So were the others, perhaps: they live, but nobody can tell until they come back.
            self._cut_off, self._patient_until = False, tx.now + leases.GRACE
        leases.renew(tx, self._worker, messages, screens)
        if self._patient_until is None or self._patient_until <= tx.now:
            leases.rescue_orphans(tx, self._worker)
        self._swept_at = tx.now
