"""A transcript shows a chat as it happened, one readable line after another."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto

from bot.emulator.pictures import make_picture
from bot.emulator.transcript import Transcript

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator


def rows(*rows: list[str], url: str | None = None) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=None if url else "x", url=url) for label in row]
            for row in rows
        ]
    )


def lines(text: str) -> str:
    return dedent(text).strip()


async def test_a_dialog_reads_from_top_to_bottom(bot: Bot, anna: Person) -> None:
    menu = await bot.send_message(
        1001,
        "Здравствуйте, <b>Анна</b> &amp; все!\n\nЧто нужно?",
        parse_mode="HTML",
        reply_markup=rows(["Новая", "Мои"]),
    )
    press = anna.press("Новая")
    await bot.answer_callback_query(press.id, text="Секунду…")
    await menu.edit_text("Опишите", reply_markup=rows(["Отмена"]))
    anna.say("течёт <b>кран</b>\nв 12")
    await menu.edit_reply_markup()
    assert Transcript(anna).text() == lines(
        """
        Анна: /start
        🤖 Здравствуйте, <b>Анна</b> &amp; все!

           Что нужно?
           [Новая] [Мои]
        ───
        Анна жмёт «Новая»
        🔔 Секунду…
        🤖 (правка) Опишите
           [Отмена]
        ───
        Анна: течёт <b>кран</b>
           в 12
        🤖 (кнопки убраны) «Опишите»
        """
    )


async def test_files_and_albums_are_counted(bot: Bot, anna: Person) -> None:
    anna.send_album([None, None], "течёт")
    anna.send_photo()
    anna.send_document("смета.pdf", caption="смета")
    anna.send_voice()
    anna.send_sticker()
    picture = BufferedInputFile(make_picture(1, 8, 8), "a.png")
    await bot.send_media_group(1001, [InputMediaPhoto(media=picture), InputMediaPhoto(media=picture, caption="вот")])
    await bot.send_photo(1001, picture, reply_markup=rows(["Открыть"], url="https://a.ru"))
    await bot.send_document(1001, BufferedInputFile(b"x", "отчёт.csv"), caption="готово")
    assert Transcript(anna).text() == lines(
        """
        Анна: /start
        ───
        Анна: 📷 фото ×2 «течёт»
        ───
        Анна: 📷 фото
        ───
        Анна: 📎 смета.pdf «смета»
        ───
        Анна: 🎤 голосовое
        ───
        Анна: 🩷 стикер
        🤖 📷 фото ×2
           вот
        🤖 📷 фото
           [Открыть ↗]
        🤖 📎 отчёт.csv
           готово
        """
    )


async def test_changes_deletions_and_answers_are_told(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(1001, "Слово, слово, слово, слово, слово, слово, слово", reply_markup=rows(["Да"]))
    anna.edit(anna.say("ой", reply_to=anna.last), "ай")
    press = anna.press("Да")
    await bot.answer_callback_query(press.id, text="Нельзя", show_alert=True)
    press = anna.press("Да")
    await bot.answer_callback_query(press.id, url="https://t.me/x?start=1")
    press = anna.press("Да")
    await bot.answer_callback_query(press.id)
    await sent.edit_reply_markup(reply_markup=rows(["Нет"]))
    await sent.delete()
    anna.block()
    anna.unblock()
    assert Transcript(anna).text() == lines(
        """
        Анна: /start
        🤖 Слово, слово, слово, слово, слово, слово, слово
           [Да]
        ───
        Анна (в ответ на «Слово, слово, слово, слово, слово, слово…»): ой
        ───
        Анна (правка): ай
        ───
        Анна жмёт «Да»
        ❗ Нельзя
        ───
        Анна жмёт «Да»
        🔗 https://t.me/x?start=1
        ───
        Анна жмёт «Да»
        🤖 (новые кнопки) «Слово, слово, слово, слово, слово, слово…»
           [Нет]
        🤖 (удалено) «Слово, слово, слово, слово, слово, слово…»
        Анна блокирует бота
        Анна разблокирует бота
        """
    )


async def test_a_group_tells_who_does_what(bot: Bot, emulator: Emulator, anna: Person) -> None:
    group = emulator.group(-100500, "Школа", [anna], topics=(5,))
    await bot.send_message(group.id, "Заявка", message_thread_id=5, reply_markup=rows(["Взять"]))
    await bot.answer_callback_query(anna.press("Взять", group=group).id, text="Ваша")
    emulator.channel(-100600, "Новости")
    assert Transcript(group).text() == lines(
        """
        🤖 (тема 5) Заявка
           [Взять]
        ───
        Анна жмёт «Взять»
        🔔 (Анна) Ваша
        """
    )


def test_a_channel_speaks_for_itself(emulator: Emulator) -> None:
    channel = emulator.channel(-100600, "Новости")
    channel.write("важно")
    assert Transcript(channel).text() == "Канал: важно"
