"""The same dialog by hand on aiogram's own state machine, with its RedisStorage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bench import words
from bench.contender import TOKEN, Contender
from bench.telegram import FakeTelegram

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiogram.fsm.context import FSMContext
    from aiogram.types import CallbackQuery

    from bench.inserts import Inserts


class _New(StatesGroup):
    describe = State()
    place = State()
    category = State()
    priority = State()
    confirm = State()


class PlainAiogram(Contender):
    """aiogram alone: a handler for every step, filtered by its state."""

    def __init__(self, name: str, redis_url: str, inserts: Inserts) -> None:
        telegram = FakeTelegram()
        bot = Bot(TOKEN, session=telegram, default=DefaultBotProperties(parse_mode="HTML"))
        self._storage = RedisStorage.from_url(redis_url)
        self._inserts = inserts
        dispatcher = Dispatcher(storage=self._storage, inserts=inserts)
        dispatcher.message.register(_start, Command("start"))
        dispatcher.message.register(_new, Command("new"))
        dispatcher.message.register(_describe, _New.describe)
        dispatcher.message.register(_place, _New.place)
        dispatcher.callback_query.register(_category, _New.category, F.data.startswith("category:"))
        dispatcher.callback_query.register(_priority, _New.priority, F.data.startswith("priority:"))
        dispatcher.callback_query.register(_send, _New.confirm, F.data == "send")
        super().__init__(name, "the request", bot, dispatcher, telegram)

    async def begin(self) -> None:
        """Nothing works beside."""

    async def finish(self) -> None:
        """Whatever was handled has been sent."""

    async def filed(self) -> int:
        """Count the requests in the database."""
        return await self._inserts.count()

    async def close(self) -> None:
        """Let go of Redis and the database."""
        await self._storage.close()
        await self._inserts.engine.dispose()


_BACK = (("back", words.BACK), ("cancel", words.CANCEL))


def _keyboard(rows: Iterable[tuple[str, str]], prefix: str = "") -> InlineKeyboardMarkup:
    return _buttons([*((f"{prefix}{value}", label) for value, label in rows), *_BACK])


def _buttons(pairs: Iterable[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=data)] for data, label in pairs]
    )


async def _start(message: Message, state: FSMContext) -> None:
    await state.clear()
    await message.answer(words.MENU)


async def _new(message: Message, state: FSMContext) -> None:
    await state.set_state(_New.describe)
    await message.answer(words.DESCRIBE, reply_markup=_keyboard(()))


async def _describe(message: Message, state: FSMContext) -> None:
    await state.update_data(description=message.text)
    await state.set_state(_New.place)
    await message.answer(words.PLACE, reply_markup=_keyboard(()))


async def _place(message: Message, state: FSMContext) -> None:
    await state.update_data(place=message.text)
    await state.set_state(_New.category)
    await message.answer(words.CATEGORY, reply_markup=_keyboard(words.CATEGORIES, "category:"))


async def _category(query: CallbackQuery, state: FSMContext) -> None:
    await state.update_data(category=_label(words.CATEGORIES, query))
    await state.set_state(_New.priority)
    await _redraw(query, words.PRIORITY, _keyboard(words.PRIORITIES, "priority:"))


async def _priority(query: CallbackQuery, state: FSMContext) -> None:
    answers = await state.update_data(priority=_label(words.PRIORITIES, query))
    await state.set_state(_New.confirm)
    await _redraw(query, words.CONFIRM.format(**answers), _keyboard([("send", words.SEND), *words.EDITS]))


async def _send(query: CallbackQuery, state: FSMContext, inserts: Inserts) -> None:
    answers = await state.get_data()
    number = await inserts.file(answers)
    await state.clear()
    await _redraw(query, words.CARD.format(number=number, **answers), _buttons(words.ACTIONS))


def _label(rows: Iterable[tuple[str, str]], query: CallbackQuery) -> str:
    return dict(rows)[(query.data or "").partition(":")[2]]


async def _redraw(query: CallbackQuery, text: str, keyboard: Any) -> None:
    if isinstance(query.message, Message):
        await query.message.edit_text(text, reply_markup=keyboard)
    await query.answer()
