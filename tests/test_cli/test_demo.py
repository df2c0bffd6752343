"""`zavhoz run` without a token: the bot on its local chat page, as a process."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING
from urllib.request import urlopen

from bot.emulator.client import EmulatorClient
from bot.emulator.pictures import make_picture
from tests.processes import PATIENCE, Process

if TYPE_CHECKING:
    from pathlib import Path

    from bot.emulator.client import RemotePerson

SETTINGS = {"HTTP_PORT": "0", "DATABASE_URL": "sqlite:///zavhoz.db", "LOG_FORMAT": "console"}
STOPS_WITHIN = 10.0
ADDRESS = r"http://127\.0\.0\.1:\d+"


async def test_without_a_token_two_people_talk_on_a_local_page_that_remembers_them(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    with Process(tmp_path / "first", folder, "bot", "run", cold=True, **SETTINGS) as demo:
        url = await demo.says(ADDRESS)
        with urlopen(url) as page:  # noqa: S310, ASYNC210 - our own process; nothing else is to be done meanwhile
            assert (page.status, page.headers.get_content_type()) == (200, "text/html")
        async with EmulatorClient(url) as stand:
            anna, sergey = await people(stand)
            await sergey.say("/start")
            await sergey.sees("Вы — завхоз", PATIENCE)
            await report(anna)
            await sergey.press("🔧 Взять", PATIENCE)
            await anna.sees("Исполнитель: Сергей Иванов", PATIENCE)
            await anna.sees("🔧 в работе", PATIENCE)
            seen = await texts(anna)
            with urlopen(f"{url}/readyz") as answer:  # noqa: S310, ASYNC210 - the same
                assert json.load(answer)["ready"]
        assert_stopped(demo, *await demo.stop(signal.SIGINT))
    assert {path.name.partition(".")[0] for path in folder.iterdir()} == {"zavhoz-demo"}

    with Process(tmp_path / "second", folder, "bot", "run", **SETTINGS) as demo:
        async with EmulatorClient(await demo.says(ADDRESS)) as stand:
            anna, sergey = await people(stand)
            assert await texts(anna) == seen
            await sergey.press("✅ Выполнено", PATIENCE)
            await sergey.press("Без фото", PATIENCE)
            await anna.sees("✅ выполнена", PATIENCE)
        assert_stopped(demo, *await demo.stop(signal.SIGTERM))


def assert_stopped(demo: Process, code: int, seconds: float) -> None:
    """In time, and with nothing to complain of before."""
    assert code == 0
    assert seconds < STOPS_WITHIN
    logged = [line.split()[2:5] for line in demo.err.splitlines()]
    assert {level for level, *_ in logged} == {"[info"}
    assert (logged[0][2], logged[-1][2]) == ("started", "stopping")


async def people(stand: EmulatorClient) -> tuple[RemotePerson, RemotePerson]:
    """The two who stand on the page from the start."""
    known = {person["name"]: person["id"] for person in (await stand.ask("state"))["people"]}
    anna = await stand.person(known["Анна Петрова"], "Анна", "Петрова")
    return anna, await stand.person(known["Сергей Иванов"], "Сергей", "Иванов")


async def report(anna: RemotePerson) -> None:
    """File a request, the short way."""
    await anna.say("/start")
    await anna.sees("Здравствуйте, Анна!", PATIENCE)
    await anna.send_photo(make_picture(1, 320, 240), "Течёт кран")
    await anna.sees("Где это?", PATIENCE)
    await anna.say("Кабинет 214")
    await anna.sees("К чему это относится?", PATIENCE)
    await anna.press("Сантехника", PATIENCE)
    await anna.press("Срочно", PATIENCE)
    await anna.press("Отправить", PATIENCE)


async def texts(person: RemotePerson) -> list[str]:
    return [message.text for message in await person.messages()]
