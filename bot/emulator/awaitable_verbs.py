"""The verbs of `Person` as coroutine functions, for those who act as a person but not by a plain call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.emulator.people import VERBS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.emulator.verbs import Verb


class AwaitableVerbs(ABC):
    """Has every verb of `Person`, with the same arguments: `await anna.say("/new")`, `await anna.send_sticker()`.

    What a subclass does with a verb is its `act`: call it over HTTP, or call it and wait for the bot's answer.
    """

    @abstractmethod
    async def act(self, verb: Verb, *arguments: Any, **named: Any) -> Any:
        """Carry a verb out."""

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        if name not in VERBS:
            raise AttributeError(f"{type(self).__name__} has no attribute and a person no verb {name!r}")
        return partial(self.act, VERBS[name])
