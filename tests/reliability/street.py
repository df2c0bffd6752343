"""A town to which anything may come, and what must hold after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings

from tests.reliability.pace import SCALE

if TYPE_CHECKING:
    import asyncio

    from tests.conversation import Actor, Town

Update = dict[str, Any]

BROKEN = "SELECT error, raw FROM quarantined_updates WHERE error NOT IN ('ValidationError', 'ValueError')"
GIVEN_UP = "SELECT method, last_error FROM outbox WHERE last_error NOT LIKE 'Bad Request%'"
OFTEN = settings(
    max_examples=50 * SCALE,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass
class Street:
    """A town to which anything may come, on a loop of its own: hypothesis calls from outside of any."""

    loop: asyncio.Runner
    town: Town
    anna: Actor
    real: list[Update]
    """One update of each kind, as Telegram writes them."""

    def survives(self, updates: list[Update]) -> None:
        """Let updates come and see that Anna is answered after them as she always is."""
        self.loop.run(self._survives(updates))

    async def _survives(self, updates: list[Update]) -> None:
        for update in updates:
            self.town.emulator.push_raw({name: part for name, part in update.items() if name != "update_id"})
        await self.town.until_idle()
        await self.stands()

    async def stands(self) -> None:
        """Check that Anna is answered, and that nothing was quarantined but what could not be parsed."""
        before = self.anna.person.chat.last_id
        await self.anna.say("/menu")
        assert self.anna.screen.id > before
        assert self.anna.text.startswith("Здравствуйте") or "\n\nЗдравствуйте" in self.anna.text
        assert not self.town.emulator.updates.pending
        broken = [*await self.town.query(BROKEN), *await self.town.query(GIVEN_UP)]
        # Gone, so that it is not found again after what comes next.
        await self.town.execute("DELETE FROM quarantined_updates")
        await self.town.execute("DELETE FROM outbox WHERE state = 'dead'")
        assert not broken, broken


async def meet(town: Town) -> tuple[Town, Actor, list[Update]]:
    """Return a town with Anna in it, and one update of each kind that she led to."""
    anna = await town.arrive(1001, "Анна", "Петрова")
    await anna.submit()
    card = anna.card(1)
    await anna.say("/new")
    person, group = anna.person, town.emulator.group(-1001, "Учительская", [anna.person], topics=(5,))
    message = person.say("Течёт кран")
    person.say("/start request-1")
    person.say("Когда?", card)
    person.send_photo(None, "Фото", card)
    person.send_album((None, None), "Альбом")
    person.send_document("акт.pdf", caption="Акт")
    person.send_sticker()
    person.edit(message, "Течёт труба")
    person.press("Отмена")
    person.press_on(card, "💬 Комментарий")
    person.say_in(group, "/start", thread_id=5)
    return town, anna, town.emulator.updates.take()
