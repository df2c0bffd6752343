"""People who go on by what they see, whatever happens to the bot, and try again as people do."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from bot.emulator.client import EmulatorError
from bot.emulator.people import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.emulator.client import RemotePerson
    from tests.chaos.chats import Chat, Receipt

PATIENCE = 3.0
"""Seconds after which most people who see no answer do it once more."""
DESPAIR = float(os.environ.get("CHAOS_DESPAIR", "120"))
"""Seconds after which a person gives a request up: the bot is stuck, or has lost it."""
SCREENS = ("незаконченная", "Пришлите фото", "Где это?", "К чему это", "Насколько это", "Проверьте заявку")
LEADS_ON = {"⬅️ Назад", "🏠 Меню", "➕ Новая заявка"}
"""Buttons by which a screen differs from a notice and from a card that lives on its own."""
TAKE, DONE, NO_PHOTO = "🔧 Взять", "✅ Выполнено", "Без фото"


class StuckError(Exception):
    """Somebody has tried for a long time and got nowhere."""


@dataclass
class Person:
    """Somebody at a phone."""

    remote: RemotePerson
    chat: Chat
    patience: float

    @property
    def id(self) -> int:
        """The Telegram id."""
        return self.remote.id

    async def say(self, text: str, reply_to: int | None = None) -> int:
        """Type something; return the message's id."""
        return await self.remote.say(text, reply_to)

    async def press(self, message: Receipt, label: str) -> None:
        """Press a button, unless it has just gone."""
        try:
            await self.remote.act(VERBS["press"], label, message)
        except EmulatorError:
            return

    async def reaches_the_menu(self) -> None:
        """Say /menu and see it below; StuckError when it never comes."""
        said = await self.say("/menu")

        def menu() -> bool:
            return any(each.id > said and "Здравствуйте" in each.text for each in self.chat.newest())

        if not await self.chat.waits(menu, DESPAIR):
            raise StuckError(f"{self.id} says /menu and sees nothing")


@dataclass
class Author(Person):
    """Files requests, each in words of its own, and comments on some.

    `filed` are those whose card came, `comments` all that were typed as a reply, `heard` those the bot thanked for.
    """

    filed: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    comment_every: int = 2

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """File one request after the other; StuckError when one gets nowhere."""
        for number in count(1):
            if not goes_on():
                return
            words = f"Поломка {self.id}-{number} ждёт"
            card = await self.file(words)
            if number % self.comment_every == 0 and card is not None:
                await self.comment(card, f"К {self.id}-{number}")

    async def file(self, words: str) -> Receipt | None:
        """File one request; return its card, None where only the list of requests shows it."""
        try:
            async with asyncio.timeout(DESPAIR):
                await self._fill_in(words)
        except TimeoutError:
            raise StuckError(f"«{words}» was not filed in {DESPAIR:.0f} s") from None
        self.filed.append(words)
        return self._card(words)

    async def comment(self, card: Receipt, words: str) -> None:
        """Reply to a card once; a person who is not thanked in time leaves it at that."""
        self.comments.append(words)
        thanks = sum("передан" in each.text for each in self.chat.newest())
        await self.say(words, card.id)

        def thanked() -> bool:
            return sum("передан" in each.text for each in self.chat.newest()) > thanks

        if await self.chat.waits(thanked, self.patience):
            self.heard.append(words)

    async def _fill_in(self, words: str) -> None:
        # Whatever stands above is of an earlier request: a killed bot may have left screens there.
        above = await self.say("/new")
        await self.chat.waits(partial(self._goes_on, words, above, None), self.patience)
        sent = False
        while not self._is_filed(words):
            screen = self._screen(above)
            sent = await self._answer(screen, words, sent=sent)
            await self.chat.waits(partial(self._goes_on, words, above, screen), self.patience)

    async def _answer(self, screen: Receipt | None, words: str, *, sent: bool) -> bool:
        """Do what the screen asks for; tell whether the request has been sent, by now or before."""
        text = screen.text if screen else ""
        if screen is None or (sent and SCREENS[1] in text):
            # A request that was sent is never typed again: if it does not come, it is lost.
            await self.say("/my" if sent else "/new")
        elif SCREENS[0] in text:
            await self.press(screen, "✏️ Продолжить")
        elif SCREENS[1] in text:
            await self.say(words)
        elif SCREENS[2] in text:
            await self.say(f"Кабинет {self.id}")
        elif SCREENS[3] in text:
            await self.press(screen, "Другое")
        elif SCREENS[4] in text:
            await self.press(screen, "🟡 Обычная")
        else:
            await self.press(screen, "📨 Отправить")
            return True
        return sent

    def _screen(self, above: int) -> Receipt | None:
        """The newest screen, if it asks for something and stands below that message."""
        screens = (each for each in self.chat.newest() if each.id > above and not LEADS_ON.isdisjoint(each.labels))
        newest = next(screens, None)
        return newest if newest and any(words in newest.text for words in SCREENS) else None

    def _goes_on(self, words: str, above: int, before: Receipt | None) -> bool:
        return self._is_filed(words) or self._screen(above) != before

    def _is_filed(self, words: str) -> bool:
        return self._card(words) is not None or any(
            words in label for each in self.chat.newest() for label in each.labels
        )

    def _card(self, words: str) -> Receipt | None:
        # The title follows the number, on cards and in notices; elsewhere on a card the same words are a comment.
        titled = re.compile(rf"№\d+ (· [^\n]*\n|«){re.escape(words)}(»|$)", re.MULTILINE)
        return next((each for each in self.chat.newest() if titled.search(each.text)), None)


@dataclass
class Manager(Person):
    """Takes what there is to take and finishes it, from the cards in the chat."""

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Press one button after the other, as long as there are any."""
        while goes_on():
            found = self._next()
            if found:
                await self.press(*found)
            await self.chat.waits(lambda before=found: not goes_on() or self._next() != before, self.patience)

    def _next(self) -> tuple[Receipt, str] | None:
        """The button to press next: an open dialog first, then what can be taken, then what is to be finished."""
        found = ((self.chat.newest_with(label), label) for label in (NO_PHOTO, TAKE, DONE))
        return next(((message, label) for message, label in found if message), None)
