"""The control API: what people do, and what a test arranges, as JSON commands.

It is for the chat page and for tests in another process. A command is the JSON body of `POST /control/<name>`. The
verbs of people come from `people`, each with the id of the `person` beside its own arguments; the emulator's own
commands are below. Contents of files are base64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, validate_call

from bot.emulator import control_json
from bot.emulator.people import VERBS

if TYPE_CHECKING:
    from bot.emulator.telegram import Emulator
    from bot.emulator.verbs import Verb


class Command(BaseModel, ABC):
    """A command to the emulator itself."""

    model_config = ConfigDict(extra="forbid")

    def run(self, emulator: Emulator) -> Any:
        """Run it and return JSON values; raises `LookupError` or `ValueError` where it cannot be done."""
        return self._run(emulator)

    @abstractmethod
    def _run(self, emulator: Emulator) -> Any: ...


class AddPerson(Command):
    """Register a person, unless there is one with this id."""

    id: int
    first_name: str = Field(min_length=1, max_length=64)
    last_name: str = Field(default="", max_length=64)
    username: str | None = None
    about: str = Field(default="", max_length=64)

    def _run(self, emulator: Emulator) -> Any:
        if self.id not in emulator.people:
            emulator.person(self.id, self.first_name, self.last_name, self.username, self.about)
        return {"id": self.id}


class AddGroup(Command):
    """Register a group with the bot and these people in it."""

    id: int
    title: str
    members: list[int]
    topics: list[int] = []

    def _run(self, emulator: Emulator) -> Any:
        members = [emulator.people[member] for member in self.members]
        return {"id": emulator.group(self.id, self.title, members, tuple(self.topics)).id}


class OrderFault(Command):
    """Order a fault: the parameters of `faults.Faults.add`."""

    model_config = ConfigDict(extra="allow")

    def _run(self, emulator: Emulator) -> Any:
        validate_call(emulator.faults.add)(**(self.model_extra or {}))
        return {"ordered": len(emulator.faults.orders)}


class ClearFaults(Command):
    """Forget every ordered fault."""

    def _run(self, emulator: Emulator) -> Any:
        emulator.faults.clear()
        return {"ordered": 0}


class PushRaw(Command):
    """Queue any JSON object as an update."""

    update: dict[str, Any]

    def _run(self, emulator: Emulator) -> Any:
        return {"update_id": emulator.push_raw(self.update)}


class SetUpstreams(Command):
    """Say who serves a public address, in rotation: the reverse proxy in front of one bot process or several."""

    public: str
    served: list[str]

    def _run(self, emulator: Emulator) -> Any:
        emulator.webhook.upstreams[self.public] = self.served
        emulator.webhook.deliver()
        return {"doors": len(emulator.webhook.upstreams)}


_VERBS = {verb.path: verb for verb in VERBS.values() if verb.path}
_COMMANDS: dict[str, type[Command]] = {
    "person": AddPerson,
    "group": AddGroup,
    "faults": OrderFault,
    "faults/clear": ClearFaults,
    "raw": PushRaw,
    "door": SetUpstreams,
}
NAMES = frozenset({*_VERBS, *_COMMANDS})
"""The name of every command, as it is in its address."""


class _Actor(BaseModel):
    """Who acts; the rest of the body is the verb's."""

    model_config = ConfigDict(extra="allow")

    person: int


def run(emulator: Emulator, name: str, body: bytes) -> Any:
    """Run a command and return JSON values.

    Raises `KeyError` for an unknown name, `ValidationError` for a wrong body, and `LookupError`, `ValueError` or
    `RuntimeError` where it cannot be done.
    """
    if name in _VERBS:
        return _act(emulator, _VERBS[name], body)
    return _COMMANDS[name].model_validate_json(body).run(emulator)


def _act(emulator: Emulator, verb: Verb, body: bytes) -> Any:
    actor = _Actor.model_validate_json(body)
    arguments = verb.from_json(actor.model_extra)
    if actor.person not in emulator.people:
        raise LookupError(f"there is no person {actor.person}")
    return control_json.result(verb.method(emulator.people[actor.person], **arguments))
