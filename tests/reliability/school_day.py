"""One day at a school: everything that people do with the bot, in one script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.emulator.pictures import make_picture
from bot.emulator.transcript import TURN
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID

if TYPE_CHECKING:
    from tests.conversation import Actor, Town

PHOTO = make_picture(1, 64, 48)


@dataclass(frozen=True)
class School:
    """Who is there."""

    anna: Actor
    boris: Actor
    pyotr: Actor
    sergey: Actor
    olga: Actor
    vera: Actor

    @classmethod
    async def open(cls, town: Town) -> School:
        """Let everybody in."""
        return cls(
            anna=await town.arrive(1001, "Анна", "Петрова"),
            boris=await town.arrive(1002, "Борис", "Сидоров"),
            pyotr=await town.arrive(3001, "Пётр", "Кузнецов", role="crew"),
            sergey=await town.arrive(MANAGER_ID, "Сергей", "Иванов"),
            olga=await town.arrive(SECOND_MANAGER_ID, "Ольга", "Смирнова"),
            vera=await town.arrive(4001, "Вера", "Павловна", role="viewer"),
        )

    async def spend_a_day(self) -> None:
        """File, take, talk, hold, finish, reopen, reject, withdraw."""
        await self._file()
        await self._take()
        await self._mend()
        await self._refuse()

    async def _file(self) -> None:
        await self.anna.submit("Течёт кран в кабинете химии")
        await self.boris.send_photo(caption="Не греет батарея")
        await self.boris.say("Класс 5А")
        await self.boris.press("Отопление", "Срочно", "Описание и файлы")
        await self.boris.say("Батарея холодная третий день")
        await self.boris.press("Отправить")
        await self.anna.send_album(3, "Сломана парта", caption_on=1)
        await self.anna.press("Новая заявка")
        await self.anna.say("Кабинет 7")
        await self.anna.press("Мебель", "Подождёт", "Отправить")
        await self.vera.submit("Мигает свет в кабинете директора")

    async def _take(self) -> None:
        """Take a request, and try to take it from a card as it was seen before."""
        seen = self.sergey.card(1)
        await self.pyotr.say("/queue")
        await self.pyotr.press("№1", "Взять")
        await self.sergey.press_on(seen, "🔧 Взять")

    async def _mend(self) -> None:
        await self.anna.say("Когда придёте?", self.anna.card(1))
        await self.pyotr.send_photo(caption="Завтра утром", reply_to=self.pyotr.seen("Когда придёте?"))
        await self.sergey.press_on(self.sergey.card(2), "👤 Назначить")
        await self.sergey.press("Пётр Кузнецов")
        await self.pyotr.press_on(self.pyotr.seen("Вам назначена заявка №2"), "Открыть")
        await self.pyotr.press("⏸ Отложить")
        await self.pyotr.say("Нет деталей")
        await self.pyotr.press("▶️ Продолжить", "✅ Выполнено")
        await self.pyotr.send_album(2)
        await self.boris.press_on(self.boris.seen("Заявка №2"), "Открыть")
        await self.boris.press("🔁 Не исправлено")
        await self.boris.say("Опять холодная")

    async def _refuse(self) -> None:
        await self.olga.press_on(self.olga.card(3), "🚫 Отклонить")
        await self.olga.say("Парту заменят летом")
        await self.olga.press_data(self.olga.screen, "request.card:take:1:~zz")
        await self.vera.press_on(self.vera.card(4), "✖️ Отменить заявку")
        await self.anna.send_sticker()
        for each in (self.anna, self.boris, self.pyotr, self.sergey, self.olga, self.vera):
            await each.say("/menu")

    def transcripts(self) -> dict[str, list[list[str]]]:
        """Return what happened in everybody's chat, turn by turn; a screen and a card may come in either order."""
        people = (self.anna, self.boris, self.pyotr, self.sergey, self.olga, self.vera)
        turns = {each.person.name: each.transcript().split(TURN) for each in people}
        return {name: [sorted(turn.split("\n")) for turn in told] for name, told in turns.items()}
