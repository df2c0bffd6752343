"""Keep the leases of this process alive, and rescue what processes that died had leased.

A process leases what it sends for a minute. As long as it works on something it renews the lease, so that a slow
Telegram does not make a second process send the same. A process that was killed renews nothing: its leases would end by
themselves, but a minute is long to wait for an answer, so the others release them as soon as it is known to be dead.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from storage.database.transaction import Transaction
from storage.outbox import leases

INTERVAL = timedelta(seconds=5)
"""How often leases are renewed and orphans rescued: much more often than a lease ends, and cheap enough."""


class LeaseKeeper:
    """Renews and rescues now and then, as part of the transaction that polls for what is due.

    That transaction runs anyway, on an idle process too; a timer of its own would be one more thing to stop and drain.
    """

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._kept_at: datetime | None = None
        self._was_cut_off = False
        self._no_rescue_until: datetime | None = None

    def cut_off(self) -> None:
        """Note that the database could not be reached."""
        self._was_cut_off = True

    def keep(self, tx: Transaction, messages: Collection[int], screens: Collection[int]) -> None:
        """Renew the leases of `messages` (ids of their rows) and `screens` (of their conversations), if it is time."""
        if self._kept_at is not None and tx.now - self._kept_at < INTERVAL:
            return
        if self._was_cut_off:
            # A process is alive while its connection holds an advisory lock. A database that was away has dropped the
            # connections of all: for a moment the living look dead, and their messages would be sent twice.
            self._was_cut_off, self._no_rescue_until = False, tx.now + leases.GRACE
        leases.renew(tx, self._worker, messages, screens)
        if self._no_rescue_until is None or self._no_rescue_until <= tx.now:
            leases.rescue_orphans(tx, self._worker)
        self._kept_at = tx.now
