"""The same dialog in aiogram-dialog, with aiogram's RedisStorage: a popular choice for such a bot."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import DefaultKeyBuilder
from aiogram.fsm.storage.redis import RedisStorage
from aiogram_dialog import Dialog, DialogManager, StartMode, Window, setup_dialogs
from aiogram_dialog.widgets.input import TextInput
from aiogram_dialog.widgets.kbd import Back, Button, Cancel, Group, Row, Select, SwitchTo
from aiogram_dialog.widgets.text import Const, Format

from bench import words
from bench.contender import TOKEN, Contender
from bench.telegram import FakeTelegram

if TYPE_CHECKING:
    from aiogram.types import CallbackQuery, Message

    from bench.inserts import Inserts


class _New(StatesGroup):
    menu = State()
    describe = State()
    place = State()
    category = State()
    priority = State()
    confirm = State()
    card = State()


class AiogramDialog(Contender):
    """aiogram-dialog as its documentation sets it up."""

    def __init__(self, name: str, redis_url: str, inserts: Inserts) -> None:
        telegram = FakeTelegram()
        bot = Bot(TOKEN, session=telegram, default=DefaultBotProperties(parse_mode="HTML"))
        self._storage = RedisStorage.from_url(redis_url, key_builder=DefaultKeyBuilder(with_destiny=True))
        self._inserts = inserts
        dispatcher = Dispatcher(storage=self._storage, inserts=inserts)
        dispatcher.message.register(_start, Command("start"))
        dispatcher.message.register(_new, Command("new"))
        dispatcher.include_router(_dialog())
        setup_dialogs(dispatcher)
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


def _dialog() -> Dialog:
    row = Row(Back(Const(words.BACK)), Cancel(Const(words.CANCEL)))
    return Dialog(
        Window(Const(words.MENU), state=_New.menu),
        Window(Const(words.DESCRIBE), TextInput("description", on_success=_typed), row, state=_New.describe),
        Window(Const(words.PLACE), TextInput("place", on_success=_typed), row, state=_New.place),
        Window(Const(words.CATEGORY), _choice("category", 2), row, state=_New.category, getter=_rows),
        Window(Const(words.PRIORITY), _choice("priority", 1), row, state=_New.priority, getter=_rows),
        Window(
            Format(words.CONFIRM),
            Button(Const(words.SEND), "send", on_click=_send),
            Group(*(SwitchTo(Const(text), f"edit_{name}", getattr(_New, name)) for name, text in words.EDITS), width=2),
            row,
            state=_New.confirm,
            getter=_answers,
        ),
        Window(
            Format(words.CARD),
            Group(*(Button(Const(text), name) for name, text in words.ACTIONS), width=2),
            state=_New.card,
            getter=_answers,
        ),
    )


def _choice(name: str, columns: int) -> Group:
    chosen = Select(Format("{item[1]}"), name, item_id_getter=itemgetter(0), items=name, on_click=_chosen)
    return Group(chosen, width=columns)


async def _start(_message: Message, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(_New.menu, mode=StartMode.RESET_STACK)


async def _new(_message: Message, dialog_manager: DialogManager) -> None:
    await dialog_manager.start(_New.describe, mode=StartMode.RESET_STACK)


async def _typed(_message: Message, widget: Any, manager: DialogManager, text: str) -> None:
    manager.dialog_data[widget.widget_id] = text
    await manager.next()


async def _chosen(_query: CallbackQuery, select: Any, manager: DialogManager, chosen: str) -> None:
    rows = words.CATEGORIES if select.widget_id == "category" else words.PRIORITIES
    manager.dialog_data[select.widget_id] = dict(rows)[chosen]
    await manager.next()


async def _send(_query: CallbackQuery, _button: Button, manager: DialogManager) -> None:
    inserts: Inserts = manager.middleware_data["inserts"]
    manager.dialog_data["number"] = await inserts.file(manager.dialog_data)
    await manager.next()


async def _rows(**_: Any) -> dict[str, Any]:
    return {"category": words.CATEGORIES, "priority": words.PRIORITIES}


async def _answers(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    return dict(dialog_manager.dialog_data)
