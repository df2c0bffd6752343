"""The chat page moves the clock, gives roles, cuts the network and repeats updates of the bot behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import build_app, running
from bot.emulator.demo import Demo
from bot.emulator.shifted_clock import ShiftedClock
from bot.scenarios.workbench import Workbench
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.emulator.people import Person
    from engine.compiled import CompiledFlows

TEACHER, MANAGER = 1001, 2001


@dataclass
class Page:
    """What the page asks of the bot, and the people on it."""

    demo: Demo
    session: aiohttp.ClientSession
    url: str

    async def post(self, command: str, **body: Any) -> Any:
        """Give a command; return what is answered."""
        async with self.session.post(f"{self.url}/bench/{command}", json=body) as response:
            return await response.json()

    async def state(self) -> Any:
        """Return the state that the page shows."""
        async with self.session.get(f"{self.url}/bench") as response:
            return await response.json()

    def person(self, identifier: int) -> Person:
        """Return one of the people on the page."""
        return self.demo.emulator.people[identifier]

    async def sees(self, identifier: int, words: str, times: int = 1) -> None:
        """Wait until the bot has said these words to somebody so often."""

        def seen() -> bool:
            messages = self.person(identifier).messages
            return sum(each.by_bot and words in each.text for each in messages) >= times

        await eventually(seen)


@pytest_asyncio.fixture
async def page(flows: CompiledFlows, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Page]:
    demo = Demo(tmp_path / "demo")
    app = build_app(
        flows,
        token=demo.emulator.token,
        database_url=sqlite_url,
        owners=demo.managers,
        session=demo.session,
        clock=demo.clock.moment,
        durable=False,
    )
    bench = Workbench(app, demo.emulator, demo.clock, demo.managers)
    url = await demo.open("127.0.0.1", 0, bench.routes)
    async with running(app), aiohttp.ClientSession() as session:
        yield Page(demo, session, url)
    await demo.close()


async def test_the_clock_is_moved_and_what_is_due_happens(page: Page) -> None:
    anna = page.person(TEACHER)
    anna.say("/new")
    await page.sees(TEACHER, "Новая заявка")
    anna.say("Течёт кран")
    await page.sees(TEACHER, "Где это?")
    before = (await page.state())["now"]
    assert (await page.post("clock", seconds=3600))["now"] - before >= 3600
    await page.post("clock")
    await page.sees(TEACHER, "Вы начали заявку и не отправили её.")
    assert 86400 < (await page.state())["now"] - before < 90000


async def test_where_nothing_is_due_it_is_said(page: Page) -> None:
    assert await page.post("clock") == {"error": "Ни одного напоминания и срока впереди нет."}


async def test_a_role_is_given_to_who_has_come(page: Page) -> None:
    assert (await page.post("role", person=TEACHER, role="crew"))["error"].startswith("Сначала пусть")
    page.person(TEACHER).say("/start")
    await page.sees(TEACHER, "Вы — сотрудник")
    assert (await page.post("role", person=TEACHER, role="crew"))["people"] == {str(TEACHER): "crew"}
    page.person(TEACHER).say("/menu")
    await page.sees(TEACHER, "Вы — мастер")


async def test_a_manager_by_the_settings_stays_one(page: Page) -> None:
    page.person(MANAGER).say("/start")
    await page.sees(MANAGER, "Вы — завхоз")
    assert "назначен в настройках" in (await page.post("role", person=MANAGER, role="staff"))["error"]
    assert (await page.state())["owners"] == [MANAGER]


async def test_the_network_of_a_chat_is_cut_and_mended(page: Page) -> None:
    assert (await page.post("network", person=TEACHER, cut=True))["cut"] == [TEACHER]
    page.person(TEACHER).say("/start")
    page.person(MANAGER).say("/start")
    await page.sees(MANAGER, "Вы — завхоз")
    assert not any(each.by_bot for each in page.person(TEACHER).messages)
    assert (await page.post("network", person=TEACHER, cut=False))["cut"] == []
    page.person(TEACHER).say("/menu")
    await page.sees(TEACHER, "Вы — сотрудник")


async def test_the_last_update_is_brought_once_more_and_changes_nothing(page: Page) -> None:
    assert "ничего не приходило" in (await page.post("again"))["error"]
    page.person(TEACHER).say("/start")
    await page.sees(TEACHER, "Вы — сотрудник")
    assert "now" in await page.post("again")
    page.person(MANAGER).say("/start")
    await page.sees(MANAGER, "Вы — завхоз")
    assert sum(each.by_bot for each in page.person(TEACHER).messages) == 1


@pytest.mark.parametrize(
    ("command", "body"),
    [("clock", {"seconds": -5}), ("clock", {"seconds": 1e9}), ("role", {"person": TEACHER, "role": "king"})],
)
async def test_what_makes_no_sense_is_refused(page: Page, command: str, body: dict[str, Any]) -> None:
    async with page.session.post(f"{page.url}/bench/{command}", json=body) as response:
        assert response.status == 400


async def test_other_sites_cannot_command(page: Page) -> None:
    async with page.session.post(f"{page.url}/bench/again", data="{}") as response:
        assert response.status == 415


def test_time_does_not_run_back_at_a_restart(tmp_path: Path) -> None:
    clock = ShiftedClock(tmp_path / "demo" / "clock")
    clock.advance(86400)
    assert ShiftedClock(tmp_path / "demo" / "clock").seconds() - clock.seconds() < 5
    (tmp_path / "demo" / "clock").write_text("soon")
    assert clock.seconds() - ShiftedClock(tmp_path / "demo" / "clock").seconds() > 86000
    with pytest.raises(ValueError, match="time moves forward"):
        clock.advance(-1)
