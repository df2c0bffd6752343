"""The chat page in a real browser, with a small bot behind it."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiogram.types import (
    BotCommand,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from playwright.async_api import async_playwright, expect

from bot.emulator.pictures import make_picture
from bot.emulator.server import serve
from bot.emulator.standalone import add_default_people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiogram import Bot
    from playwright.async_api import Browser, BrowserType, Locator, Page

    from bot.emulator.telegram import Emulator

SYSTEM_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

MENU = InlineKeyboardMarkup(
    inline_keyboard=[
        [
            InlineKeyboardButton(text="Правка", callback_data="edit"),
            InlineKeyboardButton(text="Тост", callback_data="toast"),
        ],
        [
            InlineKeyboardButton(text="Окно", callback_data="alert"),
            InlineKeyboardButton(text="Удалить", callback_data="delete"),
            InlineKeyboardButton(text="Ссылка", callback_data="link"),
        ],
    ]
)


async def answer_message(bot: Bot, message: Message) -> None:
    if message.text and message.text.startswith("/start"):
        words = f"Здравствуйте, <b>Анна &amp; все</b>! {'Ссылка дошла.' if 'room-7' in message.text else ''}"
        await bot.send_message(message.chat.id, words, parse_mode="HTML", reply_markup=MENU)
    elif message.photo:
        await bot.send_message(message.chat.id, f"Фото: {message.media_group_id is not None}, {message.caption}")
    elif message.document:
        await bot.send_message(message.chat.id, f"Файл: {message.document.file_name}")
    elif message.text == "альбом":
        own = message.model_copy()
        photos = [InputMediaPhoto(media=picture) for picture in await last_photos(bot)]
        await bot.send_media_group(own.chat.id, list(photos))
    else:
        quoted = message.reply_to_message.text if message.reply_to_message else None
        reply = ReplyParameters(message_id=message.message_id)
        await bot.send_message(message.chat.id, f"{message.text} / {quoted}", reply_parameters=reply)


async def last_photos(bot: Bot) -> list[str]:
    emulator: Emulator = bot.session.emulator  # type: ignore[attr-defined]
    return [emulator.files.photo(make_picture(number, 300, 200)).file.file_id for number in (1, 2)]


async def answer_press(bot: Bot, query: CallbackQuery) -> None:
    assert query.message
    await asyncio.sleep(0.2)
    where = {"chat_id": query.message.chat.id, "message_id": query.message.message_id}
    if query.data == "edit":
        await bot.edit_message_text("Изменённое <script>", **where)  # type: ignore[arg-type]
    elif query.data == "delete":
        await bot.delete_message(**where)
    answers: dict[str | None, dict[str, Any]] = {
        "toast": {"text": "Секунду…"},
        "alert": {"text": "Нельзя", "show_alert": True},
        "link": {"url": "https://t.me/zavhoz_local_bot?start=room-7"},
    }
    await bot.answer_callback_query(query.id, **answers.get(query.data, {}))


async def answer_everything(bot: Bot) -> None:
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=30):
            offset = update.update_id + 1
            if update.message:
                await answer_message(bot, update.message)
            elif update.callback_query:
                await answer_press(bot, update.callback_query)


def chromium_path(chromium: BrowserType) -> str | None:
    """The system's Chromium, else the one that `playwright install chromium` has put on this machine."""
    own = chromium.executable_path
    return SYSTEM_CHROMIUM or (own if Path(own).exists() else None)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        path = chromium_path(driver.chromium)
        if path is None:
            pytest.skip("no Chromium on this machine: `playwright install chromium` brings one")
        browser = await driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def page(bot: Bot, emulator: Emulator, browser: Browser) -> AsyncIterator[Page]:
    """The page, open in a browser; the test fails when its script fails."""
    add_default_people(emulator)
    await bot.set_my_commands([BotCommand(command="start", description="Начать сначала")])
    running = await serve(emulator)
    answering = asyncio.create_task(answer_everything(bot))
    errors: list[str] = []
    page = await browser.new_page(viewport={"width": 1180, "height": 820})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    await page.goto(running.url)
    yield page
    await page.close()
    answering.cancel()
    with suppress(asyncio.CancelledError):
        await answering
    await running.close()
    assert errors == []


def pane(page: Page, index: int = 0) -> Locator:
    return page.locator(".pane").nth(index)


async def say(pane: Locator, words: str) -> None:
    await pane.get_by_label("Сообщение", exact=True).fill(words)
    await pane.get_by_label("Сообщение", exact=True).press("Enter")


async def sees(pane: Locator, words: str) -> None:
    await expect(pane.locator(".message", has_text=words).last).to_be_visible()


async def press(pane: Locator, label: str) -> None:
    await pane.get_by_role("button", name=label, exact=True).last.click()


async def test_two_people_talk_to_the_bot_side_by_side(page: Page) -> None:
    anna, sergey = pane(page, 0), pane(page, 1)
    await anna.get_by_role("button", name="Начать").click()
    await sees(anna, "Здравствуйте, Анна & все!")
    assert await anna.locator(".message b").first.inner_text() == "Анна & все"
    assert await sergey.locator(".message").count() == 0
    await say(sergey, "привет <b>")
    await sees(sergey, "привет <b> / None")
    assert await anna.locator(".message").count() == 2


