"""People at a school who do whatever comes to mind, while the network fails, the bot restarts and its flows change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from bot.emulator.pictures import make_picture
from tests.consistency import assert_consistent
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, Town
from tests.reliability.judging import assert_each_notice_came_once
from tests.reliability.pace import run_down
from tests.reliability.strange import made_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.emulator.message_views import MessageView
    from engine.compiled import CompiledFlows

ANNA, BORIS, PYOTR, VERA, GLEB = 1001, 1002, 3001, 4001, 5001
ROLES = {PYOTR: "crew", VERA: "viewer"}
NAMES = {ANNA: "Анна", BORIS: "Борис", PYOTR: "Пётр", VERA: "Вера", GLEB: "Глеб"}
NAMES |= {MANAGER_ID: "Сергей", SECOND_MANAGER_ID: "Ольга"}
PHOTO = make_picture(1, 64, 48)

PEOPLE = st.sampled_from([ANNA, ANNA, BORIS, PYOTR, MANAGER_ID, MANAGER_ID, SECOND_MANAGER_ID, VERA, GLEB])
NUMBERS = st.integers(0, 40)
LETTERS = st.characters(categories=["L", "Nd", "P", "Sm", "So"], exclude_characters="№")
WORDS = st.one_of(
    st.sampled_from(["Течёт кран", "Кабинет 214", "я" * 1001, "<b>&amp;{{ 7 * 7 }}", "🦉" * 30, "\u202eтакси"]),
    st.text(LETTERS, min_size=1, max_size=60),
)
COMMANDS = st.sampled_from(
    ["/start", "/menu", "/new", "/my", "/help", "/cancel", "/queue", "/nonsense", "/start request-1"]
)
ROUTES = st.sampled_from(
    [
        (ANNA, "/new", "Течёт кран", "Кабинет 214", "[Сантехника", "[Обычная", "[Отправить"),
        (BORIS, "/new", "Не греет батарея", "Класс 5А", "[Отопление", "[Срочно", "[Описание", "Лёд", "[Отправить"),
        (VERA, "(photo)", "Мигает свет", "Кабинет 1", "[Электрика", "[Подождёт", "[Отправить"),
        (PYOTR, "/queue", "[№", "[Взять", "[Отложить", "Нет деталей", "[Продолжить", "[Выполнено", "(photo)"),
        (MANAGER_ID, "/queue", "[№", "[Назначить", "[Пётр", "[Вернуть", "[Отклонить", "Не к нам"),
        (SECOND_MANAGER_ID, "[Взять", "[Выполнено", "[Без фото", "[Комментарий", "Готово"),
        (ANNA, "/my", "[Завершённые", "[№", "[Не исправлено", "Опять течёт"),
        (BORIS, "/my", "[№", "[Отменить заявку"),
    ]
)
FAULTS = st.sampled_from(["429", "429", "500", "drop_before", "drop_after"])
SET_ASIDE = "SELECT error, raw FROM quarantined_updates"

KNOWN = "SELECT chat_id, message_id FROM message_links UNION SELECT chat_id, message_id FROM conversations"


class SchoolLife(RuleBasedStateMachine):
    """A school on a database at `url`; the first of the `flow_versions` is in force at the start and the end."""

    def __init__(self, url: str, flow_versions: Sequence[CompiledFlows]) -> None:
        super().__init__()
        self.flow_versions = flow_versions
        self.town = Town(url, flow_versions[0])
        self.loop = asyncio.Runner()
        self.people = {who: self.town.person(who, name) for who, name in NAMES.items()}
        self.drawn: list[tuple[int, MessageView]] = []
        self.loop.run(self._open())

    async def _open(self) -> None:
        for actor in self.people.values():
            actor.person.say("/start")
        await self.town.until_idle()
        for who, role in ROLES.items():
            await self.town.execute("UPDATE users SET role = :role WHERE telegram_id = :id", role=role, id=who)
        await self.town.execute("UPDATE users SET is_blocked = true WHERE telegram_id = :id", id=GLEB)
        await self.people[ANNA].submit("Течёт кран")
        await self.people[BORIS].submit("Не греет батарея")

    @rule(who=PEOPLE, words=st.lists(WORDS, min_size=1, max_size=3))
    def says(self, who: int, words: list[str]) -> None:
        for text in words:
            self.people[who].person.say(text)
        self._settle()

    @rule(who=PEOPLE, command=COMMANDS)
    def commands(self, who: int, command: str) -> None:
        self.people[who].person.say(command)
        self._settle()

    @rule(who=PEOPLE, number=NUMBERS, words=WORDS, with_photo=st.booleans())
    def replies(self, who: int, number: int, words: str, with_photo: bool) -> None:
        actor = self.people[who]
        if message := _any_of([each for each in actor.messages if each.by_bot], number):
            if with_photo:
                actor.person.send_photo(PHOTO, words[:1024], message)
            else:
                actor.person.say(words, message)
            self._settle()

    @rule(who=PEOPLE, count=st.integers(0, 4), words=st.one_of(st.just(""), WORDS))
    def sends_files(self, who: int, count: int, words: str) -> None:
        person = self.people[who].person
        if count == 0:
            person.send_document("акт.pdf", caption=words)
        elif count == 1:
            person.send_photo(PHOTO, words)
        else:
            person.send_album([PHOTO] * count, words)
        self._settle()

    @rule(who=PEOPLE)
    def sends_what_nobody_expects(self, who: int) -> None:
        person = self.people[who].person
        person.edit(next(each for each in person.messages if not each.by_bot), "опечатка")
        person.send_sticker()
        self._settle()

    @rule(routes=st.lists(ROUTES, min_size=1, max_size=2))
    def goes_the_beaten_path(self, routes: list[tuple[Any, ...]]) -> None:
        """Most of what befalls at random leads out of a dialog; this leads far into one."""
        for who, *events in routes:
            self._go(who, events)

    def _go(self, who: int, events: Sequence[str]) -> None:
        for event in events:
            if event.startswith("["):
                self._press(who, 0, event[1:])
            elif event == "(photo)":
                self.people[who].person.send_photo(PHOTO)
            else:
                self.people[who].person.say(event)
            self._settle()

    @rule(who=PEOPLE, walk=st.lists(NUMBERS, min_size=1, max_size=6))
    def presses_what_is_on_the_screen(self, who: int, walk: list[int]) -> None:
        for number in walk:
            self._press(who, number)
            self._settle()

    @rule(who=st.sampled_from([MANAGER_ID, SECOND_MANAGER_ID, PYOTR]), card=NUMBERS, walk=st.lists(NUMBERS, max_size=4))
    def works_on_a_request(self, who: int, card: int, walk: list[int]) -> None:
        """Press on a card, and answer what that asks."""
        cards = [each for each in self.people[who].messages if each.text.startswith("№") and each.keyboard]
        for number in walk:
            if cards:
                self._press_on(who, cards[card % len(cards)], number)
                self._settle()
                self._go(who, ["[Пётр"] if number % 2 else ["Так надо"])

    @rule(presses=st.lists(st.tuples(PEOPLE, NUMBERS), min_size=2, max_size=5))
    def press_at_the_same_moment(self, presses: list[tuple[int, int]]) -> None:
        for who, number in presses:
            self._press(who, number)
        self._settle()

    @rule(number=st.integers(0, 500), button=NUMBERS)
    def presses_a_button_as_it_was_drawn_once(self, number: int, button: int) -> None:
        if self.drawn:
            who, message = self.drawn[-1 - number % len(self.drawn)]
            self._press_on(who, message, button)
            self._settle()

    @rule(who=PEOPLE, number=NUMBERS, data=st.data())
    def presses_a_button_that_was_never_drawn(self, who: int, number: int, data: st.DataObject) -> None:
        if message := _any_of(self.people[who].messages, number):
            self.people[who].person.press_data(message, data.draw(made_up(self.town.flows)))
            self._settle()

    @rule(kind=FAULTS, who=st.one_of(st.none(), PEOPLE), times=st.integers(1, 3), seconds=st.integers(1, 90))
    def lets_the_network_fail(self, kind: Any, who: int | None, times: int, seconds: int) -> None:
        self.town.emulator.faults.add(kind, None, who, times=times, retry_after=seconds)

    @rule(seconds=st.sampled_from([1, 5, 31, 61, 301, 3600, 90_000]))
    def lets_time_pass(self, seconds: int) -> None:
        self.town.clock.advance(seconds=seconds)
        self._settle()

    @rule(edition=st.integers(0, 5))
    def restarts(self, edition: int) -> None:
        self.loop.run(self.town.restart(self.flow_versions[edition % len(self.flow_versions)]))
        self._settle()

    @rule(edition=st.integers(0, 5))
    def adopts_other_flows(self, edition: int) -> None:
        self.town.flows = self.flow_versions[edition % len(self.flow_versions)]
        self.town.app.flow_versions.activate(self.town.flows)

    def teardown(self) -> None:
        """Let the faults end and everybody ask for the menu; then all must be as it should."""
        try:
            self.loop.run(self._judge())
        finally:
            self.loop.run(self.town.app.close())
            self.loop.close()

    async def _judge(self) -> None:
        town = self.town
        town.emulator.faults.clear()
        await town.restart(self.flow_versions[0])
        await run_down(town)
        for who, actor in self.people.items():
            before = actor.person.chat.last_id
            await actor.say("/menu")
            await run_down(town)
            assert actor.screen.id > before
            assert "Доступ к боту закрыт" in actor.text if who == GLEB else "Здравствуйте" in actor.text
        assert await town.query(SET_ASIDE) == []
        await assert_consistent(town, await self._lost())
        await assert_each_notice_came_once(town)

    async def _lost(self) -> set[tuple[Any, int]]:
        """Return the messages that are no live cards: those whose sending the network left unknown, and remains.

        A card that was turned into a dialog keeps its words where a newer screen came before the edit was made.
        """
        calls = self.town.emulator.journal.calls("sendMessage", accepted=True)
        unknown = {(call.chat_id, call.result["message_id"]) for call in calls if call.outcome == "lost"}
        known = {(row.chat_id, row.message_id) for row in await self.town.query(KNOWN)}
        bare = {(who, each.id) for who, actor in self.people.items() for each in actor.messages if not each.keyboard}
        return unknown | (bare - known)

    def _settle(self) -> None:
        self.loop.run(self.town.until_idle())
        for who, actor in self.people.items():
            self.drawn += [(who, message) for message in actor.messages[-2:] if message.keyboard]
        del self.drawn[:-300]

    def _press(self, who: int, number: int, only: str = "") -> None:
        shown = [each for each in self.people[who].messages if any(only in label for label in each.labels)]
        if shown:
            self._press_on(who, shown[-1 if only or number % 3 else number % len(shown)], number, only)

    def _press_on(self, who: int, message: MessageView, number: int, only: str = "") -> None:
        buttons = [button for row in message.keyboard for button in row if only in button.text]
        if button := _any_of(buttons, number):
            self.people[who].person.press_button(message, button)


def _any_of(things: Sequence[Any], number: int) -> Any:
    return things[number % len(things)] if things else None
