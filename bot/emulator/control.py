"""What people do, as JSON commands: for the chat page, and for tests in another process.

Each command is a model of its body; `run` does it and returns JSON values. Contents of files are base64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, validate_call

from bot.emulator import control_json
from bot.emulator.message_views import view

if TYPE_CHECKING:
    from bot.emulator.chat_views import ChatView, Group
    from bot.emulator.message_views import MessageView
    from bot.emulator.people import Person
    from bot.emulator.telegram import Emulator


class Command(BaseModel, ABC):
    """One thing to do."""

    model_config = ConfigDict(extra="forbid")

    def run(self, emulator: Emulator) -> Any:
        """Do it; raises `LookupError`, `ValueError` or `RuntimeError` where that is impossible."""
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


class Act(Command):
    """Something that a person does, in a group when one is named."""

    person: int
    group: int | None = None

    def who(self, emulator: Emulator) -> Person:
        """The person; raises `LookupError` for an unknown one."""
        if self.person not in emulator.people:
            raise LookupError(f"there is no person {self.person}")
        return emulator.people[self.person]

    def where(self, emulator: Emulator) -> Group | None:
        """The group; raises `LookupError` for an unknown one."""
        if self.group is not None and self.group not in emulator.groups:
            raise LookupError(f"there is no group {self.group}")
        return None if self.group is None else emulator.groups[self.group]

    def message(self, emulator: Emulator, message_id: int) -> MessageView:
        """A message as it stands now; raises `LookupError` when it is gone."""
        place: ChatView = self.where(emulator) or self.who(emulator)
        found = place.chat.messages.get(message_id)
        if found is None:
            raise LookupError(f"there is no message {message_id}")
        return view(found)


class Say(Act):
    """Send words."""

    text: str
    reply_to: int | None = None

    def _run(self, emulator: Emulator) -> Any:
        return _sent(self.who(emulator).say(self.text, self.reply_to, group=self.where(emulator)))


class SendPhoto(Act):
    """Send a photo: its bytes, or a size in bytes for a made-up one."""

    content: Base64Bytes | None = None
    size: int | None = None
    caption: str = ""
    reply_to: int | None = None

    def _run(self, emulator: Emulator) -> Any:
        picture = self.content or self.size
        person, group = self.who(emulator), self.where(emulator)
        return _sent(person.send_photo(picture, self.caption, self.reply_to, group=group))


class SendDocument(Act):
    """Send a file."""

    name: str
    content: Base64Bytes | None = None
    size: int | None = None
    caption: str = ""
    reply_to: int | None = None

    def _run(self, emulator: Emulator) -> Any:
        content = self.content if self.content is not None else self.size or 0
        person, group = self.who(emulator), self.where(emulator)
        return _sent(person.send_document(self.name, content, self.caption, self.reply_to, group=group))


class Piece(BaseModel):
    """One of an album: a document when it has a name, else a photo, made up when it has no content."""

    name: str | None = None
    content: Base64Bytes | None = None


class SendAlbum(Act):
    """Send 2 to 10 photos, or documents, as one album."""

    items: list[Piece]
    caption: str = ""
    caption_on: int = 0

    def _run(self, emulator: Emulator) -> Any:
        items = [(item.name, item.content or b"") if item.name else item.content for item in self.items]
        person, group = self.who(emulator), self.where(emulator)
        return [_sent(one) for one in person.send_album(items, self.caption, self.caption_on, group=group)]


class SendSticker(Act):
    """Send a sticker."""

    def _run(self, emulator: Emulator) -> Any:
        return _sent(self.who(emulator).send_sticker())


class SendVoice(Act):
    """Send a voice message."""

    def _run(self, emulator: Emulator) -> Any:
        return _sent(self.who(emulator).send_voice())


class Edit(Act):
    """Change the words of an own message."""

    message_id: int
    text: str

    def _run(self, emulator: Emulator) -> Any:
        message = self.message(emulator, self.message_id)
        return _sent(self.who(emulator).edit(message, self.text))


class PressButton(Act):
    """Press a button: by its words, on the newest message that has it or on one that is named.

    With `data` a made-up press on that message.
    """

    label: str = ""
    message_id: int | None = None
    data: str | None = None

    def _run(self, emulator: Emulator) -> Any:
        person = self.who(emulator)
        if self.message_id is None:
            return control_json.press(person.press(self.label, group=self.where(emulator)))
        message = self.message(emulator, self.message_id)
        if self.data is not None:
            return control_json.press(person.press_data(message, self.data))
        return control_json.press(person.press_on(message, self.label))


class OpenLink(Act):
    """Follow a link to the bot."""

    url: str

    def _run(self, emulator: Emulator) -> Any:
        return _sent(self.who(emulator).open(self.url))


class Block(Act):
    """Block the bot, or let it write again."""

    blocked: bool = True

    def _run(self, emulator: Emulator) -> Any:
        person = self.who(emulator)
        if self.blocked != person.chat.blocked:
            (person.block if self.blocked else person.unblock)()
        return {"blocked": self.blocked}


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


class OpenDoor(Command):
    """Say where a public address is served: the proxy in front of the bot, which several processes may stand behind."""

    public: str
    served: list[str]

    def _run(self, emulator: Emulator) -> Any:
        emulator.webhook.upstreams[self.public] = self.served
        emulator.webhook.deliver()
        return {"doors": len(emulator.webhook.upstreams)}


class Commands:
    """Every command by the name it has in its address, `/control/<name>`."""

    BY_NAME: ClassVar[dict[str, type[Command]]] = {
        "person": AddPerson,
        "group": AddGroup,
        "say": Say,
        "photo": SendPhoto,
        "document": SendDocument,
        "album": SendAlbum,
        "sticker": SendSticker,
        "voice": SendVoice,
        "edit": Edit,
        "press": PressButton,
        "open": OpenLink,
        "block": Block,
        "faults": OrderFault,
        "faults/clear": ClearFaults,
        "raw": PushRaw,
        "door": OpenDoor,
    }


def _sent(message: MessageView) -> dict[str, int]:
    return {"message_id": message.id}
