"""Files go up and down within Telegram's bounds; ordered faults strike whom they were ordered for."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BufferedInputFile
from aiohttp import ClientResponseError

from bot.emulator.files import DOWNLOAD_LIMIT
from bot.emulator.pictures import make_picture, mime_type, picture_size
from bot.emulator.session import EmulatorSession
from bot.emulator.telegram import Emulator

if TYPE_CHECKING:
    from aiogram import Bot

    from bot.emulator.people import Person


async def test_a_photo_of_a_person_is_downloaded_as_it_was_sent(bot: Bot, anna: Person) -> None:
    picture = make_picture(3, 400, 300)
    sent = anna.send_photo(picture)
    assert sent.media
    file = await bot.get_file(sent.media.file.file_id)
    assert file.file_path
    downloaded = await bot.download_file(file.file_path)
    assert downloaded
    assert downloaded.read() == picture


async def test_an_uploaded_file_is_sent_again_by_its_id(bot: Bot, anna: Person) -> None:
    sent = await bot.send_document(1001, BufferedInputFile("Ж;1".encode(), "отчёт.csv"), caption="отчёт")
    assert sent.document
    again = await bot.send_document(1001, sent.document.file_id)
    assert again.document
    assert (again.document.file_unique_id, again.document.file_name) == (sent.document.file_unique_id, "отчёт.csv")


async def test_a_file_id_stands_for_its_own_kind_only(bot: Bot, anna: Person) -> None:
    photo = anna.send_photo().media
    assert photo
    with pytest.raises(TelegramBadRequest, match="can't use file of type Photo as Document"):
        await bot.send_document(1001, photo.file.file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_photo(1001, "AgAC-unknown")
    with pytest.raises(TelegramBadRequest, match="invalid file_id"):
        await bot.get_file("AgAC-unknown")


async def test_file_ids_mean_nothing_to_another_bot(anna: Person) -> None:
    other = Emulator("5:" + "B" * 35)
    theirs = other.person(1001, "Анна").send_photo().media
    ours = anna.send_photo().media
    assert theirs
    assert ours
    assert theirs.file.file_id != ours.file.file_id


async def test_files_over_20_mb_cannot_be_downloaded(bot: Bot, emulator: Emulator, anna: Person) -> None:
    largest = anna.send_document("а.bin", size=DOWNLOAD_LIMIT).media
    larger = anna.send_document("б.bin", size=DOWNLOAD_LIMIT + 1).media
    assert largest
    assert larger
    assert (await bot.get_file(largest.file.file_id)).file_size == DOWNLOAD_LIMIT
    assert len(emulator.files.by_path(largest.file.path)) == DOWNLOAD_LIMIT
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(larger.file.file_id)


async def test_uploads_are_bounded_and_photos_must_be_pictures(bot: Bot, anna: Person) -> None:
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_photo(1001, BufferedInputFile(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "a.jpg"))
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1001, BufferedInputFile(b"text", "a.jpg"))
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(1001, BufferedInputFile(b"", "a.txt"))
    with pytest.raises(TelegramBadRequest, match="there is no document in the request"):
        await bot.send_document(1001, "")


async def test_a_path_that_is_not_there_is_not_found(bot: Bot, emulator: Emulator) -> None:
    with pytest.raises(ClientResponseError) as failed:
        await bot.download_file("photos/none.jpg")
    assert failed.value.status == 404
    session = EmulatorSession(emulator)
    body = b"".join([part async for part in session.stream_content("x/file/bot1:x/a", raise_for_status=False)])
    assert b'"error_code": 401' in body


@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (make_picture(1, 40, 30), "image/png", (40, 30)),
        (b"GIF89a" + struct.pack("<HH", 12, 7), "image/gif", (12, 7)),
        (b"\xff\xd8\xff\xe0xx\xff\xc0\x00\x11\x08" + struct.pack(">HH", 48, 64) + b"rest", "image/jpeg", (64, 48)),
        (b"\xff\xd8\xff", "image/jpeg", (1280, 960)),
        (b"RIFF", "image/webp", (1280, 960)),
    ],
)
def test_pictures_are_known_by_their_bytes(content: bytes, kind: str, size: tuple[int, int]) -> None:
    assert (mime_type(content), picture_size(content)) == (kind, size)


def test_other_files_are_known_by_their_names() -> None:
    assert mime_type(b"%PDF", "a.pdf") == "application/pdf"
    assert mime_type(b"?", "a") == "application/octet-stream"


async def test_a_429_tells_how_long_to_wait_and_strikes_as_often_as_ordered(
    bot: Bot, emulator: Emulator, anna: Person
) -> None:
    fault = emulator.faults.add(method="sendMessage", kind="429", retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(1001, "да")
        assert refused.value.retry_after == 7
    await bot.send_message(1001, "да")
    assert fault.hits == 2


async def test_a_fault_for_a_chat_spares_the_others(bot: Bot, emulator: Emulator, anna: Person) -> None:
    other = emulator.person(2001, "Сергей")
    other.say("/start")
    emulator.faults.add(chat_id=2001, kind="500")
    await bot.send_message(1001, "да")
    with pytest.raises(TelegramServerError, match="Internal Server Error"):
        await bot.send_message(2001, "да")


async def test_refusals_may_be_ordered_in_any_words(bot: Bot, emulator: Emulator, anna: Person) -> None:
    emulator.faults.add(kind="400", description="PEER_ID_INVALID")
    emulator.faults.add(kind="403", description="user is deactivated")
    with pytest.raises(TelegramBadRequest, match="Bad Request: PEER_ID_INVALID"):
        await bot.send_message(1001, "да")
    with pytest.raises(TelegramForbiddenError, match="Forbidden: user is deactivated"):
        await bot.send_message(1001, "да")


async def test_a_connection_may_break_before_or_after_the_call_takes_effect(
    bot: Bot, emulator: Emulator, anna: Person
) -> None:
    emulator.faults.add(method="sendMessage", kind="drop_before")
    emulator.faults.add(method="sendMessage", kind="drop_after")
    for words in ("не дошло", "дошло"):
        with pytest.raises(TelegramNetworkError, match="the connection broke"):
            await bot.send_message(1001, words)
    assert [seen.text for seen in anna.messages if seen.by_bot] == ["дошло"]
    first, second = emulator.journal.calls("sendMessage")
    assert (first.outcome, first.accepted, second.outcome, second.accepted) == ("lost", False, "lost", True)


async def test_a_slow_call_takes_effect_late_or_times_out(bot: Bot, emulator: Emulator, anna: Person) -> None:
    emulator.faults.add(method="sendMessage", kind="slow", delay=0.05)
    sending = asyncio.create_task(bot.send_message(1001, "да"))
    await asyncio.sleep(0.01)
    assert not [seen for seen in anna.messages if seen.by_bot]
    await sending
    assert anna.last.text == "да"
    emulator.faults.add(method="sendMessage", kind="slow", delay=5)
    with pytest.raises(TelegramNetworkError, match="Request timeout error"):
        await bot.send_message(1001, "да", request_timeout=0)


async def test_downloads_break_too(bot: Bot, emulator: Emulator, anna: Person) -> None:
    sent = anna.send_photo().media
    assert sent
    emulator.faults.add(method="download", kind="drop_before")
    with pytest.raises(ConnectionResetError):
        await bot.download_file(sent.file.path)
    await bot.download_file(sent.file.path)
    assert [call.outcome for call in emulator.journal.calls("download")] == ["lost", "ok"]


async def test_polling_is_spared_unless_it_is_named(bot: Bot, emulator: Emulator) -> None:
    emulator.faults.add(kind="500")
    await bot.get_updates()
    emulator.faults.clear()
    emulator.faults.add(method="getUpdates", kind="500")
    with pytest.raises(TelegramServerError):
        await bot.get_updates()


async def test_the_journal_holds_every_call_in_order(bot: Bot, emulator: Emulator, anna: Person) -> None:
    await bot.get_updates()
    await bot.send_photo(1001, BufferedInputFile(make_picture(1, 40, 30), "a.png"), caption="да")
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(5, "да")
    photo, failed = emulator.journal.calls()
    assert (photo.number, photo.method, photo.chat_id, photo.params["caption"]) == (2, "sendPhoto", 1001, "да")
    assert list(photo.uploads.values()) == [len(make_picture(1, 40, 30))]
    assert photo.result["message_id"] == 2
    assert (failed.outcome, failed.error) == ("refused", "Bad Request: chat not found")
    assert emulator.journal.calls(chat_id=5) == [failed]
    assert emulator.journal.calls(accepted=True) == [photo]


async def test_get_chat_tells_the_name(bot: Bot, emulator: Emulator, anna: Person) -> None:
    assert (await bot.get_chat(1001)).username == "anna"
    emulator.group(-5, "Школа", [])
    assert (await bot.get_chat(-5)).title == "Школа"
