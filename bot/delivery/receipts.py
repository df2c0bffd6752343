"""Receipts: screens that Telegram took and the database does not know of yet.

A receipt is recorded by the next step of its conversation, which writes the row anyway, or after a moment by itself. It
is handed to one of the two at a time, for one write is enough.
"""

from collections import OrderedDict
from collections.abc import Collection
from itertools import islice

from storage.dialogs.conversations import ConversationKey
from storage.outbox.screens import Receipt

REMEMBERED = 1000
"""Conversations whose last receipt is kept even after it was recorded: a screen that is to be sent may have been read
from its row before."""


class UnrecordedReceipts:
    """The receipts of each conversation, from the call of Telegram until the commit that records them."""

    def __init__(self) -> None:
        self._waiting: dict[ConversationKey, Receipt] = {}
        self._taken: dict[ConversationKey, Receipt] = {}
        self._alone: set[ConversationKey] = set()
        self._last: OrderedDict[ConversationKey, Receipt] = OrderedDict()

    def __bool__(self) -> bool:
        """Return whether there are receipts that nobody is recording yet."""
        return any(key not in self._taken for key in self._waiting)

    def add(self, key: ConversationKey, receipt: Receipt) -> None:
        """Keep a receipt until it is taken to be recorded."""
        before = self._waiting.get(key)
        self._waiting[key] = self._last[key] = receipt.after(before) if before else receipt
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def last(self, key: ConversationKey) -> Receipt | None:
        """Return the receipt of the screen that this process sent last to a conversation, if that was not long ago."""
        return self._last.get(key)

    def take(self, key: ConversationKey) -> Receipt | None:
        """Return the receipt of a conversation, to be recorded along with something else.

        None while it is being recorded already, or where it is to be recorded alone.
        """
        return None if key in self._alone or key in self._taken or key not in self._waiting else self._take(key)

    def take_some(self, at_most: int) -> dict[ConversationKey, Receipt]:
        """Return receipts to be recorded together, by conversation."""
        free = [*islice((key for key in self._waiting if key not in self._taken), at_most)]
        return {key: self._take(key) for key in free}

    def recorded(self, keys: Collection[ConversationKey]) -> None:
        """Forget receipts that were taken: they are committed."""
        for key in keys:
            del self._taken[key]
            self._alone.discard(key)

    def give_back(self, key: ConversationKey, *, alone: bool = False) -> None:
        """Put a receipt back that was not recorded, to be recorded `alone` where it may be what the step failed at."""
        if alone:
            self._alone.add(key)
        receipt, later = self._taken.pop(key), self._waiting.get(key)
        self._waiting[key] = later.after(receipt) if later else receipt

    def conversations(self) -> set[int]:
        """Return the ids of the conversations that have receipts."""
        return {receipt.conversation_id for known in (self._waiting, self._taken) for receipt in known.values()}

    def _take(self, key: ConversationKey) -> Receipt:
        receipt = self._taken[key] = self._waiting.pop(key)
        return receipt
