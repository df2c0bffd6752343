"""The people's side: what they do reaches the bot as updates that aiogram accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.emulator.callback_queries import LIFETIME
from bot.emulator.people import NoSuchButton, Person

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.emulator.telegram import Emulator


def keyboard(*rows: tuple[str, ...], url: str | None = None) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, url=url, callback_data=None if url else f"do:{label}") for label in row]
            for row in rows
        ]
    )


def updates(emulator: Emulator) -> list[Update]:
    return [Update.model_validate(raw) for raw in emulator.updates.take()]


def only(emulator: Emulator) -> Any:
    (update,) = updates(emulator)
    return update.event


def test_words_come_as_a_message_with_commands_marked(emulator: Emulator, anna: Person) -> None:
    anna.say("🙂 /start room-7")
    message = only(emulator)
    assert (message.text, message.from_user.full_name, message.chat.id) == ("🙂 /start room-7", "Анна Петрова", 1001)
    assert [(entity.type, entity.offset, entity.length) for entity in message.entities] == [("bot_command", 3, 6)]


def test_a_slash_inside_a_word_is_no_command(emulator: Emulator, anna: Person) -> None:
    anna.say("кабинет 12/а и http://a.ru/start")
    assert only(emulator).entities is None


@pytest.mark.parametrize("words", ["", "я" * 4097])
def test_a_client_sends_no_empty_and_no_endless_words(anna: Person, words: str) -> None:
    with pytest.raises(ValueError, match="1 to 4096"):
        anna.say(words)


def test_a_reply_carries_the_message_it_answers(emulator: Emulator, anna: Person) -> None:
    first = anna.say("раз")
    second = anna.say("два", reply_to=first)
    anna.say("три", reply_to=second.id)
    replies = [update.message.reply_to_message for update in updates(emulator) if update.message]
    assert [reply and reply.text for reply in replies] == [None, "раз", "два"]
    assert replies[2]
    assert replies[2].reply_to_message is None


def test_a_photo_comes_in_sizes_of_which_the_last_is_the_largest(emulator: Emulator, anna: Person) -> None:
    anna.send_photo(caption="течёт", size=7_000_000)
    message = only(emulator)
    assert message.caption == "течёт"
    assert [(size.width, size.height) for size in message.photo] == [(90, 68), (320, 240), (800, 600), (1280, 960)]
    assert message.photo[-1].file_size == 7_000_000
    assert len({size.file_unique_id for size in message.photo}) == 4


def test_an_album_comes_as_separate_updates_with_one_group_id(emulator: Emulator, anna: Person) -> None:
    pieces = anna.send_album([None, None, b"\xff\xd8\xff"], "течёт", caption_on=1)
    messages = [update.message for update in updates(emulator)]
    assert len(pieces) == len(messages) == 3
    assert len({message.media_group_id for message in messages if message}) == 1
    assert [message and message.caption for message in messages] == [None, "течёт", None]


def test_documents_make_an_album_of_their_own(emulator: Emulator, anna: Person) -> None:
    anna.send_album([("а.pdf", b"1"), ("б.csv", b"2")])
    names = [update.message.document.file_name for update in updates(emulator)]  # type: ignore[union-attr]
    assert names == ["а.pdf", "б.csv"]
    with pytest.raises(ValueError, match="albums of their own"):
        anna.send_album([None, ("а.pdf", b"1")])
    with pytest.raises(ValueError, match="2 to 10"):
        anna.send_album([None] * 11)


def test_stickers_voices_and_documents_are_told_apart(emulator: Emulator, anna: Person) -> None:
    anna.send_sticker()
    anna.send_voice()
    anna.send_document("смета.xlsx", size=3_000_000, caption="смета")
    sticker, voice, document = (update.message for update in updates(emulator))
    assert sticker
    assert sticker.sticker
    assert voice
    assert voice.voice
    assert document
    assert document.document
    assert document.document.file_size == 3_000_000
    assert document.document.file_name == "смета.xlsx"


def test_an_edit_of_words_comes_as_an_edited_message(emulator: Emulator, anna: Person) -> None:
    said = anna.say("раз")
    emulator.updates.take()
    assert anna.edit(said, "два").edited
    update = updates(emulator)[0]
    assert update.edited_message
    assert update.edited_message.text == "два"


async def test_people_cannot_edit_what_the_bot_wrote(bot: Bot, anna: Person) -> None:
    await bot.send_message(1001, "да")
    with pytest.raises(ValueError, match="their own"):
        anna.edit(anna.last, "нет")


async def test_a_press_is_a_callback_query_with_the_pressing_person(bot: Bot, emulator: Emulator, anna: Person) -> None:
    await bot.send_message(1001, "да?", reply_markup=keyboard(("Да", "Нет")))
    press = anna.press("Нет")
    query = only(emulator)
    assert (query.data, query.from_user.id, query.message.from_user.id) == ("do:Нет", 1001, emulator.bot.id)
    await bot.answer_callback_query(query.id, text="Ясно", show_alert=True)
    assert (press.answered, press.text, press.alert) == (True, "Ясно", True)


async def test_a_press_takes_the_newest_message_with_such_a_button(bot: Bot, emulator: Emulator, anna: Person) -> None:
    for _ in range(2):
        await bot.send_message(1001, "да?", reply_markup=keyboard(("🔧 Взять",)))
    await bot.send_message(1001, "конец")
    assert anna.press("Взять").message.id == 3


async def test_a_press_on_what_is_not_there_names_what_is(bot: Bot, anna: Person) -> None:
    with pytest.raises(NoSuchButton, match="there are: none"):
        anna.press("Да")
    await bot.send_message(1001, "да?", reply_markup=keyboard(("Да, сейчас", "Да, потом")))
    with pytest.raises(NoSuchButton, match="Да, сейчас, Да, потом"):
        anna.press("Нет")
    with pytest.raises(NoSuchButton, match="no one button «Да»"):
        anna.press("Да")


async def test_a_query_is_answered_at_most_once_and_in_time(
    bot: Bot, emulator: Emulator, anna: Person, clock: Any
) -> None:
    await bot.send_message(1001, "да?", reply_markup=keyboard(("Да",)))
    press, late = anna.press("Да"), anna.press("Да")
    await bot.answer_callback_query(press.id)
    clock.now += LIFETIME + 1
    for query_id in (press.id, late.id, "5"):
        with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired or query ID"):
            await bot.answer_callback_query(query_id)
    assert not late.answered


async def test_an_answer_has_200_characters_and_a_link_to_telegram(bot: Bot, anna: Person) -> None:
    await bot.send_message(1001, "да?", reply_markup=keyboard(("Да",)))
    press = anna.press("Да")
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(press.id, text="я" * 201)
    with pytest.raises(TelegramBadRequest, match="URL_INVALID"):
        await bot.answer_callback_query(press.id, url="https://evil.example/")
    await bot.answer_callback_query(press.id, url="https://t.me/zavhoz_local_bot?start=card-7")
    assert anna.open(press.url).text == "/start card-7"


async def test_a_link_to_the_bot_is_followed_when_its_button_is_pressed(
    bot: Bot, emulator: Emulator, anna: Person
) -> None:
    link = f"https://t.me/{emulator.bot.username}?start=room-7"
    await bot.send_message(1001, "ссылка", reply_markup=keyboard(("Открыть",), url=link))
    assert anna.press("Открыть").url == link
    assert only(emulator).text == "/start room-7"
    await bot.send_message(1001, "ссылка", reply_markup=keyboard(("Сайт",), url="https://a.ru/"))
    anna.press("Сайт")
    assert updates(emulator) == []


async def test_a_press_on_a_screen_seen_before_still_arrives(bot: Bot, emulator: Emulator, anna: Person) -> None:
    sent = await bot.send_message(1001, "да?", reply_markup=keyboard(("Да",)))
    seen = anna.last
    await sent.edit_text("нет")
    anna.press_on(seen, "Да")
    assert only(emulator).message.text == "нет"
    await sent.delete()
    anna.press_on(seen, "Да")
    assert only(emulator).message.date == 0


async def test_made_up_data_arrives_as_it_is(bot: Bot, emulator: Emulator, anna: Person) -> None:
    await bot.send_message(1001, "да?")
    anna.press_data(anna.last, "drop table")
    assert only(emulator).data == "drop table"


def test_blocking_comes_as_a_change_of_membership(emulator: Emulator, anna: Person) -> None:
    anna.block()
    anna.unblock()
    statuses = [update.my_chat_member.new_chat_member.status for update in updates(emulator)]  # type: ignore[union-attr]
    assert statuses == ["kicked", "member"]


def test_who_has_blocked_the_bot_cannot_write_to_it(emulator: Emulator, anna: Person) -> None:
    anna.block()
    with pytest.raises(RuntimeError, match="has blocked the bot"):
        anna.say("ау")


def test_last_is_the_newest_message_of_the_bot(emulator: Emulator, anna: Person) -> None:
    with pytest.raises(LookupError, match="written nothing"):
        _ = anna.last


def test_ids_above_32_bits_are_taken(emulator: Emulator) -> None:
    emulator.person(2**51, "Далёкий").say("да")
    assert only(emulator).from_user.id == 2**51


def test_an_id_is_registered_once(emulator: Emulator, anna: Person) -> None:
    with pytest.raises(ValueError, match="chat 1001"):
        emulator.person(1001, "Другая")


async def test_a_group_holds_messages_of_all_its_people(bot: Bot, emulator: Emulator, anna: Person) -> None:
    group = emulator.group(-100500, "Школа", [anna], topics=(5,))
    said = anna.say_in(group, "привет", thread_id=5)
    message = only(emulator)
    assert (message.chat.type, message.chat.is_forum, message.is_topic_message) == ("supergroup", True, True)
    sent = await bot.send_message(
        group.id, "да?", message_thread_id=5, reply_to_message_id=None, reply_markup=keyboard(("Да",))
    )
    assert sent.message_thread_id == 5
    anna.say_in(group, "ответ", reply_to=said)
    anna.say_in(group, "ответ", reply_to=1)
    anna.press("Да", group=group)
    anna.send_photo(group=group)
    assert [update.event_type for update in updates(emulator)] == ["message"] * 2 + ["callback_query", "message"]
    assert [seen.by_bot for seen in group.messages] == [False, True, False, False, False]
    assert group.last.text == "да?"


async def test_writing_in_a_group_opens_no_private_chat(bot: Bot, emulator: Emulator) -> None:
    stranger = emulator.person(3001, "Пётр")
    stranger.say_in(emulator.group(-5, "Школа", [stranger]), "привет")
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(3001, "да")


async def test_a_group_that_became_a_supergroup_tells_its_new_id(bot: Bot, emulator: Emulator, anna: Person) -> None:
    group = emulator.group(-5, "Школа", [anna])
    new = group.migrate(-100700)
    assert only(emulator).migrate_to_chat_id == -100700
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group.id, "да")
    assert moved.value.migrate_to_chat_id == new.id
    await bot.send_message(new.id, "да")


async def test_a_bot_that_was_removed_from_a_group_is_told_so(bot: Bot, emulator: Emulator) -> None:
    group = emulator.group(-5, "Школа", [])
    group.kick_bot()
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the group chat"):
        await bot.send_message(group.id, "да")


def test_a_channel_post_has_no_sender(emulator: Emulator) -> None:
    emulator.channel(-100900, "Новости").write("важно")
    post = updates(emulator)[0].channel_post
    assert post
    assert (post.text, post.from_user) == ("важно", None)


def test_any_json_can_be_pushed(emulator: Emulator) -> None:
    pushed = emulator.push_raw({"message": {"broken": True}})
    emulator.push_raw({"update_id": pushed + 10, "message": 5})
    raw = emulator.updates.take()
    assert raw == [{"update_id": pushed, "message": {"broken": True}}, {"update_id": pushed + 10, "message": 5}]
    assert emulator.push_raw({"x": 1}) == pushed + 11
