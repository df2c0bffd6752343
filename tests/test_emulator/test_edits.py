"""Editing and deleting: what changes, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
)

from bot.emulator.pictures import make_picture

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator

YES = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Да", callback_data="y")]])
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


def picture(number: int) -> BufferedInputFile:
    return BufferedInputFile(make_picture(number, 40, 30), "a.png")


async def test_an_edit_replaces_words_and_buttons(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз", reply_markup=YES)
    await bot.edit_message_text("<b>два</b>", chat_id=1001, message_id=sent.message_id, parse_mode="HTML")
    assert (anna.last.html, anna.last.rows, anna.last.edited) == ("<b>два</b>", (), True)


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "<b>раз</b>", parse_mode="HTML", reply_markup=YES)
    with pytest.raises(TelegramBadRequest) as refused:
        await sent.edit_text("<strong>раз</strong>\n", parse_mode="HTML", reply_markup=YES)
    assert NOT_MODIFIED in str(refused.value)
    await sent.edit_text("раз", reply_markup=YES)


async def test_buttons_alone_can_be_taken_away_once(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз", reply_markup=YES)
    await sent.edit_reply_markup(reply_markup=None)
    assert (anna.last.rows, anna.last.edited) == ((), False)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await sent.edit_reply_markup(reply_markup=None)


async def test_only_inline_keyboards_fit_an_edit(bot: Bot, emulator: Emulator, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз")
    params = {"chat_id": 1001, "message_id": sent.message_id, "reply_markup": ForceReply().model_dump()}
    reply = await emulator.call(emulator.token, "editMessageReplyMarkup", params)
    assert reply.body["description"] == "Bad Request: inline keyboard expected"


async def test_words_of_a_photo_are_its_caption(bot: Bot, anna: Person) -> None:
    photo = await bot.send_photo(1001, picture(1), caption="раз")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("два", chat_id=1001, message_id=photo.message_id)
    await photo.edit_caption(caption="два")
    assert anna.last.text == "два"
    text = await bot.send_message(1001, "раз")
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await text.edit_caption(caption="два")


async def test_a_photo_can_be_replaced_and_put_on_a_text(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз")
    edited = await sent.edit_media(InputMediaPhoto(media=picture(1), caption="два"))
    assert (anna.last.kind, anna.last.text) == ("photo", "два")
    assert not isinstance(edited, bool)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await sent.edit_media(InputMediaPhoto(media=edited.photo[0].file_id, caption="два"))  # type: ignore[index]
    await sent.edit_media(InputMediaPhoto(media=picture(2), caption="два"))


async def test_a_piece_of_an_album_keeps_its_kind(bot: Bot, emulator: Emulator, anna: Person) -> None:
    album = await bot.send_media_group(1001, [InputMediaPhoto(media=picture(number)) for number in (1, 2)])
    file = BufferedInputFile(b"x", "a.txt")
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await album[0].edit_media(InputMediaDocument(media=file))
    params = {"chat_id": 1001, "message_id": album[0].message_id, "media": "[]"}
    reply = await emulator.call(emulator.token, "editMessageMedia", params)
    assert reply.body["description"] == "Bad Request: can't parse InputMedia: object expected"


async def test_only_own_messages_can_be_edited(bot: Bot, anna: Person) -> None:
    said = anna.say("моё")
    for message_id, words in ((said.id, "message can't be edited"), (99, "message to edit not found")):
        with pytest.raises(TelegramBadRequest, match=words):
            await bot.edit_message_text("два", chat_id=1001, message_id=message_id)
    with pytest.raises(TelegramBadRequest, match="message identifier is not specified"):
        await bot.edit_message_text("два", chat_id=1001)


async def test_long_edits_are_refused_in_other_words_than_long_sends(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз")
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await sent.edit_text("я" * 4097)


async def test_a_deleted_message_is_gone(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "раз")
    said = anna.say("моё")
    assert await sent.delete()
    assert await bot.delete_message(1001, said.id)
    assert [seen.text for seen in anna.messages] == ["/start"]
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await sent.delete()


async def test_after_48_hours_a_message_cannot_be_deleted(bot: Bot, anna: Person, clock: object) -> None:
    sent = await bot.send_message(1001, "раз")
    clock.now += 48 * 3600 + 1  # type: ignore[attr-defined]
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await sent.delete()


async def test_a_bot_deletes_only_its_own_messages_in_groups(bot: Bot, emulator: Emulator, anna: Person) -> None:
    group = emulator.group(-100500, "Школа", [anna])
    said = anna.say_in(group, "привет")
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(group.id, said.id)
