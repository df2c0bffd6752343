"""The bot as a process: long polling over HTTP, a stand in another process, signals and crashes."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from bot.emulator.pictures import make_picture
from storage.outbox import screens
from tests.processes import BOT_ID, TOKEN, Far, Talker, until
from tests.transcripts import TextSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

    from bot.emulator.client import Seen

PICTURES = [make_picture(seed, 640, 480) for seed in range(4)]
STOPS_WITHIN = 10.0
"""Seconds after which Docker kills what it asked to stop."""


async def test_a_request_goes_all_the_way_and_a_draft_outlives_a_restart(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        bot = await far.start_bot(LOG_LEVEL="DEBUG", LOG_FORMAT="json")
        anna, sergey = await two_people(far)
        await main_job(anna, sergey)
        await anna.say("/new", sees="Пришлите фото")
        await anna.say_while_telegram_is_slow("Не горит лампа", seconds=1.0)

        code, seconds = await bot.stop()
        assert code == 0
        assert seconds < STOPS_WITHIN
        await anna.sees("Где это?")
        await anna.remote.say("Кабинет 214")

        bot = await far.start_bot(LOG_LEVEL="DEBUG", LOG_FORMAT="json")
        await anna.sees("К чему это относится?")
        await far.settled()
        await anna.press("Электрика", sees="Насколько это срочно?")
        await anna.press("Подождёт", sees="Кабинет 214")
        await anna.press("Отправить", sees="№2")
        await sergey.sees("Не горит лампа")
        assert (await bot.stop(signal.SIGINT))[0] == 0

        assert await anna.transcript() == snapshot(name="anna", extension_class=TextSnapshot)
        assert await sergey.transcript() == snapshot(name="sergey", extension_class=TextSnapshot)
        assert_nothing_private(bot.err)
        assert list(far.folder.iterdir()) == []


async def test_a_request_goes_all_the_way_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    async with Far(tmp_path, postgresql_url) as far:
        bot = await far.start_bot()
        await main_job(*await two_people(far))

        code, seconds = await bot.stop()
        assert code == 0
        assert seconds < STOPS_WITHIN


async def test_a_bot_killed_in_a_burst_files_every_request_once(tmp_path: Path) -> None:
    path = tmp_path / "zavhoz.db"
    async with Far(tmp_path, f"sqlite:///{path}") as far:
        bot = await far.start_bot()
        authors = [await far.person(1001 + number, f"Автор{number}") for number in range(5)]
        for author in authors:
            await ready_to_send(author)

        for author in authors:
            for _ in range(2):
                await far.client.do("press", person=author.remote.id, label="📨 Отправить")
            await author.remote.say("И ещё окно не закрывается")
            await author.remote.say("/my")
        await until(partial(filed, path, 1))
        bot.kill()

        await far.start_bot()
        for author in authors:
            await author.sees("Мои заявки")
            assert f"Сломалось у {author.name}" in (await author.remote.messages())[-1].labels[0]
        assert requests_in(path) == (len(authors), len(authors))


async def test_a_bot_stops_in_time_though_telegram_hangs_and_loses_nothing(tmp_path: Path) -> None:
    async with Far(tmp_path, f"sqlite:///{tmp_path / 'zavhoz.db'}") as far:
        bot = await far.start_bot()
        anna = await far.person(1001, "Анна")
        await anna.say_while_telegram_is_slow("/start", seconds=60.0)

        code, seconds = await bot.stop()

        assert code == 0
        assert seconds < STOPS_WITHIN
        [waiting] = await far.runner.run(lambda tx: screens.lease(tx, BOT_ID, tx.worker, 10))
        assert "Здравствуйте, <b>Анна</b>!" in waiting.screen["text"]


async def two_people(far: Far) -> tuple[Talker, Talker]:
    """A teacher and the manager, who has started the bot."""
    anna = await far.person(1001, "Анна", "Петрова")
    sergey = await far.person(2001, "Сергей", "Иванов")
    await sergey.say("/start", sees="Вы — завхоз")
    return anna, sergey


async def main_job(anna: Talker, sergey: Talker) -> None:
    """From a photo to "done"."""
    await anna.say("/start", sees="Здравствуйте, Анна!")
    await anna.press("Новая заявка", sees="Пришлите фото")
    await anna.send_photo(PICTURES[0], "Течёт кран в туалете. Вода на полу", sees="Где это?")
    await anna.say("Кабинет 214", sees="К чему это относится?")
    await anna.press("Сантехника", sees="Насколько это срочно?")
    await anna.press("Обычная", sees="Проверьте заявку")
    await anna.press("Место", sees="Где это?")
    await anna.say("Корпус 2, туалет", sees="Корпус 2, туалет")
    await anna.press("Описание и файлы", sees="Пришлите фото")
    # While the first piece is answered, the second one comes: the two screens never become one.
    await anna.far.client.do("faults", kind="slow", method="sendMessage", delay=0.5)
    await anna.send_album(PICTURES[1:3], sees="Файлов: 3")
    await anna.press("Отправить", sees="№1")

    card = await sergey.sees("№1")
    assert_card(card, "🆕 открыта", "📎 Файлов: 3")
    await sergey.press("🔧 Взять", sees="🔧 в работе")
    await anna.sees("Ваша заявка №1")
    await sergey.say("Сейчас буду", sees="передан", reply_to=card)
    told = await anna.sees("Сейчас буду")
    await anna.say("Спасибо, жду", sees="передан", reply_to=told)
    assert "№1" in (await sergey.sees("Спасибо, жду")).text
    await sergey.press("✅ Выполнено", sees="готово?")
    await sergey.send_photo(PICTURES[3], "", sees="✅ выполнена")
    await anna.sees("Заявка №1 «Течёт кран в туалете» выполнена")

    for person in (anna, sergey):
        cards = [message for message in await person.remote.messages() if "📍 Корпус 2" in message.text]
        assert cards
        for each in cards:
            assert_card(each, "✅ выполнена", "Сейчас буду", "Спасибо, жду", "📎 Файлов: 4")
    await sergey.say("/queue", sees="Все заявки разобраны")
    await anna.say("/my", sees="нет открытых заявок")
    await anna.press("Завершённые", sees="Мои завершённые заявки")
    await anna.press("№1", sees="✅ выполнена")
    await anna.press("📎 Файлы", sees="Заявка №1")
    assert [each.kind for each in (await anna.remote.messages())[-4:]] == ["photo"] * 4


async def ready_to_send(author: Talker) -> None:
    """Fill a request in, up to its last button."""
    await author.send_photo(PICTURES[0], f"Сломалось у {author.name}", sees="Где это?")
    await author.say("Кабинет 214", sees="К чему это относится?")
    await author.press("Другое", sees="Насколько это срочно?")
    await author.press("Срочно", sees="Проверьте заявку")


def requests_in(path: Path) -> tuple[int, int]:
    """Count the requests in a SQLite file, and their descriptions without repetition."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*), count(DISTINCT description) FROM requests").fetchone()  # type: ignore[no-any-return]


async def filed(path: Path, count: int) -> bool:
    """Tell whether so many requests are there."""
    return requests_in(path)[0] >= count


def assert_card(card: Seen, *words: str) -> None:
    assert [each for each in words if each not in card.text] == []


def assert_nothing_private(log: str) -> None:
    """At DEBUG every line is one JSON event that shows no words of people, no names and no token."""
    events = [json.loads(line) for line in log.splitlines()]
    assert {event["event"] for event in events} >= {"stopping"}
    for secret in (TOKEN.partition(":")[2], "Течёт", "Корпус", "Сейчас буду", "лампа", "Анна", "Сергей", "Иванов"):
        assert secret not in log
