"""People who act from another process: a client of the control API, for process tests.

async with EmulatorClient(url) as emulator:
    anna = await emulator.person(1001, "Анна", "Петрова")
    await anna.say("/start")
    await anna.press("Новая заявка")
    await anna.sees("Что сломалось?")
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from aiohttp import ClientSession

from bot.emulator.awaitable_verbs import AwaitableVerbs
from bot.emulator.people import VERBS

if TYPE_CHECKING:
    from bot.emulator.verbs import Verb

PATIENCE = 10.0
"""Seconds to wait for what is expected."""

_PAUSE = 0.05


class EmulatorError(Exception):
    """The emulator could not do what it was asked to; the message is its answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a person sees it now."""

    id: int
    by_bot: bool
    kind: str
    text: str
    html: str
    rows: tuple[tuple[str, ...], ...]
    edited: bool
    album: str | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts of all buttons."""
        return tuple(label for row in self.rows for label in row)


class EmulatorClient:
    """A client of the emulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.session = ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def do(self, command: str, **body: Any) -> Any:
        """Run a control command; raises `EmulatorError` in the emulator's words."""
        given = {name: value for name, value in body.items() if value is not None}
        async with self.session.post(f"{self.url}/control/{command}", json=given) as response:
            result = await response.json()
            if response.status != 200:
                raise EmulatorError(result["error"])
            return result

    async def ask(self, what: str, **query: Any) -> Any:
        """Read something; raises `EmulatorError`."""
        async with self.session.get(f"{self.url}/control/{what}", params=query) as response:
            if response.status != 200:
                raise EmulatorError(await response.text())
            return await (response.json() if "json" in response.content_type else response.text())

    async def person(self, id: int, first_name: str, last_name: str = "") -> RemotePerson:  # noqa: A002 -- Telegram's word
        """A person, registered when the id is new."""
        await self.do("person", id=id, first_name=first_name, last_name=last_name)
        return RemotePerson(self, id)

    async def journal(self, *methods: str) -> list[dict[str, Any]]:
        """The bot's calls of these methods, of all but `getUpdates` when none is named."""
        query = "&".join(f"method={method}" for method in methods)
        return list(await self.ask(f"journal?{query}"))


class RemotePerson(AwaitableVerbs):
    """A person of the emulator, with every verb that the control API has.

    Where `Person` returns a message, the message's id comes; where a press, the press as JSON.
    """

    def __init__(self, emulator: EmulatorClient, id: int) -> None:  # noqa: A002 -- Telegram's word
        self.emulator = emulator
        self.id = id

    async def act(self, verb: Verb, *arguments: Any, **named: Any) -> Any:
        """Carry a verb out over HTTP; raises `EmulatorError`, and `TypeError` for wrong arguments."""
        if verb.path is None:
            raise TypeError(f"`{verb.name}` is a short form of another verb, and only for callers in one process")
        return _result(await self.emulator.do(verb.path, person=self.id, **verb.to_json(*arguments, **named)))

    async def messages(self) -> list[Seen]:
        """The private chat as it stands now."""
        chat = await self.emulator.ask("messages", person=self.id)
        return [_seen(message) for message in chat["messages"]]

    async def transcript(self) -> str:
        """What happened in the private chat, see `transcript.Transcript`."""
        return str(await self.emulator.ask("transcript", person=self.id))

    async def press(self, label: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Press a button as soon as there is one; return the press once the bot has answered it.

        Raises `EmulatorError` when no such button, `TimeoutError` when no answer comes in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                press = await self.act(VERBS["press"], label)
                break
            except EmulatorError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_PAUSE)
        while press["id"] and not press["answered"]:
            await _wait(deadline, f"no answer to «{label}»")
            press = await self.emulator.ask(f"press/{press['id']}")
        return dict(press)

    async def sees(self, words: str, seconds: float = PATIENCE) -> Seen:
        """The bot's newest message with these words in it; raises `TimeoutError` when none comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            messages = await self.messages()
            for message in reversed(messages):
                if message.by_bot and words in message.text:
                    return message
            seen = "\n".join(message.text for message in messages[-3:])
            await _wait(deadline, f"no «{words}»; the last messages are:\n{seen}")


async def _wait(deadline: float, failure: str) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError(failure)
    await asyncio.sleep(_PAUSE)


def _result(source: Any) -> Any:
    if isinstance(source, list):
        return [_result(one) for one in source]
    return source.get("message_id", source)


def _seen(source: dict[str, Any]) -> Seen:
    rows = tuple(tuple(str(button["text"]) for button in row) for row in source["rows"])
    names = ("id", "by_bot", "kind", "text", "html", "edited", "album")
    return Seen(rows=rows, **{name: source[name] for name in names})
