"""The stage of a run: a stand, a bot that is killed and comes back, people, and the verdict at the end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bot.emulator.client import EmulatorClient
from storage.database.runner import open_runner
from tests.chaos.chats import Chats
from tests.chaos.people import DESPAIR, PATIENCE, Author, Manager, StuckError
from tests.chaos.verdict import Evidence, Verdict, judge, read_calls
from tests.conversation import MANAGER_ID, SECOND_MANAGER_ID, shipped_flows
from tests.processes import TOKEN, is_everything_delivered, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.database.transaction import Transaction
    from tests.chaos.processes import Nursery, Victim

FIRST_AUTHOR = 1101
WAITING = """
SELECT (SELECT count(*) FROM outbox WHERE state = 'pending')
     + (SELECT count(*) FROM conversations WHERE screen_rev > sent_rev)
"""


@dataclass
class Stage:
    """A stand with people on it, and the bot's database."""

    nursery: Nursery
    folder: Path
    database_url: str
    authors: list[Author] = field(default_factory=list)
    managers: list[Manager] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    """When a process or the database was killed, in seconds since the epoch."""

    async def __aenter__(self) -> Self:
        self._open = AsyncExitStack()
        stand = await self.nursery.bear("stand", "--port", "0")
        self._open.callback(stand.kill)
        self.client = await self._open.enter_async_context(EmulatorClient(await stand.says(r"http://\S+")))
        self.chats = await self._open.enter_async_context(Chats(self.client))
        self.runner = open_runner(self.database_url)
        self._open.push_async_callback(self.runner.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def bear_bot(self, boundary: str = "", passes: int = 0, **more: str) -> Victim:
        """Start a bot; with a boundary it kills itself there."""
        settings = {
            "BOT_API_URL": self.client.url,
            "BOT_TOKEN": TOKEN,
            "DATABASE_URL": self.database_url,
            "ADMIN_IDS": f"{MANAGER_ID},{SECOND_MANAGER_ID}",
            "HTTP_PORT": "0",
        }
        bot = await self.nursery.bear("bot", "run", boundary=boundary, passes=passes, **(settings | more))
        self._open.callback(bot.kill)
        return bot

    async def bury(self, bot: Victim) -> None:
        """Kill a bot unless it has died already, and remember when."""
        bot.kill()
        await bot.died.wait()
        self.cuts.append(bot.died_at)

    async def let_in(self, authors: int, patience: float = PATIENCE) -> None:
        """Let two managers in, who have started the bot, and so many authors."""
        for number, person_id in enumerate((MANAGER_ID, SECOND_MANAGER_ID), 1):
            remote = await self.client.person(person_id, "Завхоз", f"{number}-й")
            self.managers.append(Manager(remote, self.chats.of(person_id), patience))
        await asyncio.gather(*(manager.reaches_the_menu() for manager in self.managers))
        for number in range(authors):
            person_id = FIRST_AUTHOR + number
            remote = await self.client.person(person_id, "Автор", f"{number + 1}-й")
            self.authors.append(Author(remote, self.chats.of(person_id), patience))

    async def hears(self, url: str, status: int) -> None:
        """Wait until this is how an address answers. Raises TimeoutError when it never does."""

        async def heard() -> bool:
            async with self.client.session.get(url) as response:
                return response.status == status

        await until(heard)

    def at_work(self, goes_on: Callable[[], bool]) -> asyncio.Future[list[BaseException | None]]:
        """Let everybody work until `goes_on` is false and their last request is filed."""
        workers = [person.work(goes_on) for person in (*self.authors, *self.managers)]
        return asyncio.gather(*workers, return_exceptions=True)

    async def verdict(self, working: asyncio.Future[list[BaseException | None]]) -> Verdict:
        """Let people finish, wait until all is delivered, and judge. A bot must run, one without a boundary."""
        verdict = Verdict()
        menus = [person.reaches_the_menu() for person in (*self.authors, *self.managers)]
        for result in (*await working, *await asyncio.gather(*menus, return_exceptions=True)):
            if isinstance(result, StuckError):
                verdict.violations.append(f"stuck: {result}")
            elif result is not None:
                raise result
        if not await self._is_delivered():
            verdict.violations.append("stuck: not everything was delivered")
        verdict += await self._judged()
        if verdict.violations:
            await self._keep_transcripts()
        return verdict

    async def _is_delivered(self) -> bool:
        """Wait until everything is delivered; False when nothing has been sent for a long time and something waits."""
        before = -1
        # Not by the stand's journal: while it is read, which takes long, the stand answers nobody.
        while (waiting := await self.runner.run(_waiting)) != before:
            before = waiting
            with suppress(TimeoutError):
                return await until(lambda: self.runner.run(is_everything_delivered), DESPAIR)
        return False

    async def _keep_transcripts(self) -> None:
        """Write down what everybody saw, for whoever wants to know how it came to that."""
        people = (*self.authors, *self.managers)
        told = [f"### {person.id}\n{await person.remote.transcript()}" for person in people]
        await asyncio.to_thread((self.folder / "transcripts.txt").write_text, "\n\n".join(told), "utf-8")

    async def _judged(self) -> Verdict:
        calls = read_calls(await self.client.journal())
        evidence = Evidence(self.authors, self.managers, calls, sorted(self.cuts), shipped_flows())
        return await self.runner.run(lambda tx: judge(tx, evidence))


def _waiting(tx: Transaction) -> int:
    return int(tx.connection.exec_driver_sql(WAITING).scalar_one())
