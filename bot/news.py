"""Screens that Telegram took and the database does not know of yet."""

from collections import OrderedDict
from collections.abc import Collection
from itertools import islice

from storage.conversations import ConversationKey
from storage.screens import Shown

REMEMBERED = 1000
"""Conversations whose last screen is known even when it is recorded: whoever read the row may have done so before."""


class News:
    """What is known of each conversation, until whoever took the news has recorded them."""

    def __init__(self) -> None:
        self._waiting: dict[ConversationKey, Shown] = {}
        self._taken: dict[ConversationKey, Shown] = {}
        self._last: OrderedDict[ConversationKey, Shown] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, key: ConversationKey, news: Shown) -> None:
        """Keep news for whoever records them."""
        before = self._waiting.get(key)
        self._waiting[key] = self._last[key] = news.after(before) if before else news
        self._last.move_to_end(key)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def last(self, key: ConversationKey) -> Shown | None:
        """Tell which screen of a conversation was shown here last, if that was not long ago."""
        return self._last.get(key)

    def take(self, key: ConversationKey) -> Shown | None:
        """Hand out the news of a conversation to be recorded; None while somebody else is at it."""
        if key in self._taken or key not in self._waiting:
            return None
        news = self._taken[key] = self._waiting.pop(key)
        return news

    def take_some(self, at_most: int) -> dict[ConversationKey, Shown]:
        """Hand out the news of several conversations."""
        free = [*islice((key for key in self._waiting if key not in self._taken), at_most)]
        return {key: news for key in free if (news := self.take(key))}

    def recorded(self, keys: Collection[ConversationKey]) -> None:
        """Forget news that were taken."""
        for key in keys:
            del self._taken[key]

    def give_back(self, key: ConversationKey) -> None:
        """Let news that were taken wait again: they could not be recorded."""
        news, later = self._taken.pop(key), self._waiting.get(key)
        self._waiting[key] = later.after(news) if later else news

    def conversations(self) -> set[int]:
        """Return the ids of the conversations that have news."""
        return {news.conversation_id for known in (self._waiting, self._taken) for news in known.values()}
