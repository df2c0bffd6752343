"""Screens that Telegram took and the database does not know of yet."""

from collections import OrderedDict
from collections.abc import Collection
from itertools import islice

from storage.dialogs.conversations import ConversationKey
from storage.outbox.screens import Receipt

REMEMBERED = 1000
"""Conversations whose last screen is known even when it is recorded: whoever read the row may have done so before."""


class UnrecordedReceipts:
    """What is known of each conversation, until whoever took the news has recorded them."""

    def __init__(self) -> None:
        self._waiting: dict[ConversationKey, Receipt] = {}
        self._taken: dict[ConversationKey, Receipt] = {}
        self._alone: set[ConversationKey] = set()
        self._last: OrderedDict[ConversationKey, Receipt] = OrderedDict()

    def __bool__(self) -> bool:
        """Tell whether there are news that nobody is recording yet."""
        return any(key not in self._taken for key in self._waiting)

    def add(self, key: ConversationKey, receipt: Receipt) -> None:
        """Keep news for whoever records them."""
        before = self._waiting.get(key)
        self._waiting[key] = self._last[key] = receipt.after(before) if before else receipt
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def last(self, key: ConversationKey) -> Receipt | None:
        """Tell which screen of a conversation was shown here last, if that was not long ago."""
        return self._last.get(key)

    def take(self, key: ConversationKey) -> Receipt | None:
        """Hand out the news of a conversation to be recorded along with something else.

        None while somebody else is at it, or where they are to be recorded by themselves.
        """
        return None if key in self._alone or key in self._taken or key not in self._waiting else self._take(key)

    def take_some(self, at_most: int) -> dict[ConversationKey, Receipt]:
        """Hand out the news of several conversations."""
        free = [*islice((key for key in self._waiting if key not in self._taken), at_most)]
        return {key: self._take(key) for key in free}

    def recorded(self, keys: Collection[ConversationKey]) -> None:
        """Forget news that were taken."""
        for key in keys:
            del self._taken[key]
            self._alone.discard(key)

    def give_back(self, key: ConversationKey, *, alone: bool = False) -> None:
        """Let news that were taken wait again, to be recorded `alone` if need be: they could not be recorded."""
        if alone:
            self._alone.add(key)
        receipt, later = self._taken.pop(key), self._waiting.get(key)
        self._waiting[key] = later.after(receipt) if later else receipt

    def conversations(self) -> set[int]:
        """Return the ids of the conversations that have news."""
        return {receipt.conversation_id for known in (self._waiting, self._taken) for receipt in known.values()}

    def _take(self, key: ConversationKey) -> Receipt:
        receipt = self._taken[key] = self._waiting.pop(key)
        return receipt
