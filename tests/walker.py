"""Walks through a bot breadth-first: presses every button it finds and sends every kind of thing, from every screen."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections import deque
from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, Any

from bot.local.pictures import make_picture
from engine.callback import Callback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.local.people import Person
    from bot.local.views import MessageView
    from tests.conversation import Town

FITS = "Скрипит дверь в коридоре"
SAID = (FITS, "я", "я" * 1001, "/menu", "/new")
"""Words that fit every step, too short and too long ones, and commands that come in the middle of something."""
SENT = ("photo", "document", "album", "sticker", "voice", "edit")
PICTURE = make_picture(1, 64, 48)
STANDING = "SELECT message_id, screen, state FROM conversations WHERE telegram_user_id = :id"


@dataclass(frozen=True, slots=True)
class Moment:
    """The whole world at one moment: the database and Telegram."""

    database: sqlite3.Connection
    telegram: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands: the message that shows it, the step, and what waits for the step's answer."""

    message_id: int
    step: str
    mode: str
    waits: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person does: press `words` on message `target`, say `words`, send a thing with `words` under it."""

    kind: str
    words: str = ""
    target: int = 0


@dataclass
class Walker:
    """Walks as one person; the town is brought back to an earlier moment before every action.

    `commands` are tried in the menu. Nothing is done twice in places that look alike: those with the same buttons, in
    the same step, asked for by the same transition; what was `tried` is sent once, whoever sends it. Raises
    AssertionError where an action fails, is refused by Telegram, is not answered, or leads to where nothing can be
    pressed. `steps` are those where the person stood.
    """

    town: Town
    person_id: int
    commands: tuple[str, ...] = ()
    tried: set[Any] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    actions: int = 0
    _seen: set[Any] = field(default_factory=set)

    async def walk(self) -> None:
        """Go everywhere from the present moment, and come back to it."""
        start = self.moment()
        moments = deque([start])
        while moments:
            moment = moments.popleft()
            self.restore(moment)
            for action in list(self._open_actions(await self._standing())):
                self.restore(moment)
                await self._do(action)
                if self._is_new(self._place(await self._standing())):
                    moments.append(self.moment())
        self.restore(start)

    @property
    def _person(self) -> Person:
        return self.town.emulator.people[self.person_id]

    async def _standing(self) -> Standing:
        ((message_id, screen, state),) = await self.town.query(STANDING, id=self.person_id)
        frames = json.loads(state)["frames"]
        self.steps.add(frames[-1]["step"])
        waits = frames[-2].get("pending") if len(frames) > 1 else None
        mode = frames[-1].get("mode", "open")
        return Standing(message_id, json.loads(screen)["name"], mode, waits and waits["transition"])

    def _place(self, standing: Standing) -> Any:
        keys = _keys(self._message(standing.message_id))
        return standing.step, standing.mode, standing.waits, keys

    def _open_actions(self, standing: Standing) -> Iterator[Action]:
        """Go through what can be done now and was not done in such a place before."""
        place = self._place(standing)
        for message in self._person.messages:
            where = place if message.id == standing.message_id else _keys(message)
            yield from (each for each in _presses(message) if self._is_new((where, _turn(message, each))))
            if message.by_bot and message.keyboard and self._is_new(("reply", _keys(message))):
                yield Action("say", FITS, message.id)
                yield Action("photo", FITS, message.id)
        for action in self._sendings(standing):
            if (mark := (standing.step, standing.mode, standing.waits, action)) not in self.tried:
                self.tried.add(mark)
                yield action

    def _sendings(self, standing: Standing) -> Iterator[Action]:
        yield from (Action("say", words) for words in SAID)
        yield from (Action(kind) for kind in SENT)
        yield from (Action(kind, FITS) for kind in ("photo", "document", "album"))
        if standing.step == self.town.flows.start:
            yield from (Action("say", f"/{command}") for command in self.commands)

    async def _do(self, action: Action) -> None:
        self.actions += 1
        person, reply_to = self._person, action.target or None
        press = None
        match action.kind:
            case "press":
                press = person.press_data(self._message(action.target), action.words)
            case "say":
                person.say(action.words, reply_to)
            case "edit":
                person.edit(person.say("опечатка"), "опечатки нет")
            case "sticker":
                person.send_sticker()
            case "voice":
                person.send_voice()
            case "photo":
                person.send_photo(PICTURE, action.words, reply_to)
            case "document":
                person.send_document("акт.pdf", caption=action.words)
            case "album":
                person.send_album((PICTURE, PICTURE), action.words)
        await self.town.settle()
        await self._check(action, answered=press is None or press.answered)

    async def _check(self, action: Action, *, answered: bool) -> None:
        refused = [
            call for call in self.town.emulator.journal.calls(accepted=False) if "not modified" not in call.error
        ]
        shown = self._message((await self._standing()).message_id)
        assert not await self.town.query("SELECT error FROM poisonous_updates"), f"{action} raises"
        assert not refused, f"after {action} Telegram refuses {refused}"
        assert answered, f"{action} is not answered"
        assert shown.keyboard, f"{action} leads to a dead end: {shown.text}"

    def _message(self, message_id: int) -> MessageView:
        return next(each for each in self._person.messages if each.id == message_id)

    def _is_new(self, mark: Any) -> bool:
        known = mark in self._seen
        self._seen.add(mark)
        return not known

    def moment(self) -> Moment:
        """Keep the present moment; what led to it is forgotten."""
        emulator = self.town.emulator
        emulator.journal.entries.clear()
        emulator.happenings.entries.clear()
        emulator.presses.by_id.clear()
        clock, emulator.clock = emulator.clock, time
        telegram = pickle.dumps(emulator)
        emulator.clock = clock
        kept = sqlite3.connect(":memory:")
        with sqlite3.connect(self._file) as source:
            source.backup(kept)
        return Moment(kept, telegram)

    def restore(self, moment: Moment) -> None:
        """Bring everything back to how it was."""
        with sqlite3.connect(self._file) as target:
            moment.database.backup(target)
        clock = self.town.emulator.clock
        self.town.emulator = pickle.loads(moment.telegram)  # noqa: S301 - our own, a moment ago
        self.town.emulator.clock = clock
        session: Any = self.town.app.bot.session
        session.emulator = self.town.emulator

    @property
    def _file(self) -> str:
        return self.town.url.removeprefix("sqlite:///")


def _presses(message: MessageView) -> Iterator[Action]:
    yield from (Action("press", button.data or "", message.id) for row in message.keyboard for button in row)


def _turn(message: MessageView, action: Action) -> Any:
    """Tell buttons of one drawing apart without their subject and drawing: rows by their order.

    Of what can be chosen the first is enough: one answer leads where the others lead.
    """
    place, button = _key(action.words)
    data = [each.words for each in _presses(message)]
    return place, button, data.index(action.words) if button in {"row", "page"} else 0


def _keys(message: MessageView) -> frozenset[tuple[str, str]]:
    return frozenset(_key(button.data) for row in message.keyboard for button in row)


def _key(data: str | None) -> tuple[str, str]:
    """Return what the data of a button says, but for its subject, its value and its drawing."""
    callback = Callback.decode(data or "")
    return (callback.place, callback.button) if callback else ("", data or "")
