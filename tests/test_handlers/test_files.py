"""Photos, documents and albums: as a request, as a comment, as a report, out of the blue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.conversation import Actor, Town

FILES = "SELECT purpose, kind, count(*) FROM files GROUP BY purpose, kind ORDER BY purpose, kind"
MEGABYTE = 1024 * 1024


async def _finish(actor: Actor) -> None:
    await actor.say("Коридор")
    await actor.press("Окна", "Срочно", "Отправить")


async def test_a_photo_out_of_the_blue_begins_a_request(
    town: Town, anna: Actor, transcripts: SnapshotAssertion
) -> None:
    await anna.say("/start")
    await anna.send_photo()
    await anna.say("Разбито окно")
    await _finish(anna)
    assert anna.transcript() == transcripts
    assert await town.query(FILES) == [("request", "photo", 1)]


async def test_the_very_first_message_may_be_a_photo_with_a_caption(anna: Actor) -> None:
    await anna.send_photo(caption="Разбито окно")
    await _finish(anna)
    assert anna.text.startswith("№1 · 🆕 открыта\nРазбито окно")


async def test_a_document_is_kept_with_its_name(town: Town, anna: Actor) -> None:
    await anna.send_document("Акт осмотра.pdf", caption="Трещина в стене")
    await _finish(anna)
    assert await town.query("SELECT kind, purpose, file_name, mime_type FROM files") == [
        ("document", "request", "Акт осмотра.pdf", "application/pdf")
    ]


@pytest.mark.parametrize("caption_on", [0, 1, 2])
async def test_an_album_is_one_request_whichever_piece_has_the_caption(
    town: Town, anna: Actor, caption_on: int
) -> None:
    await anna.say("/new")
    await anna.send_album(3, "Разбито окно", caption_on)
    await _finish(anna)
    assert await town.query(FILES) == [("request", "photo", 3)]
    assert await town.query("SELECT description FROM requests") == [("Разбито окно",)]
    assert "📎 Файлов: 3" in anna.text


@pytest.mark.parametrize("caption_on", [0, 1, 2])
async def test_an_album_out_of_the_blue_is_one_request(town: Town, anna: Actor, caption_on: int) -> None:
    await anna.send_album(3, "Разбито окно", caption_on)
    assert anna.text.partition("\n\n")[2].startswith("Где это?") or anna.text.startswith("Где это?")
    await _finish(anna)
    assert await town.query(FILES) == [("request", "photo", 3)]


async def test_an_album_of_ten_is_kept_whole(town: Town, anna: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/new")
    await anna.send_album(10, "Облупилась краска")
    await _finish(anna)
    await anna.press("Файлы (10)")
    assert await town.query(FILES) == [("request", "photo", 10)]
    assert anna.transcript() == transcripts


async def test_words_under_several_pieces_of_an_album_are_all_kept(town: Town, anna: Actor) -> None:
    anna.person.send_album([None, None, None], "Разбито окно", 0)
    town.emulator.updates.pending[-1]["message"]["caption"] = "и дверь"
    await town.until_idle()
    await _finish(anna)
    assert await town.query("SELECT description FROM requests") == [("Разбито окно\nи дверь",)]


async def test_an_album_of_documents_keeps_its_names(town: Town, anna: Actor) -> None:
    anna.person.send_album([("план.pdf", b"1"), ("смета.xlsx", b"2")], "Нужен ремонт")
    await town.until_idle()
    await _finish(anna)
    assert await town.query("SELECT file_name FROM files ORDER BY id") == [("план.pdf",), ("смета.xlsx",)]


async def test_an_eleventh_file_is_refused_with_words(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    await anna.send_album(10)
    await anna.send_photo(caption="Разбито окно")
    assert anna.text.startswith("Больше файлов не поместится: можно до 10.")
    await anna.say("Разбито окно")
    await _finish(anna)
    assert await town.query(FILES) == [("request", "photo", 10)]


async def test_a_file_of_21_megabytes_is_refused_with_words(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    await anna.send_document("видео.mp4", size=21 * MEGABYTE, caption="Вот что происходит")
    assert anna.text.startswith("Файл слишком большой: можно до 20 МБ.")
    await anna.send_document("снимок.png", size=20 * MEGABYTE, caption="Вот что происходит")
    await _finish(anna)
    assert await town.query("SELECT file_name, size FROM files") == [("снимок.png", 20 * MEGABYTE)]


async def test_a_file_too_big_out_of_the_blue_is_explained(town: Town, anna: Actor) -> None:
    await anna.send_document("видео.mp4", size=21 * MEGABYTE)
    assert anna.text.startswith("Файл слишком большой")
    assert "📎" not in anna.text


async def test_pieces_that_come_after_the_request_was_sent_join_it(town: Town, anna: Actor, sergey: Actor) -> None:
    anna.person.send_album([None] * 4, "Разбито окно")
    late = town.emulator.updates.pending[-2:]
    del town.emulator.updates.pending[-2:]
    await town.until_idle()
    await _finish(anna)
    town.emulator.updates.pending += late
    await town.until_idle()
    assert await town.query(FILES) == [("request", "photo", 4)]
    assert "📎 Файлов: 4" in anna.text
    assert "📎 Файлов: 4" in sergey.card(1).text


async def test_a_late_piece_brings_its_caption_as_a_comment(town: Town, anna: Actor, sergey: Actor) -> None:
    anna.person.send_album([None] * 2, "вид сбоку", caption_on=1)
    town.emulator.updates.pending[-2]["message"]["caption"] = "Разбито окно"
    late = town.emulator.updates.pending.pop()
    await town.until_idle()
    await _finish(anna)
    town.emulator.updates.pending.append(late)
    await town.until_idle()
    assert "Анна Петрова: вид сбоку" in sergey.card(1).text


@pytest.mark.parametrize("answers", [1, 2, 3, 4])
async def test_a_photo_in_the_middle_of_a_request_joins_it_and_loses_no_step(
    town: Town, anna: Actor, answers: int
) -> None:
    steps = ["Где это?", "К чему это относится?", "Насколько это срочно?", "Проверьте заявку"]
    await anna.say("/new")
    for number, answer in enumerate(["Разбито окно", "Коридор", "Окна", "Срочно"][:answers]):
        await (anna.say(answer) if number < 2 else anna.press(answer))
    await anna.send_photo(caption="со стороны двора")
    told, _, screen = anna.text.partition("\n\n")
    assert told.startswith("📎 Файл ")
    assert steps[answers - 1] in screen
    for number, answer in list(enumerate(["Разбито окно", "Коридор", "Окна", "Срочно"]))[answers:]:
        await (anna.say(answer) if number < 2 else anna.press(answer))
    await anna.press("Отправить")
    assert await town.query("SELECT description FROM requests") == [("Разбито окно\nсо стороны двора",)]
    assert await town.query(FILES) == [("request", "photo", 1)]


async def test_a_comment_with_a_photo(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    await anna.send_photo(caption="вот откуда капает")
    assert anna.text.startswith("💬 Комментарий передан.")
    assert await town.query(FILES) == [("comment", "photo", 1)]
    assert "Анна Петрова: вот откуда капает\n📎 Есть вложения" in sergey.text
    await sergey.press_on(sergey.seen("вот откуда капает"), "📎 Файлы")
    assert sergey.messages[-1].media


async def test_a_comment_with_a_photo_and_no_words(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    await anna.send_photo()
    assert "Анна Петрова: прислал(а) файл" in sergey.text
    assert "Анна Петрова: 📎 1" in anna.text


@pytest.mark.parametrize("caption_on", [0, 1, 2])
async def test_an_album_as_a_comment_is_one_comment(town: Town, anna: Actor, sergey: Actor, caption_on: int) -> None:
    await anna.submit()
    await anna.press("Комментарий")
    await anna.send_album(3, "вот откуда капает", caption_on)
    assert await town.query("SELECT purpose, count(*), count(comment_id) FROM files GROUP BY purpose") == [
        ("comment", 3, 3)
    ]
    assert await town.value("SELECT count(DISTINCT comment_id) FROM files") == 1
    assert "вот откуда капает" in sergey.card(1).text
    assert sum("💬 №1" in told for told in sergey.texts) == 1


async def test_an_album_in_reply_to_a_card_is_one_comment(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    card = sergey.card(1)
    sergey.person.send_album([None] * 3, "так было и вчера")
    for update in town.emulator.updates.pending:
        message = update["message"]
        message["reply_to_message"] = {**message, "message_id": card.id}
    await town.until_idle()
    assert await town.query(FILES) == [("comment", "photo", 3)]
    assert await town.query("SELECT text FROM comments") == [("так было и вчера",)]
    assert "Сергей Иванов: так было и вчера" in anna.text


async def test_an_album_as_a_report_completes_the_request_once(town: Town, anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено")
    await sergey.send_album(3, "заменил прокладку", 0)
    assert await town.query(FILES) == [("report", "photo", 3)]
    assert await town.value("SELECT count(*) FROM events WHERE name = 'complete'") == 1
    assert sum("выполнена." in told for told in anna.texts) == 1
    assert "📎 Файлов: 3" in sergey.text


async def test_words_under_a_report_photo_become_a_comment(anna: Actor, sergey: Actor) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено")
    await sergey.send_photo(caption="заменил прокладку")
    assert "Сергей Иванов: заменил прокладку" in anna.card(1).text


@pytest.mark.parametrize("kind", ["text", "sticker"])
async def test_a_report_is_a_photo_or_a_document(town: Town, anna: Actor, sergey: Actor, kind: str) -> None:
    await anna.submit()
    await sergey.press("Взять", "Выполнено")
    await (sergey.say("готово") if kind == "text" else sergey.send_sticker())
    assert sergey.text.startswith("Пришлите фото или документ, либо нажмите «Без фото».")
    assert await town.value("SELECT status FROM requests") == "in_progress"
    await sergey.send_document("акт.pdf")
    assert await town.value("SELECT status FROM requests") == "completed"


async def test_files_are_sent_again_on_demand(anna: Actor, sergey: Actor, transcripts: SnapshotAssertion) -> None:
    await anna.say("/new")
    await anna.send_album(2, "Разбито окно")
    await anna.say("/new")
    await anna.press("Продолжить")
    await anna.send_document("акт.pdf")
    await _finish(anna)
    before = sergey.transcript()
    await sergey.press_on(sergey.card(1), "📎 Файлы (3)")
    assert sergey.transcript().removeprefix(before) == transcripts


async def test_a_double_tap_on_files_sends_them_once_and_a_later_one_again(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.send_photo(caption="Разбито окно")
    await _finish(anna)
    sergey.person.press("Файлы (1)")
    sergey.person.press("Файлы (1)")
    await town.until_idle()
    assert sum(each.kind == "photo" for each in sergey.messages) == 1
    town.clock.advance(seconds=20)
    await sergey.press("Файлы (1)")
    assert sum(each.kind == "photo" for each in sergey.messages) == 2


async def test_more_than_ten_files_are_sent_as_several_albums(anna: Actor, sergey: Actor) -> None:
    await anna.send_album(10, "Облупилась краска")
    await _finish(anna)
    await anna.press("Комментарий")
    await anna.send_album(2)
    await sergey.press_on(sergey.card(1), "📎 Файлы (12)")
    sent = [each for each in sergey.messages if each.kind == "photo"]
    assert len(sent) == 12
    assert len({each.album for each in sent}) == 2


async def test_a_photo_in_a_step_that_asks_for_a_reason_does_not_become_one(
    town: Town, anna: Actor, sergey: Actor
) -> None:
    await anna.submit()
    await sergey.press("Отклонить")
    await sergey.send_sticker()
    assert sergey.text.startswith("Причину нужно написать словами.")
    assert await town.value("SELECT status FROM requests") == "open"


async def test_a_late_piece_that_is_too_big_is_refused_and_the_rest_is_kept(town: Town, anna: Actor) -> None:
    await anna.submit()
    anna.person.send_album([("a.pdf", b"1"), ("b.pdf", b"2")], "Чертёж")
    pieces = [update["message"] for update in town.emulator.updates.pending]
    for piece in pieces:
        piece["reply_to_message"] = {"message_id": anna.card(1).id, "date": 1, "chat": piece["chat"]}
    pieces[1]["document"]["file_size"] = 50 * 1024 * 1024
    await town.until_idle()
    assert anna.text.startswith("Файл слишком большой")
    assert await town.query("SELECT count(*) FROM files") == [(1,)]


async def test_late_pieces_do_not_fill_a_cancelled_draft(town: Town, anna: Actor) -> None:
    await anna.say("/new")
    anna.person.send_album([None, None])
    late = town.emulator.updates.pending.pop()
    await town.until_idle()
    await anna.press("Отмена", "Убрать")
    town.emulator.updates.pending.append(late)
    await town.until_idle()
    await anna.say("/menu")
    assert "➕ Новая заявка" in anna.screen.labels


async def test_a_comment_between_two_pieces_leaves_the_album_to_its_draft(town: Town, anna: Actor) -> None:
    await anna.submit()
    card = anna.card(1)
    await anna.say("/new")
    anna.person.send_album([None, None], "Разбито окно")
    late = town.emulator.updates.pending.pop()
    await town.until_idle()
    await anna.say("Когда придёте?", card)
    town.emulator.updates.pending.append(late)
    await town.until_idle()
    assert await town.query("SELECT count(*) FROM files") == [(0,)]
