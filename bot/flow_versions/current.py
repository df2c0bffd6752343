"""The active version of the flows: what everything that handles, draws or sends takes its flows from."""

import asyncio
from collections.abc import Callable

from bot.handlers.update_handler import UpdateHandler
from engine.compiled import CompiledFlows
from engine.running.context import Trace
from engine.running.engine import Engine
from storage.records.users import Person


class FlowVersions:
    """Holds the active version; an older one lives on in the units of work that began with it.

    `is_newest` says whether the flows that were read last were activated. A unit of work reads `handler` or `engine`
    once and uses it to the end: between any two lines another version may be activated. `role_of` is for
    `UpdateHandler`.
    """

    def __init__(
        self, flows: CompiledFlows, bot_id: int, role_of: Callable[[Person], str], trace: Trace = None
    ) -> None:
        self._bot_id = bot_id
        self._role_of = role_of
        self._trace = trace
        self._activated = asyncio.Event()
        self.activate(flows)

    def activate(self, flows: CompiledFlows) -> None:
        """Use `flows` in every unit of work that begins from now on."""
        self.is_newest = True
        self._handler = UpdateHandler(Engine(flows, self._trace), self._bot_id, self._role_of)
        self._activated.set()
        self._activated = asyncio.Event()

    def refuse(self) -> None:
        """Note that newer flows were read and not activated."""
        self.is_newest = False

    async def after(self, flows: CompiledFlows) -> CompiledFlows:
        """Wait until others than `flows` are active, and return them."""
        while self.flows is flows:
            await self._activated.wait()
        return self.flows

    @property
    def handler(self) -> UpdateHandler:
        """The handler of updates."""
        return self._handler

    @property
    def engine(self) -> Engine:
        """The engine."""
        return self._handler.engine

    @property
    def flows(self) -> CompiledFlows:
        """The compiled flows."""
        return self._handler.engine.flows
