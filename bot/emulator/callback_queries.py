"""Callback queries: made by a press on a button, answered at most once and not too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.emulator.errors import bad_request
from engine.markup import length

if TYPE_CHECKING:
    from bot.emulator.chats import Message, User
    from bot.emulator.params import Params

ANSWER_LIMIT = 200
LIFETIME = 150.0
"""Seconds a query may wait for its answer."""

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_LINKS = ("https://t.me/", "http://t.me/", "t.me/", "tg://")


@dataclass(slots=True, eq=False)
class CallbackQuery:
    """One press on a button and what the bot answered: nothing, a toast, an alert, or a link to open."""

    id: str
    person: User
    message: Message
    data: str
    at: float
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""


class CallbackQueries:
    """All callback queries by id."""

    def __init__(self) -> None:
        self.by_id: dict[str, CallbackQuery] = {}
        self.last_id = 4_000_000_000_000_000

    def make(self, person: User, message: Message, data: str, now: float) -> CallbackQuery:
        """Register a query made at `now` (seconds)."""
        self.last_id += 1
        press = CallbackQuery(str(self.last_id), person, message, data, now)
        self.by_id[press.id] = press
        return press

    def answer(self, params: Params, now: float) -> CallbackQuery:
        """Answer a query.

        Raises `ApiError` 400 for one that is unknown, answered already or older than 150 s, for a text of more than 200
        characters, and for a link that does not lead to Telegram.
        """
        press = self.by_id.get(params.text("callback_query_id"))
        if press is None or press.answered or now - press.at > LIFETIME:
            raise bad_request(_TOO_OLD)
        text, url = params.text("text"), params.text("url")
        if length(text) > ANSWER_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        if url and not url.startswith(_LINKS):
            raise bad_request("URL_INVALID")
        press.answered, press.text, press.url, press.alert = True, text, url, params.flag("show_alert")
        return press