async def test_a_pressed_button_spins_until_it_is_answered(page: Page) -> None:
    anna = pane(page)
    await say(anna, "/start")
    await press(anna, "Тост")
    button = anna.get_by_role("button", name="Тост")
    await expect(button).to_have_attribute("aria-busy", "true")
    await expect(anna.locator(".toast")).to_have_text("Секунду…")
    await expect(button).not_to_have_attribute("aria-busy", "true")
    await press(anna, "Окно")
    await expect(anna.get_by_role("dialog")).to_contain_text("Нельзя")
    await page.get_by_role("button", name="Понятно").click()


async def test_edits_are_marked_and_deleted_messages_vanish(page: Page) -> None:
    anna = pane(page)
    await say(anna, "/start")
    await sees(anna, "Здравствуйте")
    await press(anna, "Правка")
    await sees(anna, "Изменённое <script>")
    await sees(anna, "изменено")
    assert await anna.locator(".key").count() == 0
    await say(anna, "/start")
    await press(anna, "Удалить")
    await expect(anna.locator(".message", has_text="Здравствуйте")).to_have_count(0)


async def test_a_link_to_the_bot_comes_back_as_a_start_command(page: Page) -> None:
    anna = pane(page)
    await say(anna, "/start")
    await press(anna, "Ссылка")
    await sees(anna, "/start room-7")
    await sees(anna, "Ссылка дошла.")


async def test_photos_are_attached_as_one_album_with_a_caption(page: Page, tmp_path: Path) -> None:
    anna = pane(page)
    for number in (1, 2):
        (tmp_path / f"{number}.png").write_bytes(make_picture(number, 80, 60))
    await anna.locator("input[type=file]").set_input_files([tmp_path / "1.png", tmp_path / "2.png"])
    await expect(anna.locator(".attached img")).to_have_count(2)
    await say(anna, "течёт")
    await sees(anna, "Фото: True, течёт")
    assert await anna.locator(".photos.many img").count() == 2
    sizes = await anna.locator(".photos img").evaluate_all("images => images.map(one => one.naturalWidth)")
    assert sizes == [80, 80]


async def test_one_photo_and_a_file_go_as_what_they_are(page: Page, tmp_path: Path) -> None:
    anna = pane(page)
    (tmp_path / "a.png").write_bytes(make_picture(1, 80, 60))
    (tmp_path / "смета.pdf").write_bytes(b"%PDF-1.7")
    await anna.locator("input[type=file]").set_input_files([tmp_path / "a.png", tmp_path / "смета.pdf"])
    await anna.get_by_role("button", name="Отправить").click()
    await sees(anna, "Фото: False, None")
    await sees(anna, "Файл: смета.pdf")
    await anna.locator(".photo").click()
    await expect(page.get_by_role("dialog", name="Фото")).to_be_visible()


async def test_an_album_of_the_bot_is_one_message(page: Page) -> None:
    anna = pane(page)
    await say(anna, "альбом")
    await expect(anna.locator(".photos.many img")).to_have_count(2)
    await expect(anna.locator(".message")).to_have_count(2)


async def test_a_double_click_on_a_message_starts_a_reply(page: Page) -> None:
    anna = pane(page)
    await say(anna, "раз")
    await sees(anna, "раз / None")
    await anna.locator(".message").last.locator(".body").dblclick()
    await expect(anna.locator(".replying")).to_contain_text("раз / None")
    await say(anna, "два")
    await sees(anna, "два / раз / None")
    await anna.locator(".message").nth(0).hover()
    await anna.get_by_role("button", name="Ответить").first.click()
    await anna.get_by_role("button", name="Не отвечать").click()
    await say(anna, "три")
    await sees(anna, "три / None")


async def test_the_menu_lists_the_commands_of_the_bot(page: Page) -> None:
    anna = pane(page)
    await anna.get_by_role("button", name="Команды").click()
    await anna.get_by_role("menuitem", name=re.compile("Начать сначала")).click()
    await sees(anna, "Здравствуйте")


async def test_a_person_is_added_and_stays_after_a_reload(page: Page) -> None:
    sergey = pane(page, 1)
    await sergey.get_by_label("Кто пишет боту").select_option("add")
    await page.get_by_label("Имя").fill("Ольга")
    await page.get_by_label("Фамилия").fill("Смирнова")
    await page.get_by_role("button", name="Добавить", exact=True).click()
    await say(sergey, "я новая")
    await sees(sergey, "я новая / None")
    await page.reload()
    await sees(pane(page, 1), "я новая / None")
    await sees(pane(page, 1), "я новая / None")
    await pane(page, 0).get_by_label("Кто пишет боту").select_option("2001")
    await expect(pane(page, 0).locator(".message")).to_have_count(0)


async def test_without_the_bot_the_page_says_so_and_keeps_what_was_typed(page: Page) -> None:
    anna = pane(page)
    await page.route("**/control/say", lambda route: route.abort())
    await say(anna, "ау")
    await expect(anna.locator(".toast")).to_contain_text("Нет связи с ботом")
    assert await anna.get_by_label("Сообщение", exact=True).input_value() == "ау"


async def test_a_person_may_block_the_bot(page: Page, emulator: Emulator) -> None:
    anna = pane(page)
    await anna.get_by_role("button", name="Заблокировать бота").click()
    await expect(anna.get_by_role("button", name="Разблокировать бота")).to_be_visible()
    assert emulator.people[1001].chat.blocked
    await say(anna, "ау")
    await expect(anna.locator(".toast")).to_contain_text("Бот заблокирован")
    assert await anna.get_by_label("Сообщение", exact=True).input_value() == "ау"
