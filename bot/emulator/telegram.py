"""The emulator: one Telegram with one bot in it, kept in memory.

`call` answers Bot API calls as Telegram does; `person`, `group` and `channel` give the people's side. Whether
a call comes over HTTP or from within the process makes no difference here.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.emulator.chat_log import ChatEventKind
from bot.emulator.chat_views import Channel, Group
from bot.emulator.chats import Chat, User, group_chat
from bot.emulator.errors import ApiError, ConnectionLost
from bot.emulator.methods import find_method
from bot.emulator.params import Params, Upload
from bot.emulator.people import Person
from bot.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.emulator.faults import Fault
    from bot.emulator.journal import Call

LOCAL_BOT = "4200000042:AAlocal-emulator-token-of-zavhoz-000"
"""The token of the emulator's own bot; it opens nothing but an emulator."""

_TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{30,}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: the HTTP status and the JSON body."""

    status: int
    body: dict[str, Any]


class Emulator(State):
    """A strict stand-in for Telegram.

    With `any_token` the first well-formed token that calls becomes the bot's; every other is refused with
    401. `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        token: str = LOCAL_BOT,
        *,
        any_token: bool = False,
        bot_name: str = "ЗАВхоз",
        username: str = "zavhoz_local_bot",
        clock: Callable[[], float] = time.time,
    ) -> None:
        bot_id = int(token.partition(":")[0])
        super().__init__(User(bot_id, bot_name, username=username, is_bot=True), clock)
        self.token = token
        self.any_token = any_token
        self.people: dict[int, Person] = {}

    @property
    def groups(self) -> dict[int, Group]:
        """The groups and supergroups by id."""
        return {chat.id: Group(self, chat) for chat in self.chats.groups()}

    def person(
        self,
        id: int,  # noqa: A002 -- Telegram's word
        first_name: str,
        last_name: str = "",
        username: str | None = None,
        about: str = "",
    ) -> Person:
        """Register a person; the bot cannot write to them before they write first.

        `about` is a note for the chat page, of which the bot knows nothing.
        """
        user = User(id, first_name, last_name, username)
        chat = self.chats.add(Chat(id, "private", user=user))
        self.people[id] = Person(self, user, chat, about)
        self.record(ChatEventKind.CHANGED, chat, note="person")
        return self.people[id]

    def group(self, id: int, title: str, members: list[Person], topics: tuple[int, ...] = ()) -> Group:  # noqa: A002 -- Telegram's word
        """Register a group with the bot in it; a supergroup when the id starts with -100 or it has topics."""
        return Group(self, self.chats.add(group_chat(id, title, [member.user for member in members], topics)))

    def channel(self, id: int, title: str) -> Channel:  # noqa: A002 -- Telegram's word
        """Register a channel with the bot in it."""
        return Channel(self, self.chats.add(Chat(id, "channel", title)))

    def push_raw(self, update: dict[str, Any]) -> int:
        """Queue any JSON object as an update and return its id."""
        return self.updates.push(update)

    async def call(
        self,
        token: str,
        method: str,
        values: Mapping[str, Any] | None = None,
        uploads: Mapping[str, Upload] | None = None,
    ) -> Reply:
        """Answer one Bot API call; raises `ConnectionLost` when a fault breaks the connection."""
        entry = self.journal.open(method, self.clock())
        try:
            self.check_token(token)
            params = Params(values or {}, uploads or {})
            entry.params = params.values
            entry.uploads = {name: len(upload.content) for name, upload in params.uploads.items()}
            result = await self._answer(entry, params)
        except ApiError as error:
            entry.outcome, entry.error = "refused", error.description
            return Reply(error.code, error.body())
        return Reply(200, {"ok": True, "result": result})

    async def download(self, token: str, path: str) -> bytes:
        """The bytes behind a `file_path`; raises `ApiError` (401, 404) and `ConnectionLost`.

        Journaled, and open to faults, as the method `download`.
        """
        entry = self.journal.open("download", self.clock())
        entry.params = {"file_path": path}
        try:
            self.check_token(token)
            await self._strike(entry)
            content = self.files.by_path(path)
        except ApiError as error:
            entry.outcome, entry.error = "refused", error.description
            raise
        entry.outcome, entry.accepted = "ok", True
        return content

    def check_token(self, token: str) -> None:
        """Raise 401 for a token that is not the bot's; adopt the first one where any is welcome."""
        if self.any_token and _TOKEN.fullmatch(token):
            self.any_token = False
            self.token = token
            self.set_bot_id(int(token.partition(":")[0]))
        if token != self.token:
            raise ApiError(401)

    async def _answer(self, entry: Call, params: Params) -> Any:
        handler = find_method(entry.method)
        fault = await self._strike(entry)
        answer = handler(self, params)
        result = await answer if asyncio.iscoroutine(answer) else answer
        entry.accepted, entry.result, entry.outcome = True, result, "ok"
        if fault and fault.kind == "drop_after":
            entry.outcome = "lost"
            raise ConnectionLost("the connection broke after the call")
        return result

    async def _strike(self, entry: Call) -> Fault | None:
        fault = self.faults.take(entry.method, entry.chat_id)
        if fault is None:
            return None
        if error := fault.error():
            raise error
        if fault.kind == "drop_before":
            entry.outcome = "lost"
            raise ConnectionLost("the connection broke before the call")
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay)
        return fault
