"""What an update costs: the statements of its unit of work, from the first read to the commit, delivery aside."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMediaGroup, SendMessage, SendPhoto
from aiogram.methods.base import Response

from bot.ingress.polling import GetRawUpdates
from tests.conversation import MANAGER_ID, Actor, Town
from tests.databases import count_statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.emulator.message_views import MessageView

ORDINARY = ["SELECT", "UPDATE", "COMMIT"]
"""The conversation and its person are read in one statement and written in one."""

PRICES = [
    # Who does what: reads, writes. Sources of a step, subjects and recipients are read besides the conversation.
    ("anna", "say", "/start", 2, 3),
    ("anna", "press", "Помощь", 1, 1),
    ("anna", "say", "/new", 1, 1),
    ("anna", "send_photo", None, 1, 1),
    ("anna", "say", "Течёт кран", 2, 1),
    ("anna", "say", "Кабинет 214", 2, 1),
    ("anna", "press", "Сантехника", 2, 1),
    ("anna", "press", "Обычная", 1, 1),
    ("anna", "press", "Место", 2, 1),
    ("anna", "say", "Кабинет 215", 1, 1),
    ("anna", "press", "Отправить", 6, 8),
    ("sergey", "say", "/queue", 3, 1),
    ("sergey", "press", "№1", 3, 1),
    ("sergey", "press", "Назад", 4, 3),
    ("sergey", "press", "Взять", 9, 7),
    ("sergey", "press", "Выполнено", 4, 3),
    ("sergey", "send_photo", None, 9, 6),
    ("anna", "reply", "Спасибо", 15, 6),
    ("anna", "press", "Комментарий", 4, 3),
    ("anna", "say", "Всё работает", 13, 4),
    ("anna", "late", "Отменить заявку", 9, 6),
    ("anna", "edit", "Спасибо большое", 1, 2),
    ("anna", "press", "Меню", 2, 3),
]
"""The main job, with the price of every update where there is one manager.

A status with deadlines costs one write more to come into, and one more to leave. The town is on SQLite, which writes
the subject that a request is in a statement of its own.
"""


async def _price(town: Town) -> list[str]:
    """Handle the updates that wait and return the verbs of their statements; then deliver."""
    with count_statements(town.app.runner) as counted:
        await town.app.poller.poll(timeout=0)
    await town.until_idle()
    return counted.verbs


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda anna: anna.person.press("Описание"), id="a press that leads to another step"),
        pytest.param(lambda anna: anna.person.press("Отмена"), id="a press that asks whether to empty the draft"),
        pytest.param(lambda anna: anna.person.say("/help"), id="a command"),
        pytest.param(lambda anna: anna.person.say("и что теперь?"), id="words that are not expected"),
        pytest.param(lambda anna: anna.person.send_sticker(), id="a sticker"),
        pytest.param(lambda anna: anna.person.send_photo(), id="a photo that joins the draft"),
        pytest.param(lambda anna: anna.person.press_data(anna.screen, "made up"), id="made-up data"),
    ],
)
async def test_an_ordinary_update_costs_one_read_one_write_and_the_commit(
    city: Town, act: Callable[[Actor], Any]
) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.draft()
    act(anna)
    assert await _price(city) == ORDINARY


async def test_emptying_the_draft_costs_one_read_one_write_and_the_commit(city: Town) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.draft()
    await anna.press("Отмена")
    anna.person.press("Убрать")
    assert await _price(city) == ORDINARY


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda anna: anna.person.say("Течёт кран в углу"), id="typed words"),
        pytest.param(lambda anna: anna.person.say("я"), id="words too short"),
        pytest.param(lambda anna: anna.person.send_photo(None, "Вот"), id="a photo with a caption"),
        pytest.param(lambda anna: anna.person.press("Назад"), id="back"),
    ],
)
async def test_an_answer_costs_one_read_one_write_and_the_commit(city: Town, act: Callable[[Actor], Any]) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.draft()
    await anna.press("Описание")
    act(anna)
    assert await _price(city) == ORDINARY


async def test_a_step_with_a_source_costs_the_statements_of_the_source_besides(city: Town) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    await anna.draft()
    anna.person.press("Категория")
    assert await _price(city) == ["SELECT", *ORDINARY]


async def test_an_update_seen_before_costs_one_read(city: Town) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    anna.person.say("/start")
    (update,) = city.emulator.updates.pending
    await city.until_idle()
    city.emulator.push_raw(update)
    assert [verb for verb in await _price(city) if verb != "COMMIT"] == ["SELECT"]


async def test_talk_in_a_group_costs_nothing(city: Town) -> None:
    anna = city.person(1001, "Анна", "Петрова")
    group = city.emulator.group(-100500, "Ремонт", [anna.person])
    anna.person.say_in(group, "Всем привет")
    assert [verb for verb in await _price(city) if verb != "COMMIT"] == []


def _do(actor: Actor, how: str, words: str, cards: list[MessageView]) -> None:
    """Do one line of the table: `reply` answers the card, `late` presses the card as it was when it was new."""
    if how == "reply":
        actor.person.say(words, actor.card(1))
    elif how == "late":
        actor.person.press_on(cards[0], words)
    elif how == "edit":
        actor.person.edit(next(each for each in reversed(actor.messages) if not each.by_bot), words)
    else:
        getattr(actor.person, how)(*filter(None, [words]))


async def test_the_main_job_costs_what_the_table_says(town: Town) -> None:
    people = {"sergey": await town.arrive(MANAGER_ID, "Сергей", "Иванов"), "anna": town.person(1001, "Анна", "Петрова")}
    paid, cards = [], []
    for name, how, words, *_ in PRICES:
        _do(people[name], how, words or "", cards)
        verbs = await _price(town)
        cards += [message for message in people["anna"].messages if "№1 · " in message.text]
        reads = verbs.count("SELECT")
        assert verbs[-1] == "COMMIT"
        paid.append((name, how, words, reads, len(verbs) - 1 - reads))
    assert paid == PRICES, "now it costs\n" + "\n".join(map(str, paid))


METHODS = [AnswerCallbackQuery, EditMessageText, GetRawUpdates, SendMediaGroup, SendMessage, SendPhoto]


@pytest.mark.parametrize("method", METHODS)
def test_answers_of_telegram_are_read_with_a_model_built_once(method: Any) -> None:
    model = weakref.ref(Response[method.__returning__])
    gc.collect()
    assert model() is not None


async def test_each_further_manager_costs_the_same(town: Town) -> None:
    """The price of telling many grows with their number and no faster."""
    anna = town.person(1001, "Анна", "Петрова")
    prices = []
    for number in range(3):
        await town.arrive(6001 + number, "Завхоз", str(number), role="manager")
        await anna.draft(f"Поломка {number}")
        anna.person.press("Отправить")
        prices.append(len(await _price(town)))
    first, second, third = prices
    assert second - first == third - second <= 8
