"""Walks through edited flows: nobody loses a word or a file, nobody is stuck, nothing breaks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.conversation import Conversation, Frame
from tests.conversation import MANAGER_ID, Town
from tests.rewinding import World
from tests.walker import FITS, Action, Standing, Walker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.emulator.callback_queries import CallbackQuery
    from engine.compiled import CompiledFlows
    from tests.rewinding import Moment

KEPT = """
SELECT state FROM conversations WHERE state LIKE :words
UNION ALL SELECT description FROM requests WHERE description LIKE :words
UNION ALL SELECT text FROM comments WHERE text LIKE :words
UNION ALL SELECT reason FROM events WHERE reason LIKE :words
UNION ALL SELECT file_id FROM files WHERE file_id LIKE :words
"""
SENDING = {"say": 0, "photo": 1, "document": 1, "album": 2}
"""What somebody sends, and how many files it has."""
STATE = "SELECT state FROM conversations WHERE telegram_user_id = :id"
PLACE = "UPDATE conversations SET state = :state, revision = revision + 1 WHERE telegram_user_id = :id"
DRAFT = {
    "description": "Течёт кран",
    "place": {"value": None, "label": "Кабинет 214"},
    "category": {"value": 2, "label": "Сантехника"},
    "priority": {"value": "medium", "label": "Обычная"},
}
ROLES = ("staff", "crew", "manager", "viewer")


@dataclass
class CarefulWalker(Walker):
    """A walker that also looks whether words and files that were sent are kept, refused or asked about."""

    def _faults(self, action: Action, before: Standing, press: CallbackQuery | None) -> Iterator[str]:
        yield from super()._faults(action, before, press)
        if action.kind not in SENDING:
            return
        words = [FITS] if action.words == FITS else []
        for thing in (*words, *self._files(SENDING[action.kind])):
            if self._is_kept(thing):
                continue
            after = self._standing()
            if after.step != before.step:
                yield f"{thing} is lost: {before.step} leads to {after.step} without it"
            elif not self._is_answered():
                yield f"{thing} is lost in {before.step}: nothing is said of it"

    def _files(self, number: int) -> list[str]:
        """Return the ids of the files that were just sent."""
        own = [each.media for each in self._person.messages if not each.by_bot and each.media]
        return [media.file.file_id for media in own[len(own) - number :]] if number else []

    def _is_kept(self, thing: str) -> bool:
        escaped = json.dumps(thing)[1:-1]
        return any(self.world.read(KEPT, words=f"%{words}%") for words in (thing, escaped))

    def _is_answered(self) -> bool:
        """Return whether the newest message is the bot's: it says what became of the words, or asks again."""
        return self._person.messages[-1].by_bot


@dataclass
class School:
    """A town with a request in each of the statuses that people work on, to be walked through with edited flows."""

    world: World
    start: Moment
    people: dict[str, int]
    walked: int = 0
    actions: int = 0
    taken: set[str] = field(default_factory=set)

    @classmethod
    async def open(cls, url: str, flows: CompiledFlows) -> School:
        """Fill a school by the shipped flows."""
        town = Town(url, flows)
        world = World(town)
        anna = await town.arrive(1001, "Анна", "Петрова")
        pyotr = await town.arrive(3001, "Пётр", "Кузнецов", role="crew")
        sergey = await town.arrive(MANAGER_ID, "Сергей", "Иванов")
        vera = await town.arrive(4001, "Вера", "Павловна", role="viewer")
        await anna.submit(times=3)
        await sergey.press_on(sergey.card(1), "🔧 Взять")
        await sergey.press_on(sergey.card(2), "🔧 Взять")
        await sergey.press_on(sergey.card(2), "✅ Выполнено")
        await sergey.press("Без фото")
        for each in (anna, pyotr, sergey, vera):
            await each.say("/menu")
        ids = dict(zip(ROLES, (1001, 3001, MANAGER_ID, 4001), strict=True))
        return cls(world, world.remember(), ids)

    async def walk(self, flows: CompiledFlows, step: str, most: int) -> None:
        """Walk from a step of flows as every role, `most` actions each; raises AssertionError at what goes wrong."""
        town = self.world.town
        for role in ROLES:
            self.world.recall(self.start)
            town.app.flow_versions.activate(flows)
            town.flows = flows
            await self._put(role, flows, step)
            walker = CarefulWalker(self.world, self.people[role])
            await walker.walk(most)
            self.actions += walker.actions
            await self._comes_home(role, flows)
        self.walked += 1

    async def _put(self, role: str, flows: CompiledFlows, step: str) -> None:
        """Let a person stand in a step, with a whole draft; at a card where the step asks for a transition."""
        questions = {
            first
            for lifecycle in flows.lifecycles.values()
            for transition in lifecycle.transitions.values()
            for first in transition.ask.values()
        }
        where = "request.card" if step in questions else step
        where = where if where in flows.steps else flows.start
        about = 1 if flows.steps[where].about else None
        frames = [Frame(flows.start), *([Frame(where, {}, about)] if where != flows.start else [])]
        state = Conversation(frames, dict(DRAFT)).as_data()
        await self.world.town.execute(PLACE, state=json.dumps(state), id=self.people[role])
        person = self.world.town.emulator.people[self.people[role]]
        # What no step takes draws the step.
        person.send_sticker()
        await self.world.town.until_idle()

    async def _comes_home(self, role: str, flows: CompiledFlows) -> None:
        person = self.world.town.emulator.people[self.people[role]]
        person.say("/start")
        await self.world.town.until_idle()
        ((state,),) = self.world.read(STATE, id=person.id)
        top: Any = json.loads(state)["frames"][-1]["step"]
        assert top == flows.start, f"/start leads {role} to {top}"

    async def close(self) -> None:
        """Close the bot."""
        self.world.close()
        await self.world.town.app.close()
