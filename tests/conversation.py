"""Conversations through the real dispatcher and a real database; only Telegram is the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy import text as sql_text

from bot.emulator.awaitable_verbs import AwaitableVerbs
from bot.emulator.people import VERBS
from bot.emulator.transcript import Transcript
from bot.helpdesk.hooks.registry import build_hooks
from bot.scenarios.simulation import Simulation
from engine.flows import load_flows
from storage.models.types import UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.emulator.callback_queries import CallbackQuery
    from bot.emulator.message_views import MessageView
    from bot.emulator.people import Person
    from bot.emulator.verbs import Verb
    from bot.flow_versions.folder import FlowFolder
    from bot.ingress.webhook import Address
    from engine.compiled import CompiledFlows
    from engine.hooks.registry import Hooks
    from engine.i18n import Language

MOSCOW = ZoneInfo("Europe/Moscow")
SHIPPED = Path(__file__).resolve().parent.parent / "flows"
MANAGER_ID = 2001
SECOND_MANAGER_ID = 2002


def shipped_flows(folder: Path = SHIPPED, hooks: Hooks | None = None) -> CompiledFlows:
    """Compile a folder of flows, with the bot's own hooks where no others are given."""
    return load_flows(folder, hooks or build_hooks(), MOSCOW)


@dataclass
class Town(Simulation):
    """A simulation whose people are actors: every action of theirs is carried through to its last message."""

    owners: frozenset[int] = frozenset({MANAGER_ID, SECOND_MANAGER_ID})
    address: Address | None = None
    folder: FlowFolder | None = None
    tell_owners: bool = True
    language: Language = "en"
    said: list[str] = field(default_factory=list)

    def _options(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "folder": self.folder,
            "say": self.said.append,
            "language": self.language,
            "tell_owners": self.tell_owners,
        }

    def person(self, id: int, first_name: str, last_name: str = "") -> Actor:  # noqa: A002 - Telegram's word
        """Let somebody in."""
        return Actor(self, self.emulator.person(id, first_name, last_name))

    async def reload(self) -> bool:
        """Let the bot read its folder of flows again; return whether it uses what stands there now."""
        assert self.app.reloader
        adopted = await self.app.reloader.reload()
        self.flows = self.app.flow_versions.flows
        return adopted

    async def query(self, sql: str, **values: Any) -> list[Any]:
        """Read the database behind the bot's back."""
        return await self.app.runner.run(lambda tx: list(tx.connection.execute(sql_text(sql), values)))

    async def value(self, sql: str, **values: Any) -> Any:
        """Read one value behind the bot's back."""
        return (await self.query(sql, **values))[0][0]

    async def execute(self, sql: str, **values: Any) -> None:
        """Change the database behind the bot's back."""
        # SQLite's driver has no form of its own for times in Python 3.12 and later.
        times = [bindparam(name, type_=UTCDateTime) for name, value in values.items() if isinstance(value, datetime)]
        await self.app.runner.run(lambda tx: tx.connection.execute(sql_text(sql).bindparams(*times), values))

    async def arrive(self, id: int, first_name: str, last_name: str = "", role: str | None = None) -> Actor:  # noqa: A002
        """Let somebody in who says /start; a role other than the one they get by themselves is given before."""
        actor = self.person(id, first_name, last_name)
        await actor.say("/start")
        if role:
            await self.execute("UPDATE users SET role = :role WHERE telegram_id = :id", role=role, id=id)
            await actor.say("/start")
        return actor


@dataclass
class Actor(AwaitableVerbs):
    """A person whose every action is answered before it returns."""

    town: Town
    person: Person

    async def act(self, verb: Verb, *arguments: Any, **named: Any) -> Any:
        """Do what the person does, and carry it through to its last message."""
        done = verb.method(self.person, *arguments, **named)
        await self.town.until_idle()
        return done

    async def press(self, *labels: str) -> CallbackQuery:
        """Press buttons one after the other; return the last press."""
        for label in labels:
            press = await self.act(VERBS["press"], label)
        return press

    async def submit(
        self,
        description: str = "Течёт кран",
        place: str = "Кабинет 214",
        times: int = 1,
        urgency: str = "Обычная",
    ) -> None:
        """File a request, all the way."""
        for _ in range(times):
            await self.draft(description, place, urgency)
            await self.press("Отправить")

    async def draft(
        self, description: str = "Течёт кран", place: str = "Кабинет 214", urgency: str = "Обычная"
    ) -> None:
        """Answer every step of a new request, up to the one where all is checked."""
        await self.say("/new")
        await self.say(description)
        await self.say(place)
        await self.press("Сантехника", urgency)

    @property
    def text(self) -> str:
        """The words of the newest message of the bot."""
        return self.screen.text

    @property
    def labels(self) -> tuple[str, ...]:
        """The words on the buttons of the newest message of the bot."""
        return self.screen.labels

    @property
    def texts(self) -> list[str]:
        """The words of every message of the bot, oldest first."""
        return [each.text for each in self.messages if each.by_bot]

    def seen(self, words: str) -> MessageView:
        """Return the newest message of the bot that has these words in it."""
        found = [each for each in self.messages if each.by_bot and words in each.text]
        if not found:
            raise LookupError(f"the bot never said «{words}» to {self.person.name}")
        return found[-1]

    def card(self, number: int) -> MessageView:
        """Return the newest card of a request."""
        return self.seen(f"№{number} · ")

    @property
    def screen(self) -> MessageView:
        """The newest message of the bot."""
        return self.person.last

    @property
    def messages(self) -> Sequence[MessageView]:
        """The chat as this person sees it."""
        return self.person.messages

    def transcript(self) -> str:
        """Everything that happened in this person's chat."""
        return Transcript(self.person).text()
