"""Failures that a test orders beforehand: the network's and Telegram's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.emulator.errors import ApiError, bad_request, forbidden, too_many

FaultKind = Literal["429", "500", "400", "403", "drop_before", "drop_after", "slow"]
"""`drop_before`: the connection breaks and nothing happens. `drop_after`: the call takes effect, then the
connection breaks. `slow`: the call takes effect after `delay` seconds."""


@dataclass(slots=True)
class Fault:
    """One order; `hits` counts how often it struck, `times` how often it still will."""

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int = 1
    retry_after: int = 1
    delay: float = 1.0
    description: str = ""
    hits: int = 0

    def strikes(self, method: str, chat_id: int | str | None) -> bool:
        """Return whether it is to strike this call."""
        fits = self.method in (None, method) and self.chat_id in (None, chat_id)
        return fits and self.hits < self.times and (self.method is not None or method != "getUpdates")

    def error(self) -> ApiError | None:
        """The error that Telegram answers with, None for a fault of the network."""
        if self.kind == "429":
            return too_many(self.retry_after)
        if self.kind == "400":
            return bad_request(self.description or "something is wrong")
        if self.kind == "403":
            return forbidden(self.description or "bot was blocked by the user")
        return ApiError(500) if self.kind == "500" else None


class Faults:
    """All orders; the oldest that fits a call strikes it."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def add(
        self,
        kind: FaultKind,
        method: str | None = None,
        chat_id: int | None = None,
        *,
        times: int = 1,
        retry_after: int = 1,
        delay: float = 1.0,
        description: str = "",
    ) -> Fault:
        """Order a fault for the next `times` calls of a method to a chat; None means any.

        Without a method `getUpdates` is spared. Seconds for `retry_after` and `delay`.
        """
        fault = Fault(kind, method, chat_id, times, retry_after, delay, description)
        self.orders.append(fault)
        return fault

    def take(self, method: str, chat_id: int | str | None) -> Fault | None:
        """The fault that strikes this call, if any."""
        for fault in self.orders:
            if fault.strikes(method, chat_id):
                fault.hits += 1
                return fault
        return None

    def clear(self) -> None:
        """Forget every order."""
        self.orders.clear()
