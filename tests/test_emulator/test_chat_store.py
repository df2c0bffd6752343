"""A restart of the emulator finds the chats as they were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from bot.emulator.chat_store import ChatStore
from bot.emulator.pictures import make_picture
from bot.emulator.session import EmulatorSession
from bot.emulator.standalone import add_default_people
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from pathlib import Path

    from bot.emulator.people import Person

YES = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Да", callback_data="y")]])


def restarted(directory: Path) -> tuple[Emulator, Bot, ChatStore]:
    emulator = Emulator()
    memory = ChatStore(emulator, directory)
    return emulator, Bot(emulator.token, session=EmulatorSession(emulator)), memory


@pytest.fixture
def memory(emulator: Emulator, tmp_path: Path) -> ChatStore:
    return ChatStore(emulator, tmp_path)


async def test_messages_come_back_as_they_were_seen(
    bot: Bot, emulator: Emulator, memory: ChatStore, anna: Person, tmp_path: Path
) -> None:
    anna.send_photo(make_picture(1, 40, 30), "течёт")
    anna.send_document("смета.pdf", size=30_000)
    await bot.send_message(1001, "<b>Да?</b>", parse_mode="HTML", reply_markup=YES)
    anna.say("да", reply_to=anna.last)
    edited = await bot.send_message(1001, "раз")
    await edited.edit_text("два")
    await bot.send_document(1001, BufferedInputFile(b"x", "a.csv"))
    memory.close()
    after, _, _ = restarted(tmp_path)
    assert after.people[1001].messages == anna.messages
    assert after.people[1001].last.author == emulator.bot


async def test_ids_go_on_where_they_stopped(
    bot: Bot, emulator: Emulator, memory: ChatStore, anna: Person, tmp_path: Path
) -> None:
    photo = anna.send_photo().media
    album = anna.send_album()[0].album
    pending = emulator.updates.pending
    memory.close()
    after, new_bot, _ = restarted(tmp_path)
    assert after.updates.pending == pending
    assert photo
    person = after.people[1001]
    sent = await new_bot.send_photo(1001, photo.file.file_id)
    assert sent.message_id == anna.messages[-1].id + 1
    assert person.say("ещё").id == sent.message_id + 1
    assert after.updates.pending[-1]["update_id"] == pending[-1]["update_id"] + 1
    assert person.send_album()[0].album != album
    assert person.send_photo().media != photo


async def test_groups_and_blocking_are_remembered(
    emulator: Emulator, memory: ChatStore, anna: Person, tmp_path: Path
) -> None:
    group = emulator.group(-100500, "Школа", [anna], topics=(5,))
    anna.say_in(group, "привет", thread_id=5)
    anna.block()
    memory.close()
    after, new_bot, _ = restarted(tmp_path)
    assert after.groups[-100500].messages == group.messages
    assert after.groups[-100500].chat.topics == {5}
    with pytest.raises(TelegramForbiddenError, match="bot was blocked"):
        await new_bot.send_message(1001, "ау")


async def test_everything_is_written_as_it_happens(memory: ChatStore, anna: Person, tmp_path: Path) -> None:
    anna.say("раз")
    anna.say("два")
    await asyncio.sleep(0)
    after, _, _ = restarted(tmp_path)
    assert [seen.text for seen in after.people[1001].messages] == ["/start", "раз", "два"]
    assert len(after.updates.pending) == 2


async def test_default_people_are_added_once(memory: ChatStore, emulator: Emulator, tmp_path: Path) -> None:
    add_default_people(emulator)
    memory.close()
    after, _, _ = restarted(tmp_path)
    add_default_people(after)
    assert [person.user.full_name for person in after.people.values()] == ["Анна Петрова", "Сергей Иванов"]
    assert after.people[2001].about == "завхоз"
