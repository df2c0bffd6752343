"""What can be done to the bot on its local chat page, besides talking to it: time, roles, a network that fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from storage.dialogs import timers
from storage.models.constants import Role
from storage.records import users

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import App
    from bot.emulator.shifted_clock import ShiftedClock
    from bot.emulator.telegram import Emulator

ENDLESS = 1_000_000
"""Calls that fail while a network is cut: more than anybody makes."""
ROLE_NAMES = {Role.STAFF: "сотрудник", Role.CREW: "мастер", Role.MANAGER: "завхоз", Role.VIEWER: "руководитель"}


class _Move(BaseModel):
    """Seconds to move the clock by; without them, to the next timer."""

    seconds: Annotated[float, Field(ge=0, le=366 * 86400)] | None = None


class _Appointment(BaseModel):
    person: int
    role: Role


class _Nothing(BaseModel):
    pass


class _Network(BaseModel):
    person: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Workbench:
    """Commands of the page about the bot behind it; `owners` are managers for good."""

    app: App
    emulator: Emulator
    clock: ShiftedClock
    owners: frozenset[int]

    @property
    def routes(self) -> list[web.RouteDef]:
        """What is to be served over HTTP."""
        return [
            web.get("/bench", self._state),
            web.post("/bench/clock", self._command(_Move, self._move)),
            web.post("/bench/role", self._command(_Appointment, self._appoint)),
            web.post("/bench/network", self._command(_Network, self._cut)),
            web.post("/bench/again", self._command(_Nothing, self._redeliver)),
        ]

    async def _state(self, _request: web.Request) -> web.Response:
        found = await self.app.runner.run(lambda tx: users.roles(tx, [*self.emulator.people]))
        return web.json_response(
            {
                "now": self.clock.seconds(),
                "roles": [{"name": role.value, "label": label} for role, label in ROLE_NAMES.items()],
                "people": {str(person): role for person, role in found.items()},
                "owners": sorted(self.owners & self.emulator.people.keys()),
                "cut": [fault.chat_id for fault in self.emulator.faults.orders if fault.times == ENDLESS],
            }
        )

    def _command(
        self, model: type[BaseModel], carry_out: Callable[[Any], Awaitable[None]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType
            try:
                await carry_out(model.model_validate_json(await request.read()))
            except ValidationError as error:
                return web.json_response({"error": str(error)}, status=400)
            except LookupError as error:
                return web.json_response({"error": str(error.args[0])}, status=400)
            return await self._state(request)

        return handle

    async def _move(self, move: _Move) -> None:
        """Move the clock, and let everything happen that is due by then."""
        seconds = move.seconds
        if seconds is None:
            due = await self.app.runner.run(lambda tx: timers.next_due_at(tx, self.app.bot.id))
            if due is None:
                raise LookupError("Ни одного напоминания и срока впереди нет.")
            seconds = max(0.0, due.timestamp() - self.clock.seconds()) + 1
        self.clock.advance(seconds)
        await self.app.timekeeper.flush()

    async def _appoint(self, wanted: _Appointment) -> None:
        if wanted.person in self.owners:
            raise LookupError("Этот завхоз назначен в настройках: его роль здесь не меняется.")
        if not await self.app.runner.run(lambda tx: users.set_role(tx, wanted.person, wanted.role)):
            raise LookupError("Сначала пусть этот человек напишет боту: /start.")

    async def _cut(self, network: _Network) -> None:
        orders = self.emulator.faults.orders
        orders[:] = [each for each in orders if (each.chat_id, each.times) != (network.person, ENDLESS)]
        if network.cut:
            self.emulator.faults.add("drop_before", chat_id=network.person, times=ENDLESS)

    async def _redeliver(self, _: _Nothing) -> None:
        if self.emulator.updates.newest is None:
            raise LookupError("Боту ещё ничего не приходило.")
        await self.app.poller.handle([self.emulator.updates.newest])
