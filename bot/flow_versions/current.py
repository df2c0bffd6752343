"""The edition of the flows in force: what everything that handles, draws or sends takes its flows from."""

import asyncio

from bot.handlers.update_handler import UnitOfWork
from engine.compiled import CompiledFlows
from engine.running.context import Trace
from engine.running.engine import Engine


class Editions:
    """Holds the newest edition; an older one lives on in the units of work that began with it.

    `is_newest` says whether the flows that were read last were adopted. Whoever begins a unit of work reads `unit` or
    `engine` once, and keeps to it until the unit's last line: between any two lines another may be adopted.
    """

    def __init__(self, flows: CompiledFlows, bot_id: int, owner_ids: frozenset[int], trace: Trace = None) -> None:
        self._bot_id = bot_id
        self._owner_ids = owner_ids
        self._trace = trace
        self._turn = asyncio.Event()
        self.adopt(flows)

    def adopt(self, flows: CompiledFlows) -> None:
        """Let every unit of work that begins from now on see `flows`."""
        self.is_newest = True
        self._unit = UnitOfWork(Engine(flows, self._trace), self._bot_id, self._owner_ids)
        self._turn.set()
        self._turn = asyncio.Event()

    def refuse(self) -> None:
        """Note that newer flows were read and are not used."""
        self.is_newest = False

    async def after(self, flows: CompiledFlows) -> CompiledFlows:
        """Wait until others than `flows` are in force, and return them."""
        while self.flows is flows:
            await self._turn.wait()
        return self.flows

    @property
    def unit(self) -> UnitOfWork:
        """What handles an update."""
        return self._unit

    @property
    def engine(self) -> Engine:
        """What draws and decides."""
        return self._unit.engine

    @property
    def flows(self) -> CompiledFlows:
        """The compiled flows themselves."""
        return self._unit.engine.flows
